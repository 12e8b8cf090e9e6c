// What goes between the gateway and the thread that records. Plain data; a recording is known by its id.
import type { ErrorCode } from '../../../schemas/errors.ts';
import type { BurnOptions } from '../../pixels/burn/burner.ts';
import type { DesktopEndpoint } from '../../stream/desktop/desktop-side.ts';
import type { RecordingEvent } from '../format/event.ts';
import type { RecorderRules } from './rate-limit.ts';
import type { RecorderNews } from './session-recorder.ts';

export interface StartRecording {
  /** Of the recording in the spool, which is there already. */
  readonly folder: string;
  readonly endpoint: DesktopEndpoint;
  readonly rules: RecorderRules;
  readonly burn?: BurnOptions;
  readonly key?: Uint8Array;
  readonly resumedAfter?: string;
  /** Of the spool of all recordings. */
  readonly spoolRoot: string;
  readonly maxSpoolBytes: number;
}

export type RecorderInput =
  | { readonly type: 'start'; readonly start: StartRecording }
  | { readonly type: 'mark'; readonly event: RecordingEvent }
  | { readonly type: 'rules'; readonly rules: RecorderRules }
  | { readonly type: 'burn'; readonly burn: BurnOptions | undefined }
  | { readonly type: 'stop'; readonly state: 'Paused' | 'Complete' };

export type RecorderAnswer =
  | { readonly type: 'news'; readonly news: RecorderNews }
  | { readonly type: 'stopped' }
  /** It never began, or could not be stopped in order. */
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string };

export interface ToRecorder {
  readonly recording: string;
  readonly input: RecorderInput;
}

export interface FromRecorder {
  readonly recording: string;
  readonly answer: RecorderAnswer;
}
