// A reverse proxy on loopback whose connections break on demand, before a request is sent on or after it was answered.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { request as ask } from 'undici';

export interface FrontRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
}

export interface HttpFront extends AsyncDisposable {
  readonly url: string;
  /** Held for as long as this takes. True: the connection breaks there. */
  breaks: (request: FrontRequest, moment: 'before' | 'after') => Promise<boolean>;
}

/** @param origin where everything goes, such as `http://127.0.0.1:3000` */
export async function startHttpFront(origin: string): Promise<HttpFront> {
  const front: Pick<HttpFront, 'breaks'> = { breaks: async () => false };
  const answer = async (req: http.IncomingMessage, res: http.ServerResponse): Promise<void> => {
    const body = await buffer(req);
    const { method = 'GET', url = '/' } = req;
    const seen = { method, path: url.replace(/\?.*/, '') };
    if (await front.breaks(seen, 'before')) return void req.socket.destroy();
    const { connection: _connection, 'content-length': _length, 'transfer-encoding': _encoding, ...headers } = req.headers;
    const upstream = await ask(`${origin}${url}`, { method: method as 'GET', headers, body: body.length === 0 ? null : body });
    const text = await buffer(upstream.body);
    if (await front.breaks(seen, 'after')) return void req.socket.destroy();
    const { 'transfer-encoding': _chunked, connection: _kept, 'content-length': _size, ...told } = upstream.headers;
    res.writeHead(upstream.statusCode, told).end(text);
  };
  const server = http.createServer((req, res) => void answer(req, res).catch(() => res.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(front, {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
