// The desktop's end of a stream: one TCP connection of its own for every viewer, so nobody shares a zlib stream with anybody.
// Where the desktop speaks TLS, everything after the choice of it goes through a TLSSocket over that connection.
import { connect, type Socket } from 'node:net';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { desktopHandshake, type GreetedDesktop } from '../../rfb/desktop-handshake.ts';
import { HandshakeRun, type TlsKind } from '../../rfb/handshake.ts';
import type { LentReads } from '../clipboard/lent-reads.ts';
import type { StreamLimits } from '../limits.ts';
import { certificateProblem, type DesktopTls, startDesktopTls } from './desktop-tls.ts';

export interface DesktopEndpoint {
  readonly host: string;
  readonly port: number;
  /** Left out: the desktop has to offer security None. */
  readonly password?: string;
  /** Left out: it is spoken to in the clear. */
  readonly tls?: DesktopTls;
}

export interface DesktopConnection {
  /** Paused; what came after ServerInit is its first data. Whoever gets it destroys it. */
  readonly socket: Socket;
  readonly init: GreetedDesktop;
  /** With `reads` only: what came after ServerInit. It goes before the first read. */
  readonly early: Buffer;
}

export interface ConnectOptions {
  readonly limits: StreamLimits;
  readonly signal: AbortSignal;
  /** Gets what the desktop sends, in place of the events of the socket; handed over by whoever asked. */
  readonly reads?: LentReads;
}

/**
 * Where TLS is `Opportunistic` and fails, the desktop is asked once more without: what an image can do in the clear it goes on
 * doing, and who could break TLS could have left it out of the offer as well.
 * @throws DesktopUnreachable (also when it takes too long), DesktopUnsupported, DesktopRefused, DesktopTlsMissing,
 * DesktopTlsUntrusted, DesktopTlsFailed, RfbMalformed, RfbTooLarge
 */
export async function connectDesktop(endpoint: DesktopEndpoint, options: ConnectOptions): Promise<DesktopConnection> {
  const { tls, ...unencrypted } = endpoint;
  try {
    return await connectOnce(endpoint, options);
  } catch (error) {
    if (tls?.mode !== 'Opportunistic' || !isTlsProblem(error)) throw error;
    return await connectOnce(unencrypted, options).catch((second: unknown) => {
      throw options.signal.aborted ? second : error;
    });
  }
}

function isTlsProblem(error: unknown): boolean {
  return error instanceof StreamSpaceError && (error.code === 'DesktopTlsFailed' || error.code === 'DesktopTlsMissing');
}

async function connectOnce(endpoint: DesktopEndpoint, { limits, signal, reads }: ConnectOptions): Promise<DesktopConnection> {
  const { host, port, password, tls } = endpoint;
  const { promise, resolve, reject } = Promise.withResolvers<GreetedDesktop>();
  const withPassword = password === undefined ? {} : { password };
  const run = new HandshakeRun(desktopHandshake({ ...withPassword, tls: tls?.mode ?? 'Off', limits: limits.rfb }));
  const connection = connect({
    ...{ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 },
    ...(reads === undefined ? {} : { onread: reads.onread }),
  });
  let socket: Socket = connection;
  let isInTlsHandshake = false;

  const problem = (message: string, cause?: Error): StreamSpaceError =>
    isInTlsHandshake
      ? new StreamSpaceError('DesktopTlsFailed', `no TLS with the desktop: ${message}`, { cause })
      : new StreamSpaceError('DesktopUnreachable', `the desktop ${message}`, { cause });
  const step = (answers: Iterable<Buffer>): void => {
    try {
      for (const bytes of answers) socket.write(bytes);
    } catch (error) {
      reject(error);
      return;
    }
    if (run.startTls !== undefined) wrap(run.startTls);
    if (run.result === undefined) return;
    socket.off('data', onData).pause();
    resolve(run.result.value);
  };
  const onData = (chunk: Buffer): void => step(run.push(chunk));
  const wrap = (kind: TlsKind): void => {
    connection.off('data', onData);
    isInTlsHandshake = true;
    const secure = startDesktopTls(connection, kind);
    socket = secure.on('error', onError).on('close', onClose);
    secure.once('secureConnect', () => {
      const wrong = certificateProblem(secure, tls);
      if (wrong !== undefined) {
        reject(wrong);
        return;
      }
      isInTlsHandshake = false;
      secure.on('data', onData);
      step(run.secured());
    });
  };
  const onError = (error: Error): void => reject(problem(isInTlsHandshake ? reasonOf(error) : 'cannot be reached', error));
  const onClose = (): void => reject(problem(isInTlsHandshake ? 'it closed the connection' : 'closed the connection'));
  const late = `within ${limits.connectTimeoutMs / 1000} s`;
  const onDeadline = (): void => reject(problem(isInTlsHandshake ? `not ${late}` : `did not answer ${late}`));
  const deadline = AbortSignal.timeout(limits.connectTimeoutMs);
  const onAbort = (): void => reject(signal.reason);

  // What the handshake keeps of it, it keeps beyond the read.
  reads?.handOver(({ bytes, release }) => {
    onData(Buffer.from(bytes));
    release();
  });
  connection.on('data', onData).on('error', onError).on('close', onClose);
  step(run.start());
  signal.addEventListener('abort', onAbort, { once: true });
  deadline.addEventListener('abort', onDeadline, { once: true });
  try {
    signal.throwIfAborted();
    const init = await promise;
    const early = run.rest();
    if (reads === undefined) {
      if (early.length > 0) socket.unshift(early);
    } else if (socket !== connection) socket.on('data', (chunk: Buffer) => reads.deliver(chunk));
    return { socket, init, early };
  } catch (error) {
    for (const each of [socket, connection]) each.destroy();
    throw error;
  } finally {
    // The error listeners stay: without one an error would end the process.
    for (const each of [connection, socket]) each.off('close', onClose);
    signal.removeEventListener('abort', onAbort);
    deadline.removeEventListener('abort', onDeadline);
  }
}

/** OpenSSL's code, which is fixed words; its message may have what the other end sent. */
function reasonOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : 'it failed';
}
