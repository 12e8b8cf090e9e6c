// What an answer of the API server means for one object. What concerns the whole cluster (no answer, too busy) is no verdict
// on the object: it goes up and the sync is tried again.
import { KubeStatusError } from '../../runtime/kube/kube-status-error.ts';
import { type ErrorCode, StreamSpaceError } from '../../schemas/errors.ts';
import type { FieldConflict } from '../plan/plan.ts';
import type { JsonObject } from '../render/yaml/json.ts';
import { withoutSecretValues } from './secret-values.ts';

export interface Refusal {
  readonly code: ErrorCode;
  /** Names the fields; carries no value of a Secret, as the API server's messages about fields may. */
  readonly message: string;
  readonly conflicts: readonly FieldConflict[];
}

/**
 * `undefined`: not about this object. Pure.
 * @param object what was sent: of a Secret no value that it holds may come back in a message (S-060)
 */
export function classifyRefusal(error: unknown, kind: string, object?: JsonObject): Refusal | undefined {
  const refusal = refusalIn(error, kind);
  if (refusal === undefined || object === undefined || kind !== 'Secret') return refusal;
  return { ...refusal, message: withoutSecretValues(refusal.message, object) };
}

function refusalIn(error: unknown, kind: string): Refusal | undefined {
  if (!(error instanceof KubeStatusError)) return undefined;
  const { statusCode, message } = error;
  const refusal = (code: ErrorCode, text = message): Refusal => ({ code, message: text.slice(0, 2000), conflicts: [] });
  if (/request is too large|entity too large|too large: limit/i.test(message) || statusCode === 413)
    return refusal('ObjectTooLarge');
  if (/denied (the |this )?request/.test(message)) return refusal('ApplyDenied');
  switch (statusCode) {
    case 400:
      return refusal('ApplyInvalid', withoutSecrets(message, kind));
    case 403:
      return refusal(
        /User ".*" cannot /.test(message)
          ? 'ApplyForbidden'
          : /namespace .* is being terminated/.test(message)
            ? 'NamespaceNotFound'
            : 'ApplyDenied',
      );
    case 404:
      return refusal(/^namespaces? ".*" not found/.test(message) ? 'NamespaceNotFound' : 'KindUnknown');
    case 409:
      return classifyConflict(error);
    case 422:
      return classifyInvalid(error, kind);
    default:
      return undefined;
  }
}

/** `undefined` for a conflict of versions, which another try settles. */
function classifyConflict(error: KubeStatusError): Refusal | undefined {
  const conflicts = error.causes
    .filter(({ reason }) => reason === 'FieldManagerConflict')
    .map(({ field, message }) => ({ field, manager: /conflict with "([^"]+)"/.exec(message)?.[1] ?? message }));
  if (conflicts.length === 0) return undefined;
  const list = conflicts.map(({ field, manager }) => `${field} (${manager})`).join(', ');
  return { code: 'ApplyConflict', message: `other field managers own ${list}`.slice(0, 2000), conflicts };
}

const IMMUTABLE =
  /immutable|may not be changed|Forbidden: updates to .* are forbidden|may not change|cannot (be changed|change roleRef)/i;

function classifyInvalid(error: KubeStatusError, kind: string): Refusal {
  const causes = error.causes.length === 0 ? [{ field: '', message: error.message, reason: '' }] : error.causes;
  const immutable = causes.filter(({ message, field }) => IMMUTABLE.test(message) || IMMUTABLE.test(`${field}: ${message}`));
  const list = (items: typeof causes): string =>
    withoutSecrets(items.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join('; '), kind).slice(
      0,
      2000,
    );
  // Only where nothing else is wrong: replacing an object must not be the answer to a plain mistake.
  if (immutable.length > 0 && immutable.length === causes.length)
    return { code: 'FieldImmutable', message: list(immutable), conflicts: [] };
  return { code: 'ApplyInvalid', message: list(causes), conflicts: [] };
}

/** The API server quotes values (`Invalid value: "..."`); of a Secret none may get into a status or log (S-060). */
function withoutSecrets(message: string, kind: string): string {
  return kind === 'Secret' ? message.replaceAll(/"(?:[^"\\]|\\.)*"/g, '"(hidden)"') : message;
}

/** What goes up instead of a refusal: our code where the API server's answer was none about the object. */
export function clusterError(error: unknown): unknown {
  if (!(error instanceof KubeStatusError)) return error;
  if (error.statusCode === 429 || error.statusCode === 503)
    return new StreamSpaceError('ClusterBusy', `the API server asks for patience: ${error.message}`, {
      retryAfterMs: error.retryAfterMs ?? 1000,
      cause: error,
    });
  return new StreamSpaceError('ClusterRequestFailed', error.message, { facts: { status: error.statusCode }, cause: error });
}
