// Card numbers and IBANs: numbers that carry a check digit, written with or without spaces.
import type { Span } from '../span.ts';

/** Groups of digits with the same single separator between them. */
const RUN = /(?<![0-9])[0-9]+(?:([ \-.])[0-9]+(?:\1[0-9]+)*)?/g;
/** How cards are printed. */
const LAYOUTS = [
  [4, 4, 4, 4],
  [4, 6, 5],
  [4, 4, 4, 4, 3],
  [4, 6, 4],
  [4, 5, 6],
  [6, 13],
  [4, 4, 5],
] as const;

interface Group extends Span {
  readonly digits: string;
}

/** ISO/IEC 7812: a length and a prefix that some issuer has, and the check digit of Luhn. */
export function cardNumbers(text: string): readonly Span[] {
  const found: Span[] = [];
  for (const match of text.matchAll(RUN)) {
    const groups = groupsOf(match[0], match.index);
    const all = groups.map(({ digits }) => digits).join('');
    const [first] = groups;
    const last = groups.at(-1);
    if (first === undefined || last === undefined) continue;
    if (isCardNumber(all)) found.push({ start: first.start, end: last.end });
    else if (groups.length > 1) found.push(...cardsAmong(groups));
  }
  return found;
}

/** In a longer row of numbers: a whole group, or groups in a layout of cards. */
function cardsAmong(groups: readonly Group[]): readonly Span[] {
  const found: Span[] = [];
  for (let index = 0; index < groups.length; index += 1) {
    for (const layout of [[groups[index]?.digits.length ?? 0], ...LAYOUTS]) {
      const chosen = groups.slice(index, index + layout.length);
      if (chosen.length < layout.length || chosen.some(({ digits }, at) => digits.length !== layout[at])) continue;
      const [first] = chosen;
      const last = chosen.at(-1);
      if (first === undefined || last === undefined || !isCardNumber(chosen.map(({ digits }) => digits).join(''))) continue;
      found.push({ start: first.start, end: last.end });
    }
  }
  return found;
}

function groupsOf(run: string, offset: number): readonly Group[] {
  return [...run.matchAll(/[0-9]+/g)].map(({ 0: digits, index }) => ({
    digits,
    start: offset + index,
    end: offset + index + digits.length,
  }));
}

/** Prefix of the issuer, shortest and longest number. */
const ISSUERS: readonly (readonly [prefix: RegExp, min: number, max: number])[] = [
  [/^4/, 13, 19],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, 16, 16],
  [/^3[47]/, 15, 15],
  [/^3(?:0[0-5]|095|6|8|9)/, 14, 19],
  [/^6(?:011|4[4-9]|5)/, 16, 19],
  [/^35(?:2[89]|[3-8])/, 16, 19],
  [/^(?:62|81)/, 16, 19],
  [/^(?:50|5[6-9]|6[013-9])/, 13, 19],
];

function isCardNumber(digits: string): boolean {
  if (digits.length < 13 || digits.length > 19) return false;
  if (!ISSUERS.some(([prefix, min, max]) => prefix.test(digits) && digits.length >= min && digits.length <= max)) return false;
  return luhn(digits);
}

function luhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Length of an IBAN by country (the registry of ISO 13616). */
const IBAN_LENGTHS: Readonly<Record<string, number>> = {
  AD: 24,
  AE: 23,
  AL: 28,
  AT: 20,
  AZ: 28,
  BA: 20,
  BE: 16,
  BG: 22,
  BH: 22,
  BI: 27,
  BR: 29,
  BY: 28,
  CH: 21,
  CR: 22,
  CY: 28,
  CZ: 24,
  DE: 22,
  DJ: 27,
  DK: 18,
  DO: 28,
  EE: 20,
  EG: 29,
  ES: 24,
  FI: 18,
  FK: 18,
  FO: 18,
  FR: 27,
  GB: 22,
  GE: 22,
  GI: 23,
  GL: 18,
  GR: 27,
  GT: 28,
  HN: 28,
  HR: 21,
  HU: 28,
  IE: 22,
  IL: 23,
  IQ: 23,
  IS: 26,
  IT: 27,
  JO: 30,
  KW: 30,
  KZ: 20,
  LB: 28,
  LC: 32,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  LY: 25,
  MC: 27,
  MD: 24,
  ME: 22,
  MK: 19,
  MN: 20,
  MR: 27,
  MT: 31,
  MU: 30,
  NI: 28,
  NL: 18,
  NO: 15,
  OM: 23,
  PK: 24,
  PL: 28,
  PS: 29,
  PT: 25,
  QA: 29,
  RO: 24,
  RS: 22,
  RU: 33,
  SA: 24,
  SC: 31,
  SD: 18,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  SO: 23,
  ST: 25,
  SV: 28,
  TL: 23,
  TN: 24,
  TR: 26,
  UA: 29,
  VA: 22,
  VG: 24,
  XK: 20,
  YE: 30,
};

export function ibans(text: string): readonly Span[] {
  const found: Span[] = [];
  for (const { 0: head, index } of text.matchAll(/(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}/g)) {
    const length = IBAN_LENGTHS[head.slice(0, 2).toUpperCase()];
    if (length === undefined) continue;
    let characters = '';
    let at = index;
    for (; at < text.length && characters.length < length; at += 1) {
      const character = text[at] ?? '';
      if (/[A-Za-z0-9]/.test(character)) characters += character.toUpperCase();
      else if (!/[ \-\u00A0]/.test(character) || !/[A-Za-z0-9]/.test(text[at + 1] ?? '')) break;
    }
    if (characters.length < length || /[A-Za-z0-9]/.test(text[at] ?? '')) continue;
    if (mod97(`${characters.slice(4)}${characters.slice(0, 4)}`) === 1) found.push({ start: index, end: at });
  }
  return found;
}

function mod97(characters: string): number {
  let rest = 0;
  for (const character of characters) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}
