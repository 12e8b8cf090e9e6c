// A request to upgrade, on its way from the front process to a stream process. The connection itself travels beside it (the file
// descriptor, over the channel between the two); what has been read of it already travels in it.
import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { z } from 'zod';

export const handOver = z.object({
  type: z.literal('upgrade'),
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  /** Bytes after the request. A browser sends none before it is answered (RFC 6455, 4.1). */
  head: z.instanceof(Uint8Array),
  /** As the front process judged it, with the proxies that it trusts. */
  sourceAddress: z.string(),
});
export type HandOver = z.infer<typeof handOver>;

export function handOverOf(request: IncomingMessage, head: Buffer, sourceAddress: string): HandOver {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(request.headers)) if (value !== undefined) headers[name] = value;
  return {
    type: 'upgrade',
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers,
    head: Uint8Array.from(head),
    sourceAddress,
  };
}

const sources = new WeakMap<IncomingMessage, string>();

/** The request again, at the other end. */
export function requestOf({ method, url, headers, sourceAddress }: HandOver, socket: Socket): IncomingMessage {
  const request = new IncomingMessage(socket);
  sources.set(request, sourceAddress);
  request.method = method;
  request.url = url;
  request.headers = headers;
  return request;
}

/** Where a request comes from that was handed over. */
export function handedSourceOf(request: IncomingMessage): string {
  return sources.get(request) ?? '';
}

/**
 * Stops reading, so that what comes from here on is read at the other end and by nobody else: bytes that two processes share
 * between them would be a message with a hole.
 * @returns everything that was read already, `head` first
 */
export function stopReading(socket: Socket, head: Buffer): Buffer {
  const read: unknown = socket.read(); // first: it may begin to read again
  handleOf(socket)?.readStop();
  return Buffer.isBuffer(read) ? Buffer.concat([head, read]) : head;
}

/**
 * Node.js keeps count, over the channel, of the connections that a server has sent away, and `close` would wait for them. Theirs
 * is an end of their own, so the server forgets them here.
 */
export function leaveServer(socket: Socket): void {
  Reflect.set(socket, 'server', null);
}

interface ReadingHandle {
  readStop(): void;
}

/** No public call stops a socket that flows nowhere: `pause` only keeps what was read. */
function handleOf(socket: Socket): ReadingHandle | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  return isReadingHandle(handle) ? handle : undefined;
}

function isReadingHandle(value: unknown): value is ReadingHandle {
  return typeof value === 'object' && value !== null && 'readStop' in value && typeof value.readStop === 'function';
}
