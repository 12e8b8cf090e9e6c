// Judges what clipboards hold: what is quick at once, what may take long in a worker thread with a time limit (G-27). Nobody
// takes the threads from the others: of one person in one session one clipboard is judged and none waits.
import { Piscina } from 'piscina';
import { type ClipboardFormat, clipboardFormat, type MergedDlpRules } from '../../../schemas/kinds/policies/dlp-rules.ts';
import type { Clip, ContentVerdict, Direction } from '../../dlp/clipboard/clip.ts';
import { judgeContent, type Words, wordsOf } from '../../dlp/content/judge.ts';
import { appliesTo, isDear, type ReadyRule, readyRules } from '../../dlp/content/rules.ts';
import { ClipboardWindow } from '../../dlp/content/window.ts';
import type { ContentToJudge } from '../stream-policy.ts';
import { type JudgeAnswer, type JudgeTask, partsOf, verdictOf } from './task.ts';

export interface ContentJudgesOptions {
  /** How long a clipboard may be judged, with the start of a thread and the making ready of its rules. Default 4 s, below what the stream waits. */
  readonly timeoutMs?: number;
}

/** Steps of a matcher that are taken on the spot: a few milliseconds. */
const INLINE_STEPS = 5_000_000;
const THREADS = 2;
const WAITING = 64;
const IDLE_MS = 30_000;
const THREAD_MIB = 128;

interface Memory {
  readonly windows: ReadonlyMap<Direction, ReadonlyMap<ClipboardFormat, ClipboardWindow>>;
  windowMs: number;
  busy: boolean;
}

export class ContentJudges implements AsyncDisposable {
  readonly #timeoutMs: number;
  readonly #ready = new WeakMap<MergedDlpRules['clipboard']['rules'], readonly ReadyRule[]>();
  readonly #memory = new Map<string, Memory>();
  #pool: Piscina<JudgeTask, JudgeAnswer> | undefined;

  constructor({ timeoutMs = 4_000 }: ContentJudgesOptions = {}) {
    this.#timeoutMs = timeoutMs;
  }

  /** Rejects where nobody could judge in time, which denies the clipboard. */
  readonly judge = (asked: ContentToJudge): ContentVerdict | Promise<ContentVerdict> => {
    const { rules, direction, clip, nowMs, key } = asked;
    const content = rules.clipboard.rules.filter((rule) => appliesTo(rule, direction));
    if (content.length === 0) return { action: 'pass', clip, findings: [] };
    const windowMs = rules.clipboard.windowSeconds * 1_000;
    const memory = this.#memoryOf(key, windowMs, nowMs);
    const windows = memory.windows.get(direction) ?? new Map<ClipboardFormat, ClipboardWindow>();
    const before: Words = new Map([...windows].map(([format, window]) => [format, window.textSince(windowMs, nowMs)]));
    const remembered = (verdict: ContentVerdict): ContentVerdict => {
      if (verdict.action === 'pass')
        for (const [format, text] of wordsOf(verdict.clip)) windows.get(format)?.remember(text, windowMs, nowMs);
      return verdict;
    };
    // With a window the one that is judged has to be known before the next.
    if (memory.busy && windowMs > 0) throw new RangeError('another clipboard of this person is being judged');
    if (!content.some(isDear)) {
      const ready = this.#readyOf(rules).filter((rule) => appliesTo(rule, direction));
      if (isQuick(ready, clip, before)) return remembered(judgeContent(ready, direction, clip, before));
    }
    if (memory.busy) throw new RangeError('another clipboard of this person is being judged');
    memory.busy = true;
    const task = { rules: rules.clipboard.rules, direction, parts: partsOf(clip), before };
    return this.#inThread(task)
      .then(verdictOf)
      .then(remembered)
      .finally(() => {
        memory.busy = false;
      });
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool?.destroy();
  }

  async #inThread(task: JudgeTask): Promise<JudgeAnswer> {
    // A gateway that never needs a thread has none.
    this.#pool ??= new Piscina<JudgeTask, JudgeAnswer>({
      filename: new URL('./worker.ts', import.meta.url).href,
      execArgv: ['--conditions=source'],
      minThreads: 0,
      maxThreads: THREADS,
      maxQueue: WAITING,
      idleTimeout: IDLE_MS,
      resourceLimits: { maxOldGenerationSizeMb: THREAD_MIB },
    });
    return await this.#pool.run(task, { signal: AbortSignal.timeout(this.#timeoutMs) });
  }

  #readyOf({ clipboard: { rules } }: MergedDlpRules): readonly ReadyRule[] {
    const known = this.#ready.get(rules);
    if (known !== undefined) return known;
    const ready = readyRules(rules);
    this.#ready.set(rules, ready);
    return ready;
  }

  #memoryOf(key: string, windowMs: number, nowMs: number): Memory {
    for (const [other, memory] of this.#memory) if (other !== key && isForgotten(memory, nowMs)) this.#memory.delete(other);
    const memory = this.#memory.get(key) ?? { windows: newWindows(), windowMs, busy: false };
    memory.windowMs = windowMs;
    this.#memory.set(key, memory);
    return memory;
  }
}

function newWindows(): Memory['windows'] {
  const ofFormats = () => new Map(clipboardFormat.options.map((format) => [format, new ClipboardWindow()] as const));
  return new Map([
    ['Up', ofFormats()],
    ['Down', ofFormats()],
  ]);
}

function isForgotten({ windows, windowMs, busy }: Memory, nowMs: number): boolean {
  const all = [...windows.values()].flatMap((each) => [...each.values()]);
  return !busy && all.every((window) => window.isEmpty(windowMs, nowMs));
}

function isQuick(rules: readonly ReadyRule[], clip: Clip, before: Words): boolean {
  const length = [...clip.values(), ...before.values()].reduce((sum, part) => sum + part.length, 0);
  return rules.reduce((sum, { cost }) => sum + cost(length), 0) <= INLINE_STEPS;
}
