// The HTTP server itself: listening, and ending without cutting what is being answered.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenAddress } from '../../runtime/config/settings.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';

export function createHttpServer(handler: RequestListener): Server {
  const server = createServer(handler);
  // Longer than the 60 s of the usual proxy: whoever closes first must not be us, in the middle of its next request.
  server.keepAliveTimeout = 65_000;
  return server;
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
