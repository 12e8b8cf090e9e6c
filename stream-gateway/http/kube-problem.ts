// The API server's refusals in our codes and in words for people.
import type { KubeStatusError } from '../../runtime/kube/kube-status-error.ts';
import { type ErrorCode, StreamSpaceError } from '../../schemas/errors.ts';
import { USER_PREFIX } from '../../schemas/names.ts';

export function fromKubeStatus(error: KubeStatusError): StreamSpaceError {
  const as = (code: ErrorCode, message: string, facts: Readonly<Record<string, unknown>> = {}): StreamSpaceError =>
    new StreamSpaceError(code, message, {
      facts,
      cause: error,
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    });
  switch (error.statusCode) {
    case 400:
    case 422:
      return as('RequestInvalid', policyMessage(error.message) ?? error.message, {
        fields: error.causes.map((cause) => ({ path: cause.field, message: cause.message })),
      });
    case 403:
      return as('Forbidden', policyMessage(error.message) ?? missingRight(error.message) ?? 'the cluster refuses this');
    case 404:
      return as('NotFound', error.message);
    case 409:
      return error.reason === 'AlreadyExists'
        ? as('AlreadyExists', error.message)
        : as('ResourceVersionConflict', 'the object was changed in the meantime');
    case 410:
      return as('RequestInvalid', 'the cursor is too old; begin the list again');
    case 413:
      return as('ObjectTooLarge', error.message);
    case 429:
      return as('ClusterBusy', 'the API server asks for patience');
    case 503:
    case 504:
      return as('ClusterUnreachable', 'the API server does not answer');
    default:
      // Its message may hold addresses and certificates of the inside: the log has it as the cause.
      return as('ClusterRequestFailed', `the API server answered with status ${error.statusCode}`);
  }
}

/** What a ValidatingAdmissionPolicy says to the person, without the machinery around it. */
function policyMessage(message: string): string | undefined {
  return /ValidatingAdmissionPolicy .* denied request: (.+)$/s.exec(message)?.[1];
}

const FORBIDDEN =
  /User "([^"]+)" cannot (\S+) resource "([^"]+)"(?: in API group "[^"]*")?(?: in the namespace "([^"]+)"| at the cluster scope)?/;

/** `viewer may not create sessions in the namespace team-web`. */
function missingRight(message: string): string | undefined {
  const [, user, verb, resource, namespace] = FORBIDDEN.exec(message) ?? [];
  if (user === undefined) return undefined;
  const person = user.startsWith(USER_PREFIX) ? user.slice(USER_PREFIX.length) : user;
  return `${person} may not ${verb} ${resource} ${namespace === undefined ? 'in the whole cluster' : `in the namespace ${namespace}`}`;
}
