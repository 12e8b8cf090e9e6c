// The gateway's door in a process of its own, as websockify is one: the code that serves streams, with tickets and desktops
// from a table. One door for each desktop, all in the one process. Talks with whoever forked it.
import type { MergedDlpRules } from '../../../schemas/kinds/policies/dlp-rules.ts';
import { OPEN_RULES, type StreamServer, startStreamServer } from '../../support/stream-server.ts';

export interface DoorOrder {
  readonly desktops: readonly { readonly port: number; readonly password: string }[];
  readonly rules?: MergedDlpRules;
  /** Left out: as in production. */
  readonly toBrowserBytesPerSecond?: number;
}
export interface Opening {
  readonly url: string;
  readonly ticket: string;
}

export interface HeldMemory {
  /** Of the heap and of buffers, in bytes, once everything that nothing refers to was collected. */
  readonly bytes: number;
}

function held(): HeldMemory {
  if (globalThis.gc === undefined) throw new Error('the door is run without --expose-gc');
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return { bytes: heapUsed + external };
}

async function open(order: DoorOrder): Promise<void> {
  const servers: StreamServer[] = [];
  for (const { port, password } of order.desktops)
    servers.push(
      await startStreamServer({
        desktop: () => ({ host: '127.0.0.1', port, password }),
        rules: order.rules ?? OPEN_RULES,
        registry: { maxPerSession: 1_000 }, // many streams stand for as many sessions here
        ...(order.toBrowserBytesPerSecond === undefined
          ? {}
          : { limits: { toBrowserBytesPerSecond: order.toBrowserBytesPerSecond } }),
      }),
    );
  let people = 0;
  process.on('message', (which: number | 'memory') => {
    if (which === 'memory') {
      process.send?.(held());
      return;
    }
    const server = servers[which];
    if (server === undefined) throw new RangeError(`there is no desktop ${which}`);
    people += 1;
    process.send?.({ url: server.url, ticket: server.ticket('control', `person-${people}`) } satisfies Opening);
  });
  process.send?.('open');
}

process.once('message', (order: DoorOrder) => void open(order));
process.once('SIGTERM', () => process.exit());
process.once('disconnect', () => process.exit());
