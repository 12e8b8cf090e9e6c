// What a program writes to a terminal, with every OSC 52 taken out: the escape that sets or asks for the clipboard of whoever
// looks on (XTerm Control Sequences, "Operating System Commands"; states as in the parser of xterm.js, after vt100.net/emu/dec_ansi_parser).
// Total, and the same for any cut of the same bytes. What is not UTF-8 becomes U+FFFD, so that no terminal reads another text
// than was judged here. An introducer counts in every state: at worst something is taken out that nobody would have obeyed.
import { isUtf8 } from 'node:buffer';
import { MAX_CLIPBOARD_BYTES } from '../../../schemas/kinds/policies/dlp-rules.ts';

export type OutputItem =
  | { readonly kind: 'text'; readonly text: string }
  /** To be judged; what passes is written anew with {@link clipboardSet}. */
  | { readonly kind: 'set'; readonly content: Buffer }
  /** Taken out. A query is never answered; `clear` would empty the clipboard; `tooLong` is longer than any clipboard may be. */
  | { readonly kind: 'stripped'; readonly why: 'query' | 'clear' | 'invalid' | 'tooLong' };

const ESC = '\u001b';
const BEL = '\u0007';
const CAN = '\u0018';
const SUB = '\u001a';
const DEL = '\u007f';
const C1_OSC = '\u009d';
const C1_ST = '\u009c';
/** Decoders of terminals leave it out, wherever it is. */
const BOM = '\ufeff';
/** `ESC ]` and a number; nobody uses one with more digits. */
const MAX_HELD = 40;
/** Base64 of the longest clipboard, and the names of the selections before it. */
export const MAX_PAYLOAD = Math.ceil(MAX_CLIPBOARD_BYTES / 3) * 4 + 64;

type State = 'ground' | 'escape' | 'number' | 'payload' | 'drop';

/** Holds at most {@link MAX_PAYLOAD} characters; of text that is no OSC 52 at most the beginning of one escape. */
export class OutputFilter {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #state: State = 'ground';
  /** Not passed on yet: it may become an OSC 52. */
  #held = '';
  #digits = '';
  #payload = '';
  /** The escape that was just seen ended something that is taken out; a `\` behind it belongs to it. */
  #endsStripped = false;

