// What went over a clipboard shortly before: a secret that is cut in two is found when the second half comes. Pure; the time is
// an argument, of a clock that nobody sets.

interface Remembered {
  readonly text: string;
  readonly atMs: number;
}

/** Of each clipboard, in UTF-16 units: the end, which is where a cut continues. */
const MAX_EACH = 4_096;
const MAX_ALL = 16_384;

/** Of one person in one session, and one direction. */
export class ClipboardWindow {
  #clips: Remembered[] = [];

  /** Oldest first, one behind the other. */
  textSince(windowMs: number, nowMs: number): string {
    this.#forget(windowMs, nowMs);
    return this.#clips.map(({ text }) => text).join('');
  }

  /** Of what passed: what was stopped is not out, so no half of it is. */
  remember(text: string, windowMs: number, nowMs: number): void {
    if (windowMs === 0 || text === '') return;
    this.#clips.push({ text: text.slice(-MAX_EACH), atMs: nowMs });
    this.#forget(windowMs, nowMs);
  }

  isEmpty(windowMs: number, nowMs: number): boolean {
    this.#forget(windowMs, nowMs);
    return this.#clips.length === 0;
  }

  #forget(windowMs: number, nowMs: number): void {
    this.#clips = this.#clips.filter(({ atMs }) => nowMs - atMs < windowMs);
    while (this.#clips.reduce((sum, { text }) => sum + text.length, 0) > MAX_ALL) this.#clips.shift();
  }
}
