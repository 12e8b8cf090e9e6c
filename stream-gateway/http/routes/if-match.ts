// `If-Match` as a resource version (RFC 9110, 13.1.1): a change meant for one state is refused in another.
import type { IncomingHttpHeaders } from 'node:http';
import { resourceVersion } from '../../../schemas/api/api.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { requestInvalid } from '../problem.ts';

/** `undefined` for a header that is missing or `*`. Kubernetes' versions are weakly quoted by some proxies. */
export function ifMatch(headers: IncomingHttpHeaders): string | undefined {
  const value = headers['if-match'];
  if (value === undefined || value === '*') return undefined;
  const match = /^(?:W\/)?"([^",]{1,64})"$/.exec(value.trim());
  if (match?.[1] === undefined) throw requestInvalid('If-Match must be one quoted resourceVersion');
  // No state of any object was ever called so: the condition is false, whatever the state is.
  if (!resourceVersion.safeParse(match[1]).success)
    throw new StreamSpaceError('ResourceVersionConflict', 'the object never had this version');
  return match[1];
}

export function etag(version: string | undefined): Readonly<Record<string, string>> {
  return version === undefined ? {} : { ETag: `"${version}"` };
}
