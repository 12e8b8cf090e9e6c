// docs/reference/errors.md: every code with what it means outside and what to do.
import type { ErrorEntry, RetryClass } from '../errors/entry.ts';
import { ERROR_SECTIONS, ERRORS, type ErrorCode } from '../errors.ts';
import { closeCodeOf, httpStatusOf } from '../http-status.ts';
import { code, table } from './markdown.ts';

const RETRY: Readonly<Record<RetryClass, string>> = {
  never: 'no',
  backoff: 'by itself, with backoff',
  after: 'after the named time',
};

const isCode = (text: string): text is ErrorCode => Object.hasOwn(ERRORS, text);
const codesIn = (errors: object): readonly ErrorCode[] => Object.keys(errors).filter(isCode);

function row(name: ErrorCode): readonly string[] {
  const entry: ErrorEntry = ERRORS[name];
  // An anchor of its own, so that a link to errors.md#Code stays right whatever the page looks like.
  return [
    `<a id="${name}"></a>${code(name)}`,
    entry.category,
    String(httpStatusOf(name)),
    String(closeCodeOf(name)),
    RETRY[entry.retry],
    entry.remedy,
  ];
}

export function errorsPage(): readonly string[] {
  return [
    '# Error codes',
    '',
    'The same word stands in conditions, events, HTTP answers, close frames of a stream, logs and metrics. Codes are added, never renamed.',
    ...ERROR_SECTIONS.flatMap(({ title, errors }) => [
      '',
      `## ${title}`,
      '',
      ...table(['code', 'category', 'HTTP', 'close', 'tried again', 'what to do'], codesIn(errors).map(row)),
    ]),
  ];
}
