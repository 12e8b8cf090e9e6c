// Brings the audit log to one sink: in order, at least once. Its place is in the database and moves only behind what the receiver has
// taken, so whoever is killed in between sends that batch again. One replica at a time delivers; sinks wait for nobody but themselves.
import type { Queryable } from '../../../runtime/db/database.ts';
import type { Logger } from '../../../runtime/log/log.ts';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { advanceSink, claimSink, eventsAfter, noteProblem, releaseSink } from '../../store/event-sinks.ts';
import { BATCH, type Deliver } from './sink.ts';

export interface DeliveryPorts {
  readonly db: Queryable;
  readonly log: Logger;
  /** Of this replica. */
  readonly holder: string;
  readonly now: () => Date;
  /** Seconds that the oldest event which is not delivered has waited; 0: none waits. */
  readonly onLag: (sink: string, seconds: number) => void;
  /** Default: as below. Tests do not wait. */
  readonly waits?: Partial<typeof WAITS>;
}

const WAITS = { idleMs: 1_000, otherMs: 5_000, firstRetryMs: 1_000, maxRetryMs: 60_000, timeoutMs: 30_000 };

/**
 * Until the signal, and never rejects.
 * @param sink `policy/sink` @param make asked again after each failure: what it stands on may have changed
 */
export async function deliverTo(
  sink: string,
  make: (signal: AbortSignal) => Promise<Deliver>,
  ports: DeliveryPorts,
  signal: AbortSignal,
): Promise<void> {
  const { db, log, holder } = ports;
  const waits = { ...WAITS, ...ports.waits };
  let deliver: Deliver | undefined;
  let retryMs = waits.firstRetryMs;
  while (!signal.aborted) {
    try {
      deliver ??= await make(signal);
      const outcome = await round(sink, deliver, ports, waits.timeoutMs, signal);
      retryMs = waits.firstRetryMs;
      if (outcome !== 'more') await pause(outcome === 'idle' ? waits.idleMs : waits.otherMs, signal);
    } catch (error) {
      if (signal.aborted) break;
      deliver = undefined;
      log.warn({ err: error, sink, retryMs }, 'a sink of the audit log takes no events');
      const problem = error instanceof StreamSpaceError ? error.message : 'it could not be delivered';
      await noteProblem(db, sink, holder, problem.slice(0, 1_000)).catch(() => undefined);
      // With jitter, so that replicas and sinks do not come at once.
      await pause(retryMs * (0.5 + Math.random() / 2), signal);
      retryMs = Math.min(2 * retryMs, waits.maxRetryMs);
    }
  }
  await releaseSink(db, sink, holder).catch(() => undefined);
}

async function round(
  sink: string,
  deliver: Deliver,
  { db, holder, now, onLag }: DeliveryPorts,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<'more' | 'idle' | 'held'> {
  const seq = await claimSink(db, sink, holder);
  if (seq === undefined) {
    onLag(sink, 0); // whoever has it tells
    return 'held';
  }
  const events = await eventsAfter(db, seq, BATCH);
  const [first, last] = [events[0], events.at(-1)];
  onLag(sink, first === undefined ? 0 : Math.max(0, (now().getTime() - Date.parse(first.at)) / 1000));
  if (first === undefined || last === undefined) {
    await noteProblem(db, sink, holder, null);
    return 'idle';
  }
  const late = AbortSignal.timeout(timeoutMs);
  await deliver(events, AbortSignal.any([signal, late])).catch((cause: unknown) => {
    if (late.aborted && !signal.aborted)
      throw new StreamSpaceError('AuditSinkFailed', `it did not take ${events.length} events within ${timeoutMs / 1000} s`, {
        cause,
      });
    throw cause;
  });
  await advanceSink(db, sink, holder, last.seq);
  return events.length === BATCH ? 'more' : 'idle';
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, signal).catch(() => undefined);
}
