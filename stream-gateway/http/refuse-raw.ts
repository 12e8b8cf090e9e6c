// What is refused before there is a response to answer with, such as an upgrade: problem+json as everywhere, then the
// connection is closed.
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { StreamSpaceError } from '../../schemas/errors.ts';
import { type ProblemContext, problemOf, retryAfterSeconds } from './problem.ts';
import { bareHeaders } from './security-headers.ts';

export function refuseRaw(socket: Duplex, error: StreamSpaceError, context: ProblemContext): void {
  if (socket.destroyed) return;
  const problem = problemOf(error, context);
  const body = JSON.stringify(problem);
  const retryAfter = retryAfterSeconds(error);
  const lines = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    ...Object.entries(bareHeaders(context.publicUrl)).map(([name, value]) => `${name}: ${value}`),
    'Connection: close',
    `X-Request-Id: ${context.requestId}`,
    ...(retryAfter === undefined ? [] : [`Retry-After: ${retryAfter}`]),
  ];
  socket.once('finish', () => socket.destroy());
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
