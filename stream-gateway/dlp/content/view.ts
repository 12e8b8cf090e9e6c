// A text as a filter reads it, with the way back: what is found in a view is blacked out in the text itself.
import type { Span } from './span.ts';

export interface View {
  readonly text: string;
  /** Where the piece of the original is that stands at these units of `text`. */
  readonly origin: (span: Span) => Span;
}

export function plainView(text: string): View {
  return { text, origin: (span) => span };
}

/** Not seen on a screen, or not there at all: they part what belongs together. U+FFFD stands for bytes that are no UTF-8. */
const UNSEEN: readonly (readonly [from: number, to: number])[] = [
  [0x0000, 0x0008],
  [0x000b, 0x000c],
  [0x000e, 0x001f],
  [0x007f, 0x007f],
  [0x00ad, 0x00ad],
  [0x034f, 0x034f],
  [0x061c, 0x061c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180e],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff9, 0xfffd],
  [0xe0000, 0xe0fff],
];

/** Letters of other scripts that look like one of ours (Unicode TS 39, the ones that nobody tells apart). */
const LOOK_ALIKES = new Map(
  Object.entries({
    a: 'аɑα',
    b: 'Ьƅ',
    c: 'сϲⅽ',
    d: 'ԁⅾ',
    e: 'еҽ',
    g: 'ɡց',
    h: 'һ',
    i: 'іıɩⅰ',
    j: 'јϳ',
    k: 'κк',
    l: 'ӏⅼǀ',
    m: 'ⅿ',
    n: 'ո',
    o: 'оοօ',
    p: 'рρ',
    q: 'ԛ',
    r: 'г',
    s: 'ѕ',
    t: 'τ',
    u: 'υս',
    v: 'ѵνⅴ',
    w: 'ԝѡ',
    x: 'хχⅹ',
    y: 'уγ',
    z: 'ᴢ',
    A: 'АΑ',
    B: 'ВΒ',
    C: 'СϹⅭ',
    D: 'ⅮᎠ',
    E: 'ЕΕ',
    F: 'Ϝ',
    G: 'Ԍ',
    H: 'НΗ',
    I: 'ІΙӀⅠ',
    J: 'Ј',
    K: 'КΚ',
    L: 'Ⅼ',
    M: 'МΜⅯ',
    N: 'Ν',
    O: 'ОΟ',
    P: 'РΡ',
    Q: 'Ԛ',
    S: 'Ѕ',
    T: 'ТΤ',
    U: 'Ս',
    V: 'Ѵⅴ',
    W: 'Ԝ',
    X: 'ХΧⅩ',
    Y: 'УΥҮ',
    Z: 'Ζ',
    '-': '‐‑‒–—―−',
  }).flatMap(([ascii, others]) => [...others].map((other) => [other, ascii] as const)),
);

/** The zeros of the scripts whose digits people have on their keyboards. */
const ZEROS = [
  0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0e50, 0x0ed0, 0x0f20,
];

function folded(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  if (UNSEEN.some(([from, to]) => point >= from && point <= to)) return '';
  const alike = LOOK_ALIKES.get(character);
  if (alike !== undefined) return alike;
  const zero = ZEROS.find((each) => point >= each && point < each + 10);
  if (zero !== undefined) return String(point - zero);
  // Full width, mathematical letters, circled digits, no-break spaces, ligatures.
  const plain = character.normalize('NFKC');
  return plain === character ? character : [...plain].map((each) => LOOK_ALIKES.get(each) ?? each).join('');
}

/** `undefined` where it would be the text itself. */
export function foldedView(text: string): View | undefined {
  // Most texts are plain ASCII, and then only control characters and CRLF are of interest.
  if (/^[\t\n\u0020-\u007E]*$/.test(text)) return undefined;
  const starts: number[] = [];
  const ends: number[] = [];
  let result = '';
  let at = 0;
  for (const character of text) {
    const end = at + character.length;
    const part = character === '\r' && text[end] === '\n' ? '' : folded(character);
    for (let unit = 0; unit < part.length; unit += 1) {
      starts.push(at);
      ends.push(end);
    }
    result += part;
    at = end;
  }
  if (result === text) return undefined;
  return {
    text: result,
    origin: ({ start, end }) => ({ start: starts[start] ?? text.length, end: ends[end - 1] ?? text.length }),
  };
}

/** Shorter ones are words. */
const MIN_BASE64 = 24;

/** What base64 hides, one level deep: a run that decodes to text. Found there, the whole run counts as found. */
export function base64Views(text: string): readonly View[] {
  const views: View[] = [];
  // Lines of 64 or 76 characters belong together.
  for (const match of text.matchAll(/[A-Za-z0-9+/_-]{16,}(?:\r?\n[A-Za-z0-9+/_-]{4,})*={0,2}/g)) {
    const [run] = match;
    if (run.length < MIN_BASE64) continue;
    const span = { start: match.index, end: match.index + run.length };
    const packed = run.replaceAll(/[\r\n]/g, '');
    // Letters right in front of it shift every group of four.
    for (let skipped = 0; skipped < 4; skipped += 1) {
      const decoded = textOf(Buffer.from(packed.slice(skipped), 'base64'));
      if (decoded !== undefined) views.push({ text: decoded, origin: () => span });
    }
  }
  return views;
}

/** UTF-8, or UTF-16 as Windows writes it, of which most can be read: letters behind it that are no part of it decode to anything. */
function textOf(bytes: Buffer): string | undefined {
  const wide = bytes.length >= 8 && bytes.length % 2 === 0 && bytes[1] === 0 && bytes[3] === 0;
  const text = bytes.toString(wide ? 'utf16le' : 'utf8');
  let unreadable = 0;
  for (const character of text) if (character === '\uFFFD' || (character < ' ' && !/[\t\n\r]/.test(character))) unreadable += 1;
  return text.length >= 8 && unreadable * 4 <= text.length ? text : undefined;
}

/** Every way in which a text is read. */
export function viewsOf(text: string): readonly View[] {
  const plain = plainView(text);
  const fold = foldedView(text);
  return [plain, ...(fold === undefined ? [] : [fold]), ...base64Views(text)];
}
