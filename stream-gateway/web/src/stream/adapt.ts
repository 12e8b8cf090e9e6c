// Chooses the step of the picture that the link carries. Pure: one measurement in, the next state out.
//
// A round trip that grows above its own floor is a queue: more is sent than the link takes. Two such measurements, or one long
// queue, and the picture gets simpler. After some quiet ones it gets better again; where that was too much, the next try
// waits twice as long, so that a link between two steps is not tried all the time.
import { STEPS } from './picture.ts';

export interface Adaptation {
  /** An index of {@link STEPS}. */
  readonly step: number;
  /** The shortest round trip of late: what the way itself takes. Null before the first. */
  readonly floorMs: number | null;
  /** By how much the last round trip was longer than that. */
  readonly queueMs: number;
  readonly strained: number;
  readonly quiet: number;
  /** Quiet measurements before the picture is made better. */
  readonly patience: number;
  /** Measurements since it was. */
  readonly sinceBetter: number;
}

/** Below it nobody feels a queue, and a busy browser alone makes as much. */
const STRAIN_MS = 150;
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
  const state = { ...before, floorMs, queueMs, sinceBetter: before.sinceBetter + 1 };
  if (queueMs > Math.max(STRAIN_MS, floorMs)) {
    // What was sent before the last step is still on its way: it gets shorter, so the step was enough.
    return queueMs < before.queueMs * SHRINKING ? { ...state, strained: 0, quiet: 0 } : strained(state, queueMs);
  }
  if (queueMs > Math.max(STRAIN_MS, floorMs) / 2) return { ...state, strained: 0, quiet: 0 };
  return quiet(state);
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
