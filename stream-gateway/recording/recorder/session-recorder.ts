// Records one desktop into its spool until it is told to stop. A fresh connection begins every segment, opened before the last one
// ends, so there is no hole between them. What goes wrong is told at once, tried again, and stands in the journal as a gap.
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import { type ErrorCode, StreamSpaceError } from '../../../schemas/errors.ts';
import type { BurnOptions } from '../../pixels/burn/burner.ts';
import type { DesktopEndpoint } from '../../stream/desktop/desktop-side.ts';
import type { RecordingEvent } from '../format/event.ts';
import type { RecordingGap, SegmentEntry } from '../format/manifest.ts';
import { recoverOpenSegment } from '../spool/recover.ts';
import type { RecordingSpool } from '../spool/spool.ts';
import { RateLimit, type RecorderRules } from './rate-limit.ts';
import { Take, type TakeOptions } from './take.ts';

export interface RecorderOptions {
  readonly spool: RecordingSpool;
  readonly endpoint: DesktopEndpoint;
  readonly rules: RecorderRules;
  readonly burn?: BurnOptions;
  /** The recording's data key; left out: not encrypted. */
  readonly key?: Buffer;
  /** Asked before every segment: rejects when nothing more may be put into the spool. */
  readonly requireRoom?: () => Promise<void>;
  /** Why there is nothing between the last segment of the spool and now. */
  readonly resumedAfter?: string;
  readonly told: (news: RecorderNews) => void;
}

export type RecorderNews =
  /** The first picture of a segment is in the spool: from here on nothing is missed. */
  | { readonly type: 'recording' }
  | { readonly type: 'segment'; readonly segment: SegmentEntry }
  /** Nothing is recorded for the moment. */
  | { readonly type: 'interrupted'; readonly fromMs: number; readonly code: ErrorCode; readonly message: string }
  | { readonly type: 'gap'; readonly gap: RecordingGap };

const RETRY_MS = 1_000;
const MAX_RETRY_MS = 15_000;
/** Marks that wait for a recording that was interrupted. */
const MAX_EARLY = 256;

export class SessionRecorder {
  readonly #options: RecorderOptions;
  readonly #limit: RateLimit;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  #rules: RecorderRules;
  #burn: BurnOptions | undefined;
  #take: Take | undefined;
  readonly #early: RecordingEvent[] = [];
  #missing: { readonly fromMs: number; readonly code: string } | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#rules = options.rules;
    this.#burn = options.burn;
    this.#limit = new RateLimit(options.rules);
    const { number, endMs } = options.spool.head();
    if (number > 0) this.#missing = { fromMs: endMs, code: options.resumedAfter ?? 'RecordingStopped' };
    this.#done = this.#run();
  }

  /** Something happened that the picture does not show. Never waits; while nothing is recorded it is kept for what comes next. */
  mark(event: RecordingEvent): void {
    if (this.#take === undefined) this.#keep([event]);
    else this.#take.mark(event);
  }

  setRules(rules: RecorderRules): void {
    this.#rules = rules;
    this.#limit.setRules(rules);
    this.#take?.setRules(rules);
  }

  /** The time in a mark goes on. A recording that had none gets it with its next segment, which begins at once. */
  setBurn(burn: BurnOptions | undefined): void {
    const another = (burn === undefined) !== (this.#burn === undefined);
    this.#burn = burn;
    if (another) this.#take?.rotateNow();
    else if (burn !== undefined) this.#take?.setBurn(burn);
  }

  /** Closes the segment. @param state `Paused`: another recorder goes on; `Complete`: with gaps it is Incomplete instead */
  async stop(state: 'Paused' | 'Complete'): Promise<void> {
    this.#stopping.abort(new StreamSpaceError('ShuttingDown', 'the recording was told to stop'));
    await this.#done;
    const { spool } = this.#options;
    await this.#recover();
    if (state === 'Complete') await this.#endGap(this.#nowMs());
    await spool.setState(state === 'Complete' && spool.gaps.length > 0 ? 'Incomplete' : state);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        await this.#record(signal, () => {
          attempt = 0;
        });
      } catch (error) {
        if (!signal.aborted) this.#interrupted(error);
      }
      if (!signal.aborted) await delay(Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** attempt), signal).catch(() => undefined);
    }
  }

  async #record(signal: AbortSignal, begun: () => void): Promise<void> {
    const { spool, endpoint, key, told, requireRoom = async () => undefined } = this.#options;
    await requireRoom();
    await this.#recover();
    const options: TakeOptions = {
      ...{ spool, endpoint, limit: this.#limit, rules: this.#rules, burn: () => this.#burn, signal, nowMs: () => this.#nowMs() },
      ...(key === undefined ? {} : { key }),
      requireRoom,
      closed: (segment) => told({ type: 'segment', segment }),
    };
    const take = await Take.begin(options, async (startMs) => {
      await this.#endGap(startMs);
      begun();
      told({ type: 'recording' });
    });
    this.#take = take;
    for (const event of this.#early.splice(0)) take.mark(event);
    try {
      await take.run();
    } finally {
      this.#take = undefined;
      this.#keep(take.late);
    }
  }

  #keep(events: readonly RecordingEvent[]): void {
    this.#early.push(...events);
    this.#early.splice(0, this.#early.length - MAX_EARLY); // the latest are what is asked about
  }

  async #recover(): Promise<void> {
    const segment = await recoverOpenSegment(this.#options.spool);
    if (segment !== undefined) this.#options.told({ type: 'segment', segment });
  }

  #interrupted(error: unknown): void {
    const known =
      error instanceof StreamSpaceError ? error : new StreamSpaceError('RecordingStopped', String(error), { cause: error });
    this.#missing ??= { fromMs: this.#options.spool.head().endMs, code: known.code };
    this.#options.told({ type: 'interrupted', fromMs: this.#missing.fromMs, code: known.code, message: known.message });
  }

  /** Ends the gap, if there is one; it begins where the last segment that is kept has ended. */
  async #endGap(toMs: number): Promise<void> {
    if (this.#missing === undefined) return;
    const gap = { fromMs: Math.max(this.#missing.fromMs, this.#options.spool.head().endMs), toMs, code: this.#missing.code };
    this.#missing = undefined;
    await this.#options.spool.addGap(gap);
    this.#options.told({ type: 'gap', gap });
  }

  /** Since the recording began; goes on evenly whatever is done to the clock, and never behind what is kept. */
  #nowMs(): number {
    const elapsed = performance.timeOrigin + performance.now() - this.#options.spool.facts.startedAt;
    return Math.max(Math.round(elapsed), this.#options.spool.head().endMs);
  }
}
