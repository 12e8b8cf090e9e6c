// Chooses the step of the picture that the link carries. Pure: one measurement in, the next state out.
//
// A round trip that grows above its own floor is a queue: more is sent than the link takes. A desktop may itself wait for the link,
// as TigerVNC does, and send one picture after another; then there is never a long queue but few pictures, and a measurement
// meets the beginning or the end of one by chance. So the mean of the last ones decides: where it is long twice, or one queue is
// very long, the picture gets simpler. After some quiet ones it gets better again; where that was too much, the next try waits
// twice as long, so that a link between two steps is not tried all the time.
import { STEPS } from './picture.ts';

export interface Adaptation {
  /** An index of {@link STEPS}. */
  readonly step: number;
  /** The shortest round trip of late: what the way itself takes. Null before the first. */
  readonly floorMs: number | null;
  /** By how much the last round trip was longer than that. */
  readonly queueMs: number;
  /** The mean of that, of late; of a long queue only {@link LONGEST_COUNTED_MS} count. */
  readonly meanMs: number;
  readonly strained: number;
  readonly quiet: number;
  /** Quiet measurements before the picture is made better. */
  readonly patience: number;
  /** Measurements since it was. */
  readonly sinceBetter: number;
}

/** Half of what one picture takes where one follows the other, so five pictures a second. A busy browser alone makes less. */
const STRAIN_MS = 100;
/** What the newest has of the mean. */
const SHARE = 0.3;
/** So that one long queue that is over is soon forgotten. */
const LONGEST_COUNTED_MS = 500;
const LONG_QUEUE_MS = 1_000;
const SHRINKING = 0.99;
const MIN_PATIENCE = 4;
const MAX_PATIENCE = 32;
/** A strain this soon after the picture was made better comes from that. */
const TRIAL = 20;
/** So that a way that has become longer for good is not taken for a queue for ever. */
const FLOOR_RISE = 0.01;
/** No way is longer, but for satellites. Who begins on a busy link knows no better floor. */
const MAX_FLOOR_MS = 400;
const LAST = STEPS.length - 1;

/** Not the best at first: a first picture that comes late is worse than one that becomes sharp after some seconds. */
export const FIRST: Adaptation = {
  step: 1,
  floorMs: null,
  queueMs: 0,
  meanMs: 0,
  strained: 0,
  quiet: 0,
  patience: MIN_PATIENCE,
  sinceBetter: Number.POSITIVE_INFINITY,
};

/** @param roundTripMs from the gateway to the browser and back, behind the picture */
export function adapt(before: Adaptation, roundTripMs: number): Adaptation {
  const floor = before.floorMs ?? roundTripMs;
  const floorMs = Math.min(roundTripMs, MAX_FLOOR_MS, floor + (roundTripMs - floor) * FLOOR_RISE);
  const queueMs = roundTripMs - floorMs;
  const meanMs = before.meanMs + (Math.min(queueMs, LONGEST_COUNTED_MS) - before.meanMs) * SHARE;
  const state = { ...before, floorMs, queueMs, meanMs, sinceBetter: before.sinceBetter + 1 };
  const limitMs = Math.max(STRAIN_MS, floorMs);
  if (meanMs > limitMs || queueMs > LONG_QUEUE_MS) {
    // What was sent before the last step is still on its way: it gets shorter, so the step was enough.
    return isShrinking(before, state) ? { ...state, quiet: 0 } : strained(state, queueMs);
  }
  if (meanMs > limitMs / 2) return { ...state, quiet: 0 };
  return quiet(state);
}

function isShrinking(before: Adaptation, { queueMs, meanMs }: Adaptation): boolean {
  return queueMs > LONGEST_COUNTED_MS ? queueMs < before.queueMs * SHRINKING : meanMs < before.meanMs * SHRINKING;
}

function strained(state: Adaptation, queueMs: number): Adaptation {
  if (queueMs <= LONG_QUEUE_MS && state.strained === 0) return { ...state, strained: 1, quiet: 0 };
  const triedTooMuch = state.sinceBetter <= TRIAL;
  return {
    ...state,
    // What held before the try still holds.
    step: Math.min(LAST, state.step + (queueMs > 2 * LONG_QUEUE_MS && !triedTooMuch ? 2 : 1)),
    strained: 0,
    quiet: 0,
    patience: triedTooMuch ? Math.min(MAX_PATIENCE, state.patience * 2) : state.patience,
    sinceBetter: Number.POSITIVE_INFINITY,
  };
}

function quiet(state: Adaptation): Adaptation {
  // The last try has held.
  const patience = state.sinceBetter === TRIAL + 1 ? Math.max(MIN_PATIENCE, state.patience / 2) : state.patience;
  if (state.step === 0 || state.quiet + 1 < patience) return { ...state, patience, strained: 0, quiet: state.quiet + 1 };
  return { ...state, patience, step: state.step - 1, strained: 0, quiet: 0, sinceBetter: 0 };
}
