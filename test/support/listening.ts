// A server of a test's own on the loopback, for as long as it is held.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';

export interface Listening extends AsyncDisposable {
  readonly url: string;
}

/** @param appOf made once its own URL is known @param hostname by which the URL calls it */
export async function listening(appOf: (url: string) => RequestListener, hostname = '127.0.0.1'): Promise<Listening> {
  const server: Server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = `http://${hostname}:${address.port}`;
  server.on('request', appOf(url));
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
