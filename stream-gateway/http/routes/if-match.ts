// `If-Match` as a resource version (RFC 9110, 13.1.1): a change meant for one state is refused in another.
import type { IncomingHttpHeaders } from 'node:http';
import { requestInvalid } from '../problem.ts';

/** `undefined` for a header that is missing or `*`. Kubernetes' versions are weakly quoted by some proxies. */
export function ifMatch(headers: IncomingHttpHeaders): string | undefined {
  const value = headers['if-match'];
  if (value === undefined || value === '*') return undefined;
  const match = /^(?:W\/)?"([^",]{1,64})"$/.exec(value.trim());
  if (match?.[1] === undefined) throw requestInvalid('If-Match must be one quoted resourceVersion');
  return match[1];
}

export function etag(resourceVersion: string | undefined): Readonly<Record<string, string>> {
  return resourceVersion === undefined ? {} : { ETag: `"${resourceVersion}"` };
}
