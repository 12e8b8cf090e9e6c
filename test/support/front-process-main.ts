// The front process of `stream-processes.ts` in a process of its own, for who wants to kill or to measure it.
import { type StreamProcessesOrder, startFrontProcess } from './stream-processes.ts';

export interface FrontStarted {
  readonly port: number;
  readonly pids: readonly number[];
}

process.once('message', (order: StreamProcessesOrder) => void start(order));

async function start(order: StreamProcessesOrder): Promise<void> {
  const front = await startFrontProcess(order);
  process.send?.({ port: front.port, pids: [...front.processes.pids.values()] } satisfies FrontStarted);
  process.once('SIGTERM', () => void front[Symbol.asyncDispose]().then(() => process.exit(0)));
}
