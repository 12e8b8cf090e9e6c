// VeNCrypt from the desktop's side, honest or not: for the fake desktop.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { newDesktopSecret } from '../../controller/reconcile/session/secret.ts';

export interface TestCertificate {
  /** PEM */
  readonly certificate: string;
  /** PEM */
  readonly key: string;
}

/** As the controller makes it for a session. */
export async function testCertificate(): Promise<TestCertificate> {
  const secret = await newDesktopSecret('one', new Date());
  const text = (name: 'tls.crt' | 'tls.key'): string => Buffer.from(secret[name], 'base64').toString('utf8');
  return { certificate: text('tls.crt'), key: text('tls.key') };
}

export interface FakeTls extends TestCertificate {
  /** Default X509None alone. */
  readonly subTypes?: readonly number[];
  /** In place of TLS, once it is agreed on. */
  readonly instead?: (socket: Socket) => void;
}

/** @param take the next bytes of the socket @returns the socket inside of TLS; never, where something else happens instead */
export async function serveVencrypt(
  socket: Socket,
  take: (count: number) => Promise<Buffer>,
  { subTypes = [260], certificate, key, instead }: FakeTls,
): Promise<TLSSocket> {
  socket.write(Buffer.from([0, 2]));
  await take(2);
  const list = Buffer.alloc(4 * subTypes.length);
  for (const [index, number] of subTypes.entries()) list.writeUInt32BE(number, 4 * index);
  socket.write(Buffer.concat([Buffer.from([0, subTypes.length]), list]));
  await take(4);
  socket.removeAllListeners('data');
  socket.write(Buffer.from([1]));
  if (instead !== undefined) {
    instead(socket);
    return await new Promise<never>(() => undefined);
  }
  const secure = new TLSSocket(socket, { isServer: true, key, cert: certificate });
  secure.on('error', () => undefined);
  await once(secure, 'secure');
  return secure;
}
