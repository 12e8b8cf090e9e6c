// A row of segments without a hole: from a first whole picture until the desktop, the disk or somebody ends it.
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import type { BurnOptions } from '../../pixels/burn/burner.ts';
import type { DesktopEndpoint } from '../../stream/desktop/desktop-side.ts';
import type { RecordingEvent } from '../format/event.ts';
import type { SegmentEntry } from '../format/manifest.ts';
import type { RecordingSpool, SpoolHead } from '../spool/spool.ts';
import { DesktopFeed } from './desktop-feed.ts';
import { OpenSegment } from './open-segment.ts';
import type { RateLimit, RecorderRules } from './rate-limit.ts';
import type { RecordedUpdate } from './recorded-stream.ts';

export interface TakeOptions {
  readonly spool: RecordingSpool;
  readonly endpoint: DesktopEndpoint;
  readonly key?: Buffer;
  readonly limit: RateLimit;
  readonly rules: RecorderRules;
  readonly burn: () => BurnOptions | undefined;
  readonly requireRoom: () => Promise<void>;
  readonly closed: (segment: SegmentEntry) => void;
  readonly signal: AbortSignal;
  /** Since the recording began. */
  readonly nowMs: () => number;
}

interface Running {
  readonly feed: DesktopFeed;
  readonly segment: OpenSegment;
  /** Something moved after the first picture. */
  moved: boolean;
  /** The next segment has this moment; nothing more is written here. */
  over: boolean;
  lastRecordMs: number;
  /** To be decoded after the first picture, to show its last moment. */
  pixels: number;
}

/** A segment is read as a whole to show a moment in it. */
const MAX_SEGMENT_BYTES = 6 * 1024 * 1024;
/** Likewise: a moment is shown by decoding what comes before it. 15 screens of 1920 by 1080. */
const MAX_SEGMENT_PIXELS = 32_000_000;
/** However much moves: a first picture costs something too. */
const MIN_SEGMENT_MS = 2_000;
/** Where nothing moves, so that a recording in progress can be played up to five minutes ago at least. */
const IDLE_SEGMENT_MS = 300_000;
/** How exactly the end of a recording is known that was cut off while nothing moved. */
const TICK_MS = 5_000;
const LOOK_MS = 250;

export class Take {
  readonly #options: TakeOptions;
  #rules: RecorderRules;
  #running: Running;
  #rotateNow = false;
  #slowed = false;
  /** What happened while one segment was closed and the next not yet begun. */
  readonly #late: { readonly atMs: number; readonly event: RecordingEvent }[] = [];
  #askedAt = 0;

  private constructor(options: TakeOptions, running: Running) {
    this.#options = options;
    this.#rules = options.rules;
    this.#running = running;
  }

  /** Resolves when the first picture is in the spool. @param begun told before, with when it was. Throws as the desktop and the disk do */
  static async begin(options: TakeOptions, begun: (startMs: number) => Promise<void>): Promise<Take> {
    const { spool } = options;
    const running = await openRunning(options, spool.head());
    try {
      await begun(running.segment.header.startMs);
    } catch (error) {
      running.feed.close();
      await running.segment.abandon();
      throw error;
    }
    return new Take(options, running);
  }

  /** What comes when the take has ended is left in {@link late}. */
  mark(event: RecordingEvent): void {
    const { segment, over } = this.#running;
    const atMs = this.#options.nowMs();
    if (over) this.#late.push({ atMs, event });
    else segment.event(atMs, event);
  }

  /** Marks for which there was no segment any more. */
  get late(): readonly RecordingEvent[] {
    return this.#late.map(({ event }) => event);
  }

  setRules(rules: RecorderRules): void {
    this.#rules = rules;
  }

  setBurn(burn: BurnOptions): void {
    this.#running.feed.setBurn(burn);
  }

  rotateNow(): void {
    this.#rotateNow = true;
  }

