// Reads whole frames as fast as they come, in a process of its own, so that it costs the one that measures nothing but its share
// of the processors. Ends when the one that forked it lets go of it.
import { ORIGIN } from '../../support/stream-server.ts';
import { overWebSocket, Probe } from './probe.ts';

export interface ReaderOrder {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly password: string;
}

async function read({ url, protocols, password }: ReaderOrder): Promise<void> {
  const probe = await Probe.connect({ name: 'reader', open: async () => await overWebSocket(url, protocols, ORIGIN) }, password);
  probe.onUpdate = () => {
    if (probe.updates === 3) process.send?.('reading');
    probe.request(false);
  };
  probe.request(false);
  // Whatever comes after the order is a question for what was read so far.
  process.on('message', () => process.send?.(probe.bytes));
}

process.once('message', (order: ReaderOrder) => void read(order));
process.once('disconnect', () => process.exit());
