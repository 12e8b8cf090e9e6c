// Patterns of a CODEOWNERS file: those of gitignore, as GitHub takes them (docs.github.com, "About code owners"): no `!`, no `[ ]`, and
// `docs/*` is what lies in docs itself. Matched by hand and counted: a regular expression made of a stranger's pattern may take for ever.

/** A character as it is, or a wildcard within one part of a path. */
type Token = string | typeof ANY_TEXT | typeof ANY_CHARACTER;
const ANY_TEXT = Symbol('*');
const ANY_CHARACTER = Symbol('?');

/** Any number of parts of a path, none too. */
const ANY_PARTS = Symbol('**');
/** A part that is exactly so is compared as a whole. */
type Part = string | readonly Token[] | typeof ANY_PARTS;

export type OwnerPattern = readonly Part[];

/** What comparing may still cost, over as many patterns and paths as share it. */
export interface Effort {
  left: number;
}

/** @returns undefined for a pattern that GitHub does not take @param text with its escapes */
export function compilePattern(text: string): OwnerPattern | undefined {
  // A backslash does not help: `\#` is none either.
  if (/^(!|\\#)|\*\*\*/.test(text)) return undefined;
  const raw = splitParts(text);
  if (raw === undefined) return undefined;
  const anchored = raw[0] === '';
  const names = anchored ? raw.slice(1) : raw;
  const isFolder = names.length > 1 && names.at(-1) === '';
  if (isFolder) names.pop();
  if (names.length === 0 || names.includes('')) return undefined; // `/`, `a//b`
  const parts: Part[] = [];
  if (!anchored && names.length === 1 && names[0] !== '**') parts.push(ANY_PARTS);
  for (const name of names) {
    const part = name === '**' ? ANY_PARTS : partOf(name);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  const last = names.at(-1);
  // What is below a folder, and not the file of its name.
  if (isFolder) return last === '**' ? [...parts, ANY_NAME, ...BELOW] : [...parts, ...BELOW];
  if (last === '**' && names.length > 1) return [...parts.slice(0, -1), ...BELOW];
  // A name may be that of a folder; `*` alone is of files.
  return last === '*' || last === '**' ? parts : [...parts, ANY_PARTS];
}

const ANY_NAME: Part = [ANY_TEXT];
const BELOW: OwnerPattern = [ANY_NAME, ANY_PARTS];

/** At slashes; undefined where a backslash ends it. */
function splitParts(text: string): string[] | undefined {
  const parts = [''];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '/') parts.push('');
    else if (character !== '\\') parts[parts.length - 1] += character;
    else if (at + 1 === text.length) return undefined;
    else {
      parts[parts.length - 1] += `\\${text[at + 1]}`;
      at += 1;
    }
  }
  return parts;
}

function partOf(name: string): Part | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < name.length; at += 1) {
    const character = name[at] ?? '';
    if (character === '\\') {
      tokens.push(name[at + 1] ?? '');
      at += 1;
    } else if (character === '[' || character === ']') return undefined;
    else if (character === '?') tokens.push(ANY_CHARACTER);
    else if (character !== '*') tokens.push(character);
    else if (tokens.at(-1) !== ANY_TEXT) tokens.push(ANY_TEXT);
  }
  return tokens.every((token) => typeof token === 'string') ? tokens.join('') : tokens;
}

/** @returns undefined where it takes more than the effort that is left */
export function matchesPattern(pattern: OwnerPattern, path: readonly string[], effort: Effort): boolean | undefined {
  return matches(pattern, path, ANY_PARTS, effort, (part, name) =>
    typeof part === 'string'
      ? part === name
      : part === ANY_PARTS
        ? false
        : matches(part, name, ANY_TEXT, effort, (token, character) => token === ANY_CHARACTER || token === character),
  );
}

/**
 * Whether items are what the wishes say, one by one; `many` is any number of them. Only the last `many` is ever tried again, so it takes at
 * most as many steps as the product of both lengths.
 */
function matches<Wish, Item>(
  wishes: ArrayLike<Wish>,
  items: ArrayLike<Item>,
  many: Wish,
  effort: Effort,
  fits: (wish: Wish, item: Item) => boolean | undefined,
): boolean | undefined {
  let wish = 0;
  let item = 0;
  let again: { wish: number; item: number } | undefined;
  while (item < items.length) {
    effort.left -= 1;
    if (effort.left < 0) return undefined;
    if (wish < wishes.length && wishes[wish] === many) {
      again = { wish: wish + 1, item };
      wish += 1;
      continue;
    }
    const fit = wish < wishes.length ? fits(wishes[wish] as Wish, items[item] as Item) : false;
    if (fit === undefined) return undefined;
    if (fit) {
      wish += 1;
      item += 1;
    } else if (again === undefined) return false;
    else {
      again.item += 1;
      ({ wish, item } = again);
    }
  }
  while (wish < wishes.length && wishes[wish] === many) wish += 1;
  return wish === wishes.length;
}
