// What the time line of a recording draws: how much happened when, and marks. All times are milliseconds since the recording began.
import type { RecordingDetail, RecordingMark, RecordingSegment } from '../../api/sessions/recordings-api.ts';
import type { Span } from './playback.ts';

/** 0 to 1 for each part of the time line: bytes of pictures, by their logarithm, of the segments that it touches. */
export function densityOf(
  segments: readonly Pick<RecordingSegment, 'startMs' | 'durationMs' | 'bytes'>[],
  endMs: number,
  buckets: number,
): readonly number[] {
  const sums = new Float64Array(buckets);
  if (endMs <= 0) return Array.from(sums);
  for (const { startMs, durationMs, bytes } of segments) {
    const first = Math.max(0, Math.floor((startMs / endMs) * buckets));
    const last = Math.min(buckets - 1, Math.floor(((startMs + Math.max(1, durationMs) - 1) / endMs) * buckets));
    for (let bucket = first; bucket <= last; bucket += 1)
      sums[bucket] = Math.max(sums[bucket] ?? 0, bytes / Math.max(1, durationMs));
  }
  const most = Math.log1p(Math.max(...sums) * 1_000);
  return Array.from(sums, (sum) => (most === 0 ? 0 : Math.log1p(sum * 1_000) / most));
}

/** How many times somebody used keyboard or pointer, 0 to 1. */
export function inputOf(marks: readonly RecordingMark[], endMs: number, buckets: number): readonly number[] {
  const counts = new Array<number>(buckets).fill(0);
  for (const { kind, atMs } of marks)
    if (kind === 'input' && endMs > 0) {
      const bucket = Math.min(buckets - 1, Math.floor((atMs / endMs) * buckets));
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
  const most = Math.max(1, ...counts);
  return counts.map((count) => count / most);
}

export interface MarkGroup {
  readonly atMs: number;
  readonly marks: readonly RecordingMark[];
}

/** Marks other than input, those that would lie on each other as one. @param nearMs closer ones are together */
export function groupsOf(marks: readonly RecordingMark[], nearMs: number): readonly MarkGroup[] {
  const groups: { readonly atMs: number; readonly marks: RecordingMark[] }[] = [];
  for (const mark of marks) {
    if (mark.kind === 'input') continue;
    const last = groups.at(-1);
    if (last !== undefined && mark.atMs - last.atMs < nearMs) last.marks.push(mark);
    else groups.push({ atMs: mark.atMs, marks: [mark] });
  }
  return groups;
}

/** Inputs close to each other are one line of the list. */
const ONE_STRETCH_MS = 10_000;

export interface ListedEvent {
  readonly mark: RecordingMark;
  /** More than 1: a stretch of them. */
  readonly count: number;
}

export function listedEvents(marks: readonly RecordingMark[]): readonly ListedEvent[] {
  const listed: { readonly mark: RecordingMark; count: number; lastMs: number }[] = [];
  let input: (typeof listed)[number] | undefined;
  for (const mark of marks) {
    if (mark.kind === 'input' && input !== undefined && mark.atMs - input.lastMs < ONE_STRETCH_MS) {
      input.count += 1;
      input.lastMs = mark.atMs;
      continue;
    }
    const one = { mark, count: 1, lastMs: mark.atMs };
    if (mark.kind === 'input') input = one;
    listed.push(one);
  }
  return listed;
}

export type Gap = Span & { readonly code: string };

/** A gap whose end is not known goes up to the end. */
export function gapsOf({ gaps, durationMs }: Pick<RecordingDetail, 'gaps' | 'durationMs'>): readonly Gap[] {
  return gaps.map(({ fromMs, toMs, code }) => ({ fromMs, toMs: toMs ?? Math.max(fromMs, durationMs), code }));
}
