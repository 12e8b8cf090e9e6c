// A look-up at a door, which nobody waits for longer than this.
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';

/** How long tickets, rights and sessions may take to look up. */
const LOOKUP_TIMEOUT_MS = 10_000;

/** Rejects with `ClusterUnreachable` when it takes too long. */
export async function inTime<T>(work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const late = delay(LOOKUP_TIMEOUT_MS, done.signal).then(() => {
    throw new StreamSpaceError('ClusterUnreachable', `no answer within ${LOOKUP_TIMEOUT_MS / 1000} s`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
