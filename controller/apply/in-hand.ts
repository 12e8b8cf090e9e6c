// S-093: a stop comes between objects, never within one. What is being written when it comes is finished, within bounds; a
// Lease that is lost leaves no such time, because another may write from then on.
import { LeaseLost } from '../../runtime/kube/lease/fence.ts';

/** Half of what a process has between SIGTERM and its end. */
const FINISH_MS = 5_000;

export interface InHand extends Disposable {
  /** For the request of one object: outlives `signal` by a few seconds. */
  readonly signal: AbortSignal;
}

export function finishInHand(signal: AbortSignal, finishMs = FINISH_MS): InHand {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    if (isLeaseLost(signal.reason)) controller.abort(signal.reason);
    else timer = setTimeout(() => controller.abort(signal.reason), finishMs);
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    },
  };
}

/** The queue tells a stop in words of its own, with the reason as its cause. */
function isLeaseLost(reason: unknown): boolean {
  return reason instanceof LeaseLost || (reason instanceof Error && reason.cause instanceof LeaseLost);
}
