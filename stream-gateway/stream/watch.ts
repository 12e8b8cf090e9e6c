// Watches over an open stream: is the browser still there, does what waits make progress, are fences answered.
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { RelayContext } from './relay-context.ts';

/** Two missed heartbeats are a dead connection (G-39). */
const MISSED_HEARTBEATS = 2;

/** Something that is checked now and then. Returns what is wrong. */
type Check = (nowMs: number) => StreamSpaceError | undefined;

/** What the browser has sent so far. */
interface Received {
  /** Whether a message has begun, and more of it has to come. */
  readonly unfinished: boolean;
  readonly receivedBytes: number;
}

/**
 * Never resolves. Rejects with StreamIdle, StreamTooSlow, RfbIncomplete or DesktopUnreachable, or the reason of the signal.
 */
export async function watchOver(context: RelayContext, received: Received): Promise<never> {
  const { limits, now, signal } = context;
  const measure = measuring(context);
  measure(now()); // the first picture is not on its way yet: what is measured now is the way itself
  const checks = [
    heartbeat(context),
    messageProgress(context, received),
    browserProgress(context),
    desktopProgress(context),
    fences(context),
    measure,
  ];
  const { heartbeatMs, messageTimeoutMs, stallTimeoutMs, fenceTimeoutMs } = limits;
  const tickMs = Math.min(1_000, ...[heartbeatMs, messageTimeoutMs, stallTimeoutMs, fenceTimeoutMs].map((ms) => ms / 4));
  for (;;) {
    await delay(tickMs, signal);
    for (const check of checks) {
      const problem = check(now());
      if (problem !== undefined) throw problem;
    }
  }
}

/**
 * Alive is who sends anything, or goes on taking what waits: a ping behind a megabyte is answered late. That the kernel took
 * bytes while nothing waited is no sign: its buffer takes a few megabytes for a browser that is long gone.
 */
function heartbeat({ browser, limits, now }: RelayContext): Check {
  let at = now();
  let missed = -1; // before the first ping nothing is owed
  let heard = browser.heard;
  let mark = '';
  let waited = false;
  return (nowMs) => {
    if (nowMs - at < limits.heartbeatMs) return undefined;
    at = nowMs;
    const seen = browser.progressMark();
    // While we do not listen to it, its silence says nothing.
    const alive = browser.heard !== heard || (waited && seen !== mark) || browser.isPaused;
    missed = alive ? 0 : missed + 1;
    heard = browser.heard;
    mark = seen;
    waited = browser.waitingBytes > 0;
    if (missed >= MISSED_HEARTBEATS) return new StreamSpaceError('StreamIdle', 'the browser missed two heartbeats');
    browser.ping();
    return undefined;
  };
}

/** Of a clipboard that was declared and does not come, memory is held (G-20). */
function messageProgress({ browser, limits, now }: RelayContext, received: Received): Check {
  return stalled({
    waiting: () => received.unfinished && !browser.isPaused,
    mark: () => String(received.receivedBytes),
    timeoutMs: limits.messageTimeoutMs,
    startMs: now(),
    problem: () =>
      new StreamSpaceError(
        'RfbIncomplete',
        `the browser did not finish a message within ${Math.round(limits.messageTimeoutMs / 1000)} s`,
      ),
  });
}

function browserProgress({ browser, limits, now }: RelayContext): Check {
  return stalled({
    waiting: () => browser.waitingBytes > 0,
    mark: () => browser.progressMark(),
    timeoutMs: limits.stallTimeoutMs,
    startMs: now(),
    problem: () =>
      new StreamSpaceError('StreamTooSlow', `the browser took nothing for ${Math.round(limits.stallTimeoutMs / 1000)} s`),
  });
}

function desktopProgress({ desktop, limits, now }: RelayContext): Check {
  return stalled({
    waiting: () => desktop.writableLength > 0,
    mark: () => String(desktop.bytesWritten - desktop.writableLength),
    timeoutMs: limits.stallTimeoutMs,
    startMs: now(),
    problem: () =>
      new StreamSpaceError('DesktopUnreachable', `the desktop took nothing for ${Math.round(limits.stallTimeoutMs / 1000)} s`),
  });
}

interface Stall {
  readonly waiting: () => boolean;
  readonly mark: () => string;
  readonly timeoutMs: number;
  readonly startMs: number;
  readonly problem: () => StreamSpaceError;
}

function stalled({ waiting, mark, timeoutMs, startMs, problem }: Stall): Check {
  let since = startMs;
  let last = '';
  return (nowMs) => {
    const seen = mark();
    if (!waiting() || seen !== last) since = nowMs;
    last = seen;
    return nowMs - since >= timeoutMs ? problem() : undefined;
  };
}

function fences({ fences: waiting, desktop }: RelayContext): Check {
  return (nowMs) => {
    for (const answer of waiting.overdue(nowMs)) desktop.write(answer);
    return undefined;
  };
}

/** Only for a viewer that is told. */
function measuring({ browser, desktop, link, negotiation, pixels }: RelayContext): Check {
  return () => {
    if (!browser.takesNotices) return undefined;
    // Where the picture is changed on its way, fences are spoken between the desktop and what changes it.
    const { ping, fence } = link.due({ desktop: pixels === undefined && negotiation.confirmed.has('fence') });
    if (ping !== undefined) browser.ping(ping);
    if (fence !== undefined) desktop.write(fence);
    return undefined;
  };
}