  /** Until the signal; throws as soon as something is not recorded. */
  async run(): Promise<void> {
    const { signal } = this.#options;
    this.#follow(this.#running);
    try {
      while (!signal.aborted) {
        await Promise.race([this.#running.feed.ended, delay(LOOK_MS, signal).catch(() => undefined)]);
        await this.#look();
      }
      await this.#close(this.#running, this.#options.nowMs());
    } finally {
      this.#running.over = true;
      this.#running.feed.close();
      await this.#running.segment.abandon();
    }
  }

  async #look(): Promise<void> {
    const { segment } = this.#running;
    const nowMs = this.#options.nowMs();
    segment.checkDisk(performance.now());
    if (nowMs - this.#running.lastRecordMs >= TICK_MS) {
      this.#running.lastRecordMs = nowMs;
      segment.tick(nowMs);
      void segment.flush().catch(() => undefined); // told by the next write, and by checkDisk
    }
    if (this.#isDue(nowMs - segment.header.startMs)) await this.#rotate();
  }

  #isDue(ageMs: number): boolean {
    if (this.#options.signal.aborted) return false;
    if (this.#rotateNow) return true;
    const { segment, moved, pixels } = this.#running;
    if (ageMs < Math.min(MIN_SEGMENT_MS, 1_000 * this.#rules.segmentSeconds)) return false;
    const isFull = segment.bytes >= MAX_SEGMENT_BYTES || pixels >= MAX_SEGMENT_PIXELS;
    return isFull || (moved && ageMs >= 1_000 * this.#rules.segmentSeconds) || ageMs >= IDLE_SEGMENT_MS;
  }

  /** The old connection goes on until the new one has a whole picture. */
  async #rotate(): Promise<void> {
    const old = this.#running;
    this.#rotateNow = false;
    await this.#options.requireRoom();
    const opening = openFeed(this.#options);
    const feed = await Promise.race([opening, old.feed.ended]).catch((error: unknown) => {
      void opening.then((late) => late.close()).catch(() => undefined);
      throw error;
    });
    const atMs = this.#options.nowMs();
    try {
      const { chain, entry } = await this.#close(old, atMs);
      const next = await openRunning(this.#options, { number: entry.number, chain, endMs: atMs }, feed);
      this.#running = next;
      for (const { atMs: markedMs, event } of this.#late.splice(0)) next.segment.event(markedMs, event);
      this.#follow(next);
    } catch (error) {
      feed.close();
      throw error;
    }
  }

  async #close(running: Running, atMs: number): Promise<{ readonly chain: Buffer; readonly entry: SegmentEntry }> {
    running.over = true;
    running.feed.close();
    const closed = await running.segment.close(atMs);
    await this.#options.spool.addSegment(closed.entry);
    this.#options.closed(closed.entry);
    return closed;
  }

  #follow(running: Running): void {
    this.#askedAt = performance.now();
    running.feed.start({ update: (update) => this.#update(running, update) });
  }

  async #update(running: Running, { parts, pixels }: RecordedUpdate): Promise<void> {
    const { limit, nowMs, signal } = this.#options;
    if (running.over) return;
    const before = running.segment.bytes;
    running.moved = true;
    running.pixels += pixels;
    running.lastRecordMs = nowMs();
    await running.segment.update(running.lastRecordMs, parts);
    limit.spend(running.segment.bytes - before, performance.now());
    const waitMs = limit.waitMs(this.#askedAt, performance.now());
    this.#tellPace(running, waitMs);
    await delay(waitMs, signal).catch(() => undefined);
    this.#askedAt = performance.now();
  }

  #tellPace(running: Running, waitMs: number): void {
    const intervalMs = 1_000 / this.#options.limit.fps;
    const slowed = waitMs > 2 * intervalMs;
    if (slowed === this.#slowed || running.over) return;
    this.#slowed = slowed;
    running.segment.event(
      running.lastRecordMs,
      slowed ? { type: 'slowed', fps: Math.round(10_000 / waitMs) / 10 } : { type: 'fullSpeed' },
    );
  }
}

async function openFeed({ endpoint, burn, signal }: TakeOptions): Promise<DesktopFeed> {
  const burning = burn();
  return await DesktopFeed.open(endpoint, { signal, ...(burning === undefined ? {} : { burn: burning }) });
}

/** The first picture is in the file when it resolves. */
async function openRunning(options: TakeOptions, head: SpoolHead, opened?: DesktopFeed): Promise<Running> {
  const { spool, key, nowMs } = options;
  const feed = opened ?? (await openFeed(options));
  let segment: OpenSegment | undefined;
  try {
    const startMs = opened === undefined ? Math.max(head.endMs, nowMs()) : head.endMs;
    segment = await OpenSegment.create(
      spool.folder,
      {
        ...{ recordingId: spool.facts.id, number: head.number + 1, previousChain: head.chain },
        ...{ startedAt: spool.facts.startedAt + startMs, startMs, width: feed.width, height: feed.height },
      },
      key,
    );
    await segment.update(startMs, feed.first.splice(0));
    return { feed, segment, moved: false, over: false, lastRecordMs: startMs, pixels: 0 };
  } catch (error) {
    feed.close();
    await segment?.abandon();
    throw error;
  }
}
