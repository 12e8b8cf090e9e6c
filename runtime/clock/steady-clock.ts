// A clock for how long something took: it begins with the time of day and goes on by the monotonic clock, so neither NTP nor somebody who
// sets the clock makes hours out of nothing or takes them away while the process lives.

export interface ClockPorts {
  /** Milliseconds since 1970, as the machine tells them now. */
  readonly wallMs: () => number;
  /** Milliseconds since whenever; it never jumps. */
  readonly monotonicMs: () => number;
}

const MACHINE: ClockPorts = { wallMs: Date.now, monotonicMs: () => performance.now() };

export function steadyClock({ wallMs, monotonicMs }: ClockPorts = MACHINE): () => Date {
  const offset = wallMs() - monotonicMs();
  return () => new Date(Math.round(offset + monotonicMs()));
}
