// The hash of a row straight from its line, for the row that is as it should be: the texts of its fields go into the content that is
// hashed as they came, without being parsed and written again. Where the hash comes out, those bytes are what was written. Where it
// does not, nothing is said: the row is then read and judged as a whole (chain.ts).
import { hash } from 'node:crypto';

export interface FastRow {
  readonly position: number;
  /** Hexadecimal, as stored; and as it was computed. */
  readonly hash: string;
  readonly type: string;
}

/** Room for a row; a longer one is left to who judges slowly. */
const MAX_BYTES = 64 * 1024;
const FIELDS = 12;

export class FastLink {
  readonly #bytes = Buffer.allocUnsafe(32 + MAX_BYTES);
  readonly #tokens: string[] = new Array<string>(FIELDS).fill('');
  /** By type of event. */
  readonly #details = new Map<string, Details>();

  /**
   * @param line see parseRow in chain.ts @param previous hash of the row before, hexadecimal @param position that it must have
   * @returns undefined: look at it closely
   */
  read(line: string, previous: string, position: number): FastRow | undefined {
    const tokens = this.#tokens;
    if (line.length > MAX_BYTES / 3 || !splitInto(tokens, line)) return undefined;
    const place = tokens[10] ?? '';
    const stored = tokens[11] ?? '';
    if (place !== String(position) || !/^".{64}"$/.test(stored)) return undefined;
    const type = tokens[3] ?? '';
    const facts = this.#detailsOf(type).canonical(tokens[9] ?? '');
    if (facts === undefined) return undefined;
    const at = tokens[2] ?? '';
    const time = at.endsWith('000Z"') ? `${at.slice(0, -5)}Z"` : at;
    const content =
      `{"actor":${tokens[4]},"at":${time},"details":${facts},"id":${tokens[1]},"object":${tokens[6]},"position":${place}` +
      `,"requestId":${tokens[8]},"result":${tokens[5]},"seq":${tokens[0]},"sourceAddress":${tokens[7]},"type":${type}}`;
    this.#bytes.write(previous, 0, 'hex');
    const length = 32 + this.#bytes.write(content, 32);
    const computed = hash('sha256', this.#bytes.subarray(0, length));
    if (computed !== stored.slice(1, -1)) return undefined;
    return { position, hash: computed, type: type.slice(1, -1) };
  }

  #detailsOf(type: string): Details {
    const known = this.#details.get(type);
    if (known !== undefined) return known;
    if (this.#details.size >= MAX_TYPES) this.#details.clear();
    const made = new Details();
    this.#details.set(type, made);
    return made;
  }
}

/** More types than there are come from an attacker alone. */
const MAX_TYPES = 1_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BRACE = 0x7b;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

/** The texts of the fields of `[a, b, ...]`, as they stand there. @returns false: it is not of the plain form */
function splitInto(tokens: string[], line: string): boolean {
  if (!line.startsWith('[') || !line.endsWith(']')) return false;
  let at = 1;
  for (let field = 0; field < FIELDS; field += 1) {
    const end = endOfValue(line, at);
    if (end < 0) return false;
    tokens[field] = line.slice(at, end);
    at = end + 2; // a comma and a space
    const isLast = field === FIELDS - 1;
    if (isLast ? end !== line.length - 1 : !isSeparated(line, end, COMMA)) return false;
  }
  return true;
}

const isSeparated = (text: string, at: number, by: number): boolean =>
  text.charCodeAt(at) === by && text.charCodeAt(at + 1) === SPACE;

/** Behind the value that begins at `start`: a text, an object, a number or null. */
function endOfValue(line: string, start: number): number {
  const first = line.charCodeAt(start);
  if (first === QUOTE) return endOfText(line, start);
  if (first === BRACE) return endOfObject(line, start);
  const comma = line.indexOf(',', start);
  return comma < 0 ? line.length - 1 : comma;
}

function endOfText(line: string, start: number): number {
  for (let from = start + 1; ; ) {
    const quote = line.indexOf('"', from);
    if (quote < 0) return -1;
    let slashes = 0;
    while (line.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}

/** A flat one. */
function endOfObject(line: string, start: number): number {
  let at = start + 1;
  if (line.charAt(at) === '}') return at + 1;
  for (;;) {
    const key = endOfText(line, at);
    if (key < 0) return -1;
    const end = endOfMember(line, key + 2);
    if (end < 0) return -1;
    if (line.charAt(end) === '}') return end + 1;
    at = end + 2;
  }
}

/** Behind the value of a member; -1 where it is a list or an object. */
function endOfMember(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return endOfText(text, start);
  if (first === BRACE || first === 0x5b) return -1;
  const brace = text.indexOf('}', start);
  const comma = text.indexOf(',', start);
  return comma >= 0 && comma < brace ? comma : brace;
}

/**
 * Details as PostgreSQL writes jsonb, `{"a": 1, "bc": "x"}` by length of the key, in canonical form: by code units and without spaces.
 * Events of a type have mostly the same keys, so their order is kept: to sort took as long as the hash.
 */
class Details {
  #keys: string[] = [];
  #order: readonly number[] = [];
  readonly #members: string[] = [];

  canonical(text: string): string | undefined {
    if (text === 'null' || text === '{}') return text;
    if (text.charCodeAt(0) !== BRACE) return undefined;
    let count = 0;
    let isKnown = true;
    for (let at = 1; ; count += 1) {
      const colon = endOfText(text, at);
      if (colon < 0 || !isSeparated(text, colon, COLON)) return undefined;
      const end = endOfMember(text, colon + 2);
      if (end < 0) return undefined;
      const key = text.slice(at, colon);
      if (this.#keys[count] !== key) {
        isKnown = false;
        this.#keys[count] = key;
      }
      // A number such as 1.50 is 1.5 in canonical form: a matter for who judges slowly.
      this.#members[count] = `${key}:${text.slice(colon + 2, end)}`;
      if (text.charAt(end) === '}') break;
      if (!isSeparated(text, end, COMMA)) return undefined;
      at = end + 2;
    }
    count += 1;
    if (!isKnown || this.#order.length !== count) this.#learn(count);
    let content = '';
    for (const place of this.#order) content += content === '' ? this.#members[place] : `,${this.#members[place]}`;
    return `{${content}}`;
  }

  /** By the texts of the keys; one with an escape in it may come elsewhere, and then the hash does not come out here. */
  #learn(count: number): void {
    this.#keys.length = count;
    const names = this.#keys.map((key) => key.slice(1, -1));
    const byName = (one: number, other: number): number => ((names[one] ?? '') < (names[other] ?? '') ? -1 : 1);
    this.#order = names.map((_, place) => place).toSorted(byName);
  }
}
