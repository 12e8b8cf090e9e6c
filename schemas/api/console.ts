// What passes over the WebSocket of a console. Binary frames are the bytes of the terminal, both ways; text frames are JSON.
import type { StreamNotice } from './stream-notices.ts';

/** The one subprotocol that is selected; the ticket is offered beside it, as for a stream. */
export const CONSOLE_PROTOCOL = 'streamspace.console.v1';
export const MAX_COLUMNS = 1_000;
export const MAX_ROWS = 500;
/** Of one paste; a policy may allow less. */
export const MAX_PASTE_CHARACTERS = 256 * 1024;

/** From the page. */
export type ConsoleRequest =
  | { readonly type: 'resize'; readonly columns: number; readonly rows: number }
  /** So many bytes more were shown: the gateway has no more than a window of them on the way. */
  | { readonly type: 'taken'; readonly bytes: number }
  /** `bracketed`: the program has asked to be told of pastes. */
  | { readonly type: 'paste'; readonly text: string; readonly bracketed: boolean };

/** From the gateway. */
export type ConsoleMessage =
  | { readonly type: 'opened' }
  /** The shell has ended by itself; the connection is closed behind it. */
  | { readonly type: 'exited'; readonly exitCode: number }
  /** Closed after so many milliseconds, unless somebody types. */
  | { readonly type: 'idle'; readonly endsInMs: number }
  | { readonly type: 'active' }
  | StreamNotice;
