// What happened beside the picture, for players of videos: WebVTT for all of it, chapters for what one looks for.
import type { RecordingEvent } from '../format/event.ts';
import type { RecordingGap } from '../format/manifest.ts';
import type { TimedEvent } from '../index-port.ts';

interface Caption {
  readonly atMs: number;
  readonly text: string;
}

const SHOWN_MS = 2_000;

/** Everything but single keys and clicks, in the order of time. */
export function captionsOf(events: readonly TimedEvent[], gaps: readonly RecordingGap[]): readonly Caption[] {
  const captions = events.flatMap(({ atMs, event }) => {
    const text = textOf(event);
    return text === undefined ? [] : [{ atMs, text }];
  });
  const missing = gaps.map(({ fromMs, code }): Caption => ({ atMs: fromMs, text: `Not recorded: ${code}` }));
  return [...captions, ...missing].toSorted((one, other) => one.atMs - other.atMs);
}

function textOf(event: RecordingEvent): string | undefined {
  switch (event.type) {
    case 'input':
      return undefined;
    case 'joined':
      return `${event.person} joined`;
    case 'left':
      return `${event.person} left`;
    case 'clipboard':
      return `Clipboard ${event.direction === 'Up' ? 'to' : 'from'} the desktop, ${event.bytes} bytes`;
    case 'slowed':
      return `Recorded at ${event.fps} pictures a second`;
    case 'fullSpeed':
      return 'Recorded at full speed';
  }
}

/** WebVTT (W3C, 2019). Names of people are text, never markup. */
export function webVtt(captions: readonly Caption[]): string {
  const cues = captions.map(({ atMs, text }) => `${clock(atMs)} --> ${clock(atMs + SHOWN_MS)}\n${escapeCue(text)}\n`);
  return `WEBVTT\n\n${cues.join('\n')}`;
}

/** FFMETADATA1 of ffmpeg: a chapter lasts until the next one. */
export function chapters(captions: readonly Caption[], durationMs: number): string {
  const blocks = captions.map(({ atMs, text }, index) => {
    const endMs = Math.max(atMs + 1, captions[index + 1]?.atMs ?? durationMs);
    return `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${Math.round(atMs)}\nEND=${Math.round(endMs)}\ntitle=${escapeMetadata(text)}\n`;
  });
  return `;FFMETADATA1\n${blocks.join('')}`;
}

function clock(ms: number): string {
  const part = (value: number, digits: number): string => String(Math.floor(value)).padStart(digits, '0');
  return `${part(ms / 3_600_000, 2)}:${part((ms / 60_000) % 60, 2)}:${part((ms / 1_000) % 60, 2)}.${part(ms % 1_000, 3)}`;
}

function escapeCue(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function escapeMetadata(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[=;#\\]/g, (character) => `\\${character}`);
}
