// How the parser of server messages reads. A parse stops whenever bytes are missing, so it is written as a generator, as if
// everything were there, and keeps nothing of what it has passed on. Where everything is there, it need not be one: making and
// entering generators is most of what a little update costs after a quiet moment.
import type { RfbLimits } from './limits.ts';
import type { Negotiation } from './negotiation.ts';

/** `more`: out of bytes. `end`: the message is complete. `edge`: a rectangle begins or is complete. */
export type ParseStop = 'more' | 'end' | 'edge';
export type Parse<T> = Iterable<ParseStop, T, void>;

/** A parse that has come to its end without a stop. */
export class Parsed<T> implements Iterable<never, T, void>, Iterator<never, T, void> {
  readonly #result: IteratorReturnResult<T>;

  constructor(value: T) {
    this.#result = { done: true, value };
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorReturnResult<T> {
    return this.#result;
  }
}

export const PASSED = new Parsed<void>(undefined);

export interface Source {
  readonly negotiation: Negotiation;
  readonly limits: RfbLimits;
  /**
   * A few bytes to judge. They are passed on with the next read, so throwing about them keeps them back: what was passed on
   * before an error is the same however the bytes were cut.
   */
  take(count: number): Parse<Buffer>;
  /** As {@link take}, when they are there already; for what is read often. */
  tryTake(count: number): Buffer | undefined;
  /** Passes `count` bytes on, as they come. */
  pass(count: number): Parse<void>;
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly encoding: number;
}
