// Whether a request wants a list or to watch it.
import type { IncomingHttpHeaders } from 'node:http';

export function wantsEvents(headers: IncomingHttpHeaders): boolean {
  return headers.accept?.split(',').some((type) => type.split(';', 1)[0]?.trim() === 'text/event-stream') ?? false;
}

/** A browser that reconnects sends the id of the last event; it is newer than what stands in the address. */
export function cursorOf(
  headers: IncomingHttpHeaders,
  query: { readonly resourceVersion?: string | undefined },
): string | undefined {
  const last = headers['last-event-id'];
  return typeof last === 'string' && last !== '' ? last : query.resourceVersion;
}
