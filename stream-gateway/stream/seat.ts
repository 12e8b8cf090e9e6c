// The place of one stream among those who are in a session: what it may do now, which can change while it is open, and what
// others learn of its person.
import type { GatewayNotice } from '../../schemas/api/stream-notices.ts';
import type { ErrorCode } from '../../schemas/errors.ts';
import type { StreamRight } from '../dlp/view-only.ts';

/** What a seat can do with its stream. */
export interface SeatedStream {
  /** Tells the person something; a browser that is behind, or takes no notices, misses it. */
  notify(notice: GatewayNotice): void;
  close(code: ErrorCode, message: string): void;
}

export interface StreamSeat {
  /** What the stream may do now. */
  readonly right: StreamRight;
  /** Whether it may lose its right to control, or come to it, while it is open. */
  readonly changeable: boolean;
  /** Told when {@link right} is another one. @returns the way to stop it */
  onChange(listener: () => void): () => void;
  /** Human input has passed to the desktop. */
  typed(): void;
  /** Where the person points, in pixels of the desktop; also of who only looks on. */
  pointed(x: number, y: number): void;
  /** Once, when the stream is open. */
  attach(stream: SeatedStream): void;
}
