// Between steps: waits until what a later step needs is healthy.
import { type Unhealthy, type WaitOptions, type Watched, waitUntilHealthy } from '../observe/wait.ts';

/** Waits for each by itself: the failure of one does not shorten the wait for the others. Gives what is not healthy in the end. */
export async function waitForEach(objects: readonly Watched[], options: WaitOptions): Promise<readonly Unhealthy[]> {
  const deadline = performance.now() + options.timeoutMs;
  const failed: Unhealthy[] = [];
  let open = objects;
  for (;;) {
    const timeoutMs = Math.max(0, deadline - performance.now());
    const unhealthy = open.length === 0 ? [] : await waitUntilHealthy(open, { ...options, timeoutMs });
    failed.push(...unhealthy.filter(isFinal));
    const waiting = unhealthy.filter((each) => !isFinal(each));
    if (waiting.length === 0 || performance.now() >= deadline) return [...failed, ...waiting];
    const left = new Set(waiting.map(({ id }) => id));
    open = open.filter(({ id }) => left.has(id));
  }
}

/** A rule that cannot be used gives no other answer later. */
function isFinal({ state }: Unhealthy): boolean {
  return state === 'Failed' || state === 'Unknown';
}
