// How the parser of server messages reads. A parse is a generator that stops whenever bytes are missing, so it is written
// as if everything were there, and keeps nothing of what it has passed on.
import type { RfbLimits } from './limits.ts';
import type { Negotiation } from './negotiation.ts';

/** `more`: out of bytes. `end`: the message is complete. `edge`: a rectangle begins or is complete. */
export type ParseStop = 'more' | 'end' | 'edge';
export type Parse<T> = Generator<ParseStop, T, void>;

export interface Source {
  readonly negotiation: Negotiation;
  readonly limits: RfbLimits;
  /**
   * A few bytes to judge. They are passed on with the next read, so throwing about them keeps them back: what was passed on
   * before an error is the same however the bytes were cut.
   */
  take(count: number): Parse<Buffer>;
  /** As {@link take}, when they are there already; for loops that would otherwise make a generator for every byte. */
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
