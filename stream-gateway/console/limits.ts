// What one console may take: time, memory, messages. The defaults and their reasons.

export interface ConsoleLimits {
  /** On its way to a page that has not said that it was shown. Above it the program is not read. Default 512 KiB: seven full screens of 4K. */
  readonly windowBytes: number;
  /** Of input that the container has not taken. Above it the console ends: the program does not read. Default 1 MiB. */
  readonly maxInputBytes: number;
  /** A message of the page: the longest paste, in JSON. */
  readonly maxMessageBytes: number;
  /** The program is told of one size in this time, the last. Default 100 ms: a window that is dragged gives a hundred a second. */
  readonly resizeEveryMs: number;
  /** Default 20 s, below the 60 s after which proxies cut a quiet connection. Two without a sign of life end the console. */
  readonly heartbeatMs: number;
  /** Before an idle console is closed; half of a timeout that is shorter than twice this. Default 60 s. */
  readonly warnMs: number;
  readonly judgeTimeoutMs: number;
  /** From the request to the shell. Default 15 s. */
  readonly openTimeoutMs: number;
  readonly closeTimeoutMs: number;
}

export const DEFAULT_CONSOLE_LIMITS: ConsoleLimits = {
  windowBytes: 512 * 1024,
  maxInputBytes: 1024 * 1024,
  maxMessageBytes: 2 * 1024 * 1024,
  resizeEveryMs: 100,
  heartbeatMs: 20_000,
  warnMs: 60_000,
  judgeTimeoutMs: 5_000,
  openTimeoutMs: 15_000,
  closeTimeoutMs: 3_000,
};
