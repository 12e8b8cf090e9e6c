// Recordings in words: states, lengths, and what is kept for how long. The clock is an argument.
import type { RecordingView } from '../../../../../schemas/api/recordings.ts';
import type { Tone } from '../sessions/phases.ts';

export type RecordingState = RecordingView['state'];
export const RECORDING_STATES = ['Recording', 'Complete', 'Incomplete', 'Deleted'] as const satisfies readonly RecordingState[];

export const RECORDING_TONES: Readonly<Record<RecordingState, Tone>> = {
  Recording: 'busy',
  Complete: 'good',
  Incomplete: 'bad',
  Deleted: 'off',
};

/** `0:05`, `12:00`, `1:02:03`: a place on the time line of a recording, or its length. */
export function clockText(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (part: number): string => String(part).padStart(2, '0');
  return hours === 0 ? `${minutes}:${two(seconds % 60)}` : `${hours}:${two(minutes)}:${two(seconds % 60)}`;
}

/** `640 kB`, `12.5 MB`, `1.2 GB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** `team-web/one`, as the filter of the list takes it. */
export function sessionOf({ session }: RecordingView): string {
  return `${session.namespace}/${session.name}`;
}
