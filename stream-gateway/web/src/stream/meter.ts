// Bytes a second over the last moments: enough to smooth single frames, short enough to follow a film that stops.

const WINDOW_MS = 3_000;
const SLOT_MS = 250;

export class Meter {
  readonly #slots: { readonly from: number; bytes: number }[] = [];
  #startedAt: number | undefined;

  add(bytes: number, nowMs: number): void {
    this.#startedAt ??= nowMs;
    const from = Math.floor(nowMs / SLOT_MS) * SLOT_MS;
    const last = this.#slots.at(-1);
    if (last?.from === from) last.bytes += bytes;
    else this.#slots.push({ from, bytes });
    this.#forget(nowMs);
  }

  perSecond(nowMs: number): number {
    this.#forget(nowMs);
    const bytes = this.#slots.reduce((sum, slot) => sum + slot.bytes, 0);
    // A connection that has just begun has no whole window yet.
    const age = Math.max(1_000, Math.min(WINDOW_MS, nowMs - (this.#startedAt ?? nowMs)));
    return (bytes * 1_000) / age;
  }

  #forget(nowMs: number): void {
    while ((this.#slots[0]?.from ?? nowMs) < nowMs - WINDOW_MS) this.#slots.shift();
  }
}
