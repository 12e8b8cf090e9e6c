// The desktop's end of a stream: one TCP connection of its own for every viewer, so nobody shares a zlib stream with anybody.
import { connect, type Socket } from 'node:net';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { desktopHandshake, type ServerInit } from '../rfb/desktop-handshake.ts';
import { HandshakeRun } from '../rfb/handshake.ts';
import type { LentReads } from './lent-reads.ts';
import type { StreamLimits } from './limits.ts';

export interface DesktopEndpoint {
  readonly host: string;
  readonly port: number;
  /** Left out: the desktop has to offer security None. */
  readonly password?: string;
}

export interface DesktopConnection {
  /** Paused; what came after ServerInit is its first data. Whoever gets it destroys it. */
  readonly socket: Socket;
  readonly init: ServerInit;
  /** With `reads` only: what came after ServerInit. It goes before the first read. */
  readonly early: Buffer;
}

/** @throws DesktopUnreachable (also when it takes too long), DesktopUnsupported, DesktopRefused, RfbMalformed, RfbTooLarge */
export async function connectDesktop(
  endpoint: DesktopEndpoint,
  options: {
    readonly limits: StreamLimits;
    readonly signal: AbortSignal;
    /** Gets what the desktop sends, in place of the events of the socket; handed over by whoever asked. */
    readonly reads?: LentReads;
  },
): Promise<DesktopConnection> {
  const { limits, signal, reads } = options;
  const { promise, resolve, reject } = Promise.withResolvers<ServerInit>();
  const run = new HandshakeRun(desktopHandshake({ ...passwordOf(endpoint), limits: limits.rfb }));
  const socket = connect({
    host: endpoint.host,
    port: endpoint.port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    ...(reads === undefined ? {} : { onread: reads.onread }),
  });

  const onData = (chunk: Buffer): void => {
    try {
      for (const bytes of run.push(chunk)) socket.write(bytes);
    } catch (error) {
      reject(error);
      return;
    }
    if (run.result === undefined) return;
    socket.off('data', onData).pause();
    resolve(run.result.value);
  };
  // What the handshake keeps of it, it keeps beyond the read.
  reads?.handOver(({ bytes, release }) => {
    onData(Buffer.from(bytes));
    release();
  });
  const onError = (error: Error): void =>
    reject(new StreamSpaceError('DesktopUnreachable', 'the desktop cannot be reached', { cause: error }));
  const onClose = (): void => reject(new StreamSpaceError('DesktopUnreachable', 'the desktop closed the connection'));
  const deadline = AbortSignal.timeout(limits.connectTimeoutMs);
  const onAbort = (): void => reject(signal.reason);
  const onDeadline = (): void =>
    reject(new StreamSpaceError('DesktopUnreachable', `the desktop did not answer within ${limits.connectTimeoutMs / 1000} s`));

  for (const bytes of run.start()) socket.write(bytes);
  socket.on('data', onData).on('error', onError).on('close', onClose);
  signal.addEventListener('abort', onAbort, { once: true });
  deadline.addEventListener('abort', onDeadline, { once: true });
  try {
    signal.throwIfAborted();
    const init = await promise;
    const early = run.rest();
    if (early.length > 0 && reads === undefined) socket.unshift(early);
    return { socket, init, early };
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    socket.off('close', onClose); // the error listener stays: without one an error would end the process
    signal.removeEventListener('abort', onAbort);
    deadline.removeEventListener('abort', onDeadline);
  }
}

function passwordOf({ password }: DesktopEndpoint): { readonly password?: string } {
  return password === undefined ? {} : { password };
}