  *push(chunk: Uint8Array): Generator<OutputItem> {
    const text = this.#decoder.decode(chunk, { stream: true });
    let passed = '';
    for (let at = 0; at < text.length; ) {
      if (this.#state === 'ground' || this.#state === 'payload' || this.#state === 'drop') {
        const end = nextControl(text, at, this.#state === 'ground' ? INTRODUCERS : CONTROLS);
        if (this.#state === 'ground') passed += text.slice(at, end);
        else if (this.#state === 'payload') this.#payload += text.slice(at, end);
        at = end;
        if (this.#state === 'payload' && this.#payload.length > MAX_PAYLOAD) {
          this.#payload = '';
          this.#state = 'drop';
          yield { kind: 'stripped', why: 'tooLong' };
        }
        if (at >= text.length) break;
      }
      const { pass, found } = this.#step(text.charAt(at));
      passed += pass;
      at += 1;
      if (found === undefined) continue;
      if (passed !== '') yield { kind: 'text', text: passed };
      passed = '';
      yield found;
    }
    if (passed !== '') yield { kind: 'text', text: passed };
  }

  #step(char: string): { readonly pass: string; readonly found?: OutputItem } {
    if (char === BOM) return { pass: '' };
    switch (this.#state) {
      case 'ground':
        this.#introduce(char);
        return { pass: '' };
      case 'escape':
        return { pass: this.#inEscape(char) };
      case 'number':
        return this.#inNumber(char);
      case 'payload':
        return this.#inPayload(char);
      case 'drop':
        return { pass: this.#leave(char) };
    }
  }

  /**
   * What was begun before is cut off by it, and means nothing. It is not passed on: with what stands behind something that is
   * taken out it might be read as one.
   * @param char an escape or a C1 OSC
   */
  #introduce(char: string): void {
    this.#held = char;
    this.#digits = '';
    this.#endsStripped = false;
    this.#state = char === ESC ? 'escape' : 'number';
  }

  #inEscape(char: string): string {
    if (isIntroducer(char)) {
      this.#introduce(char);
      return '';
    }
    if (char === ']') {
      this.#held += char;
      this.#state = 'number';
      return '';
    }
    if (char === '\\' && this.#endsStripped) return this.#release('');
    if (char === DEL) return '';
    // Obeyed at once by a terminal, which then still waits for the rest of the escape.
    if (char < ' ' && char !== CAN && char !== SUB) return char;
    return this.#release(this.#held + char);
  }

  #inNumber(char: string): { readonly pass: string; readonly found?: OutputItem } {
    if (char >= '0' && char <= '9') {
      this.#held += char;
      this.#digits += char;
      if (this.#held.length <= MAX_HELD) return { pass: '' };
      this.#held = '';
      this.#state = 'drop';
      return { pass: '', found: { kind: 'stripped', why: 'invalid' } };
    }
    const isClipboard = this.#digits !== '' && Number(this.#digits) === 52;
    if (char === ';' && isClipboard) {
      this.#held = '';
      this.#payload = '';
      this.#state = 'payload';
      return { pass: '' };
    }
    if (isIgnored(char)) return { pass: '' };
    if (!isClipboard && !isIntroducer(char)) return { pass: this.#release(this.#held + char) };
    if (!isClipboard) {
      this.#introduce(char);
      return { pass: '' };
    }
    this.#held = '';
    return { pass: this.#leave(char), found: { kind: 'stripped', why: 'invalid' } };
  }

  #inPayload(char: string): { readonly pass: string; readonly found?: OutputItem } {
    if (isIgnored(char)) return { pass: '' };
    const payload = this.#payload;
    this.#payload = '';
    const ended = char === BEL || char === C1_ST || char === ESC;
    return { pass: this.#leave(char), found: ended ? itemOf(payload) : { kind: 'stripped', why: 'invalid' } };
  }

  /** At the end of what is taken out, whatever ends it. */
  #leave(char: string): string {
    if (isIgnored(char)) return '';
    this.#held = '';
    if (!isIntroducer(char)) return this.#release(char === BEL || char === C1_ST ? '' : char);
    this.#introduce(char);
    this.#endsStripped = char === ESC;
    return '';
  }

  #release(text: string): string {
    this.#held = '';
    this.#state = 'ground';
    return text;
  }
}

/** The escape that sets the clipboard to what has passed. */
export function clipboardSet(content: Buffer): string {
  return `${ESC}]52;c;${content.toString('base64')}${BEL}`;
}

function itemOf(payload: string): OutputItem {
  const at = payload.indexOf(';');
  const data = payload.slice(at + 1);
  if (at < 0) return { kind: 'stripped', why: 'invalid' };
  if (data === '?') return { kind: 'stripped', why: 'query' };
  if (data === '') return { kind: 'stripped', why: 'clear' };
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(data)) return { kind: 'stripped', why: 'invalid' };
  const content = Buffer.from(data, 'base64');
  if (content.length > MAX_CLIPBOARD_BYTES) return { kind: 'stripped', why: 'tooLong' };
  // A filter and the one who pastes might read another text.
  return content.length > 0 && isUtf8(content) ? { kind: 'set', content } : { kind: 'stripped', why: 'invalid' };
}

const isIntroducer = (char: string): boolean => char === ESC || char === C1_OSC;
/** Left out by terminals within an OSC. */
const isIgnored = (char: string): boolean =>
  char === BOM || char === DEL || (char < ' ' && char !== BEL && char !== ESC && char !== CAN && char !== SUB);

const INTRODUCERS = new RegExp(`[${ESC}${C1_OSC}${BOM}]`, 'g');
const CONTROLS = new RegExp(`[${'\u0000'}-${'\u001f'}${DEL}-${'\u009f'}${BOM}]`, 'g');

function nextControl(text: string, from: number, controls: RegExp): number {
  controls.lastIndex = from;
  return controls.exec(text)?.index ?? text.length;
}
