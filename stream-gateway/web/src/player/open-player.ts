// The page's end of the worker. A browser without workers is told so like any other failure.
import { ERRORS } from '../../../../schemas/errors.ts';
import type { FromWorker, ToWorker } from './messages.ts';

export interface PlayerPort extends Disposable {
  post(message: ToWorker): void;
}

export type OpenPlayer = (listen: (message: FromWorker) => void) => PlayerPort;

export const openPlayer: OpenPlayer = (listen) => {
  const failed = (detail: string): void =>
    listen({
      type: 'failed',
      problem: { code: 'PlayerFailed', status: 0, detail, remedy: ERRORS.PlayerFailed.remedy, requestId: null },
    });
  if (!('Worker' in globalThis)) {
    queueMicrotask(() => failed('this browser has no workers'));
    return { post: () => undefined, [Symbol.dispose]: () => undefined };
  }
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => listen(data));
  worker.addEventListener('error', ({ message }) => failed(message || 'the worker could not be loaded'));
  return { post: (message) => worker.postMessage(message), [Symbol.dispose]: () => worker.terminate() };
};
