// Fences of the desktop that the browser owes an answer to (rfbproto, ServerFence). A desktop measures the network with them
// and slows down while they are out; one that is never answered may stall it (G-13).

const REQUEST = 0x80000000;
/** BlockBefore, BlockAfter and SyncNext: what an answer may repeat. */
const KNOWN_FLAGS = 0x7;
/** TigerVNC sends one an update: this is 17 s of them at 60 updates a second. */
const MAX_WAITING = 1024;

interface Waiting {
  readonly payload: string;
  readonly dueAt: number;
  readonly answer: Buffer;
  answered: boolean;
}

/** Whether a fence, of either direction, asks for an answer. */
export function isFenceRequest(bytes: Buffer): boolean {
  return (bytes.readUInt32BE(4) & REQUEST) !== 0;
}

export class FenceWatch {
  readonly #timeoutMs: number;
  #waiting: Waiting[] = [];

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Notes a whole ServerFence on its way to the browser; returns answers that can be waited for no longer. */
  note(bytes: Buffer, nowMs: number): readonly Buffer[] {
    if (!isFenceRequest(bytes)) return [];
    const answer = Buffer.from(bytes);
    answer.writeUInt32BE(bytes.readUInt32BE(4) & KNOWN_FLAGS, 4);
    this.#waiting.push({ payload: payloadOf(bytes), dueAt: nowMs + this.#timeoutMs, answer, answered: false });
    if (this.#waiting.length <= MAX_WAITING) return [];
    const oldest = this.#waiting.shift();
    return oldest === undefined || oldest.answered ? [] : [oldest.answer];
  }

  /** What to do with an answer of the browser: `late` is one that was given for it already. */
  answer(bytes: Buffer): 'forward' | 'late' | 'unasked' {
    const payload = payloadOf(bytes);
    const index = this.#waiting.findIndex((fence) => fence.payload === payload);
    const [fence] = index === -1 ? [] : this.#waiting.splice(index, 1);
    if (fence === undefined) return 'unasked';
    return fence.answered ? 'late' : 'forward';
  }

  /** Answers that are overdue, each once. */
  overdue(nowMs: number): readonly Buffer[] {
    const due = this.#waiting.filter((fence) => !fence.answered && fence.dueAt <= nowMs);
    for (const fence of due) fence.answered = true;
    return due.map((fence) => fence.answer);
  }
}

function payloadOf(bytes: Buffer): string {
  return bytes.toString('latin1', 9);
}
