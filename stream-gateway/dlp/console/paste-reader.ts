// What a person sends to a terminal, with bracketed pastes told from typing: between ESC [200~ and ESC [201~ (XTerm Control
// Sequences, "Bracketed Paste Mode"). What was begun is never withheld, or the Escape key would wait for the next one; so the
// mark at the beginning has passed when the content is judged. Total, and the same for any cut.

export type InputItem =
  | { readonly kind: 'typed'; readonly bytes: Buffer }
  /** Without its marks. What passes of it, perhaps nothing, is to be followed by {@link PASTE_END}. */
  | { readonly kind: 'pasted'; readonly content: Buffer }
  /** Content that was not kept; to be followed by {@link PASTE_END}, too. */
  | { readonly kind: 'tooLong'; readonly bytes: number };

export const PASTE_START = Buffer.from('\u001b[200~');
export const PASTE_END = Buffer.from('\u001b[201~');
const ESC = 0x1b;

export class PasteReader {
  readonly #maxBytes: number;
  #inside = false;
  /** Bytes of the mark that is looked for. Its first byte is in it once only, so a mismatch starts anew. */
  #matched = 0;
  #kept: Buffer[] = [];
  #bytes = 0;

  /** @param maxBytes of a paste that is kept for judging */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  *push(bytes: Buffer): Generator<InputItem> {
    let from = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      if (!this.#matches(bytes.readUInt8(at))) continue;
      const part = bytes.subarray(from, at + 1);
      from = at + 1;
      if (this.#inside) yield this.#ended(part);
      else yield { kind: 'typed', bytes: part };
      this.#inside = !this.#inside;
    }
    const rest = bytes.subarray(from);
    if (rest.length === 0) return;
    if (this.#inside) this.#keep(rest);
    else yield { kind: 'typed', bytes: rest };
  }

  #matches(byte: number): boolean {
    const mark = this.#inside ? PASTE_END : PASTE_START;
    this.#matched = byte === mark[this.#matched] ? this.#matched + 1 : byte === ESC ? 1 : 0;
    if (this.#matched < mark.length) return false;
    this.#matched = 0;
    return true;
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes <= this.#maxBytes + PASTE_END.length) this.#kept.push(part);
    else this.#kept = [];
  }

  #ended(part: Buffer): InputItem {
    this.#keep(part);
    const bytes = this.#bytes - PASTE_END.length;
    const content = Buffer.concat(this.#kept);
    this.#kept = [];
    this.#bytes = 0;
    return bytes > this.#maxBytes ? { kind: 'tooLong', bytes } : { kind: 'pasted', content: content.subarray(0, bytes) };
  }
}
