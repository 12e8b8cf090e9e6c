// What goes between the gateway and the threads that change pixels: plain data, with the bytes transferred.
import type { ErrorCode } from '../../../schemas/errors.ts';
import type { BurnOptions } from '../../pixels/burn/burner.ts';
import type { PipelineOptions } from '../../pixels/pipeline.ts';
import type { ClientMessageName } from '../../rfb/client-messages.ts';
import type { Extension, ScreensChange } from '../../rfb/negotiation.ts';
import type { ServerMessageName } from '../../rfb/server-messages.ts';

/** One step of one stream. Each but `close` is answered once, in order. */
export type PixelInput =
  | { readonly type: 'open'; readonly options: PipelineOptions }
  | { readonly type: 'desktop'; readonly bytes: Uint8Array }
  | { readonly type: 'browser'; readonly name: ClientMessageName; readonly bytes: Uint8Array }
  | { readonly type: 'room'; readonly hasRoom: boolean }
  | { readonly type: 'burn'; readonly burn: BurnOptions }
  | { readonly type: 'close' };

export interface ToPixelWorker {
  readonly stream: number;
  readonly input: PixelInput;
}

export interface PixelPiece {
  readonly message: ServerMessageName;
  readonly bytes: Uint8Array;
  readonly end: boolean;
}

export interface PixelAnswer {
  readonly type: 'output';
  /** Of the input that it answers. */
  readonly of: PixelInput['type'];
  readonly toDesktop: readonly Uint8Array[];
  readonly toBrowser: readonly PixelPiece[];
  readonly confirmed: readonly Extension[];
  readonly screens: readonly ScreensChange[];
}

/** The stream cannot go on, and its pipeline is closed. */
export interface PixelFailure {
  readonly type: 'failed';
  readonly of: PixelInput['type'];
  readonly code: ErrorCode;
  readonly message: string;
}

export interface FromPixelWorker {
  readonly stream: number;
  readonly answer: PixelAnswer | PixelFailure;
}
