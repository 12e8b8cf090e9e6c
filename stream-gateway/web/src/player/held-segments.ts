// The segments that are in memory: the one that is shown, the next, and one more. What comes first is played while the rest comes.
import { OpenedRecordReader } from '../../../recording/format/opened-record.ts';
import type { HeldSegment } from './messages.ts';

type SegmentRecord = ReturnType<OpenedRecordReader['push']> extends Generator<infer Item> ? Item : never;

export const MAX_HELD = 3;

/** The bytes of a segment's records. @param untilMs since it began; left out: all */
export type FetchSegment = (
  number: number,
  signal: AbortSignal,
  untilMs?: number,
) => Promise<AsyncIterable<Uint8Array<ArrayBuffer>>>;

export class LoadedSegment {
  readonly number: number;
  readonly records: SegmentRecord[] = [];
  readonly #ending = new AbortController();
  #state: 'loading' | 'whole' | 'failed' = 'loading';
  #error: unknown;
  #news = Promise.withResolvers<void>();

  constructor(number: number, fetchSegment: FetchSegment, done: () => void) {
    this.number = number;
    void this.#load(fetchSegment).then(done);
  }

  get whole(): boolean {
    return this.#state === 'whole';
  }

  get failed(): boolean {
    return this.#state === 'failed';
  }

  /** Until more of it is there. @throws what stopped it */
  async more(): Promise<void> {
    if (this.#state === 'failed') throw this.#error;
    if (this.#state === 'loading') await this.#news.promise;
  }

  /** When the picture changed after its first one, since the segment began. */
  get changes(): readonly number[] {
    return this.records.filter(({ kind, more, timeMs }) => kind === 'update' && !more && timeMs > 0).map(({ timeMs }) => timeMs);
  }

  drop(): void {
    this.#ending.abort();
  }

  async #load(fetchSegment: FetchSegment): Promise<void> {
    const reader = new OpenedRecordReader();
    try {
      for await (const bytes of await fetchSegment(this.number, this.#ending.signal)) {
        for (const record of reader.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))) this.records.push(record);
        this.#tell();
      }
      this.#state = 'whole';
    } catch (error) {
      this.#state = 'failed';
      this.#error = error;
    }
    this.#tell();
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}

export class HeldSegments {
  readonly #fetch: FetchSegment;
  readonly #told: (held: readonly HeldSegment[]) => void;
  #held: LoadedSegment[] = [];

  constructor(fetchSegment: FetchSegment, told: (held: readonly HeldSegment[]) => void) {
    this.#fetch = fetchSegment;
    this.#told = told;
  }

  /** Those that are to be there, the most wanted first; at most {@link MAX_HELD} are kept. */
  want(numbers: readonly number[]): void {
    for (const number of numbers.slice(0, MAX_HELD)) {
      const there = this.#held.find((segment) => segment.number === number && !segment.failed);
      const segment = there ?? new LoadedSegment(number, this.#fetch, () => this.#tell());
      this.#held = [segment, ...this.#held.filter((other) => other.number !== number)];
    }
    const wanted = (segment: LoadedSegment): number => (numbers.includes(segment.number) ? 0 : 1);
    this.#held = this.#held.toSorted((one, other) => wanted(one) - wanted(other));
    for (const dropped of this.#held.splice(MAX_HELD)) dropped.drop();
  }

  get(number: number): LoadedSegment | undefined {
    return this.#held.find((segment) => segment.number === number);
  }

  #tell(): void {
    this.#told(this.#held.filter(({ whole }) => whole).map(({ number, changes }) => ({ number, changes })));
  }
}
