// One connection to a pod, told by what the pod says first. Nothing is sent.
import { connect } from 'node:net';

/** Whether `greeting` came. That a connection was made alone proves nothing: a proxy of a service mesh takes each. Never rejects. */
export type Dial = (host: string, port: number, greeting: string, signal: AbortSignal) => Promise<boolean>;

/** Within a cluster an answer takes some milliseconds; who drops packets says nothing at all. */
const DEADLINE_MS = 2_000;

export const dial: Dial = async (host, port, greeting, signal) => {
  if (signal.aborted) return false;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port });
  const no = (): void => resolve(false);
  const timer = setTimeout(no, DEADLINE_MS);
  signal.addEventListener('abort', no, { once: true });
  let said = '';
  socket
    .setEncoding('latin1')
    .on('data', (chunk: string) => {
      said += chunk;
      if (said.length >= greeting.length) resolve(said.startsWith(greeting));
    })
    .on('error', no)
    .on('close', no);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', no);
    socket.destroy();
  }
};
