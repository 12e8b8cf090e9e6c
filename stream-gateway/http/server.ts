// The HTTP server itself: listening, and ending without cutting what is being answered.
import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenAddress } from '../../runtime/config/settings.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { refuseRaw } from './refuse-raw.ts';

/** @param publicUrl for the problem that answers what is no request */
export function createHttpServer(handler: RequestListener, publicUrl: string): Server {
  const server = createServer(handler);
  // Node's own answer has no body, and no client could tell what was wrong.
  server.on('clientError', (error, socket) => {
    if (('code' in error && error.code === 'ECONNRESET') || isAnswering(socket)) socket.destroy();
    else refuseRaw(socket, unreadable(error), { requestId: randomUUID(), publicUrl });
  });
  // Longer than the 60 s of the usual proxy: whoever closes first must not be us, in the middle of its next request.
  server.keepAliveTimeout = 65_000;
  return server;
}

/** Whether an answer on this connection has begun, into which nothing may be written. Node looks at the same before its own. */
function isAnswering(socket: object): boolean {
  const response: unknown = Reflect.get(socket, '_httpMessage');
  return typeof response === 'object' && response !== null && Reflect.get(response, '_headerSent') === true;
}

function unreadable(error: Error): StreamSpaceError {
  const code = 'code' in error ? error.code : '';
  return code === 'HPE_HEADER_OVERFLOW' || code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW'
    ? new StreamSpaceError('RequestTooLarge', 'the address and headers of the request are larger than 16 KiB', { cause: error })
    : new StreamSpaceError(
        'RequestInvalid',
        code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'the request was not sent in time' : 'what was sent is no HTTP request',
        { cause: error },
      );
}

/** @throws StreamSpaceError `PortInUse` */
export async function listen(server: Server, { host, port }: ListenAddress): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const taken = 'code' in error && error.code === 'EADDRINUSE';
      reject(taken ? new StreamSpaceError('PortInUse', `${host}:${port} is in use`, { cause: error }) : error);
    });
    server.listen(port, host, resolve);
  });
  return server.address() as AddressInfo;
}

/** Waits for answers under way, at most `graceMs`; then cuts what is left. */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}
