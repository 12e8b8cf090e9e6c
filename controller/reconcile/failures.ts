// Between errors and the problems that a status lists.
import { formatPosition, StreamSpaceError } from '../../schemas/errors.ts';
import type { Problem } from '../validate/validate.ts';

/** The problems that an error carries, or the error itself as one. */
export function problemsIn(error: StreamSpaceError): readonly Problem[] {
  const { problems } = error.facts;
  if (Array.isArray(problems) && problems.length > 0) return problems as readonly Problem[];
  return [{ code: error.code, message: error.message, ...(error.position === undefined ? {} : { position: error.position }) }];
}

/** One error for several problems: the first, and how many there are. */
export function failureFrom(problems: readonly Problem[], code: Problem['code']): StreamSpaceError {
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return new StreamSpaceError(code, `${first?.message ?? code}${more}`, {
    facts: { problems },
    ...(first?.position === undefined ? {} : { position: first.position }),
  });
}

/** `main.ts:12: Template streamspace/a: ...` */
export function describeFailure(error: StreamSpaceError): string {
  return error.position === undefined ? error.message : `${formatPosition(error.position)}: ${error.message}`;
}
