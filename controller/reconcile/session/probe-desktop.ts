// Asks whether a desktop answers: connects and reads the first bytes of RFB (RFC 6143, 7.1.1). Nothing is sent.
import { connect } from 'node:net';

/** `false` for no, not yet, or something that is no VNC server. Rejects only with the signal's reason. */
export type ProbeDesktop = (host: string, port: number, signal: AbortSignal) => Promise<boolean>;

const DEADLINE_MS = 2_000;
const VERSION = /^RFB \d{3}\.\d{3}\n$/;

export const probeDesktop: ProbeDesktop = async (host, port, signal) => {
  signal.throwIfAborted();
  return await new Promise<boolean>((resolve, reject) => {
    const socket = connect({ host, port });
    let bytes = '';
    const end = (answer: boolean): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(answer);
    };
    const onAbort = (): void => {
      reject(signal.reason); // first: what is settled stays
      end(false);
    };
    const timer = setTimeout(() => end(false), DEADLINE_MS);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.toString('latin1');
      if (bytes.length >= 12) end(VERSION.test(bytes.slice(0, 12)));
    });
    socket.on('error', () => end(false));
    socket.on('close', () => end(false));
  });
};
