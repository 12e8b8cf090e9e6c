// Receivers of the audit log on this machine, with certificates of their own authority: HTTPS, and syslog over TLS or TCP.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createServer as createTls } from 'node:tls';
import { authorityPaths, ensurePki, type LeafSpec, leafPaths } from '../../local/cluster/pki.ts';
import { temporaryFolder } from './recording.ts';

export interface Certificates extends AsyncDisposable {
  readonly ca: string;
  readonly key: string;
  readonly cert: string;
}

/** For 127.0.0.1 and localhost. */
export async function certificates(): Promise<Certificates> {
  const folder = await temporaryFolder();
  const leaf: LeafSpec = {
    ...{ name: 'receiver', commonName: 'receiver', dnsNames: ['localhost'], addresses: ['127.0.0.1'] },
    authority: 'cluster',
  };
  await ensurePki(folder.path, [leaf], new Date());
  const { key, certificate } = leafPaths(folder.path, 'receiver');
  const [ca, ownKey, cert] = await Promise.all(
    [authorityPaths(folder.path, 'cluster').certificate, key, certificate].map((path) => readFile(path, 'utf8')),
  );
  return { ca: ca ?? '', key: ownKey ?? '', cert: cert ?? '', [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpsReceiver extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly Received[];
  /** What the next requests are answered with; `silent` takes the body and says nothing. */
  answer(how: number | 'silent'): void;
}

export async function httpsReceiver({ key, cert }: Certificates): Promise<HttpsReceiver> {
  const requests: Received[] = [];
  let how: number | 'silent' = 204;
  const server = createHttps({ key, cert }, async (req, res) => {
    requests.push({ headers: req.headers, body: (await buffer(req)).toString() });
    if (how !== 'silent') res.writeHead(how, { location: 'https://127.0.0.1:1/' }).end();
  });
  return {
    url: `https://127.0.0.1:${await portOf(server)}/events`,
    requests,
    answer: (next) => {
      how = next;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface SyslogReceiver extends AsyncDisposable {
  readonly port: number;
  /** By the lengths in front of them (RFC 6587, 3.4.1). */
  readonly messages: readonly string[];
}

/** Without certificates: plain TCP. */
export async function syslogReceiver(tls?: Certificates): Promise<SyslogReceiver> {
  const messages: string[] = [];
  const serve = async (socket: Socket): Promise<void> => {
    messages.push(...framesOf(await buffer(socket)));
    socket.end();
  };
  const server =
    tls === undefined ? createTcp({ allowHalfOpen: true }, serve) : createTls({ ...tls, allowHalfOpen: true }, serve);
  const open = new Set<Socket>();
  // Also those whose handshake fails: they stay half open.
  server.on('connection', (socket: Socket) => open.add(socket));
  return {
    port: await portOf(server),
    messages,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function framesOf(bytes: Buffer): readonly string[] {
  const frames: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(' ', at);
    const length = Number(bytes.toString('latin1', at, space));
    frames.push(bytes.toString('utf8', space + 1, space + 1 + length));
    at = space + 1 + length;
  }
  return frames;
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
