// What each key of a search takes, and the one form in which it is kept.
import { parseAddressRange } from './address.ts';
import type { AuditTerm } from './terms.ts';

export const AUDIT_RESULTS = ['success', 'refused', 'failure'] as const;
export type AuditResult = (typeof AUDIT_RESULTS)[number];

const RESULT_WORDS: Readonly<Record<string, AuditResult>> = {
  success: 'success',
  ok: 'success',
  refused: 'refused',
  denied: 'refused',
  failure: 'failure',
  failed: 'failure',
};

type Canonical = { readonly value: string } | { readonly wrong: string };

const matching =
  (pattern: RegExp, wrong: string, form: (value: string) => string = (value) => value) =>
  (value: string): Canonical =>
    pattern.test(value) ? { value: form(value) } : { wrong };
const lower = (value: string): string => value.toLowerCase();

const FORMS: Readonly<Record<AuditTerm['key'], (value: string) => Canonical>> = {
  actor: matching(/^.{1,128}$/u, 'write the name of a person, 128 characters at most'),
  action: matching(/^[a-z][a-z.-]{0,62}\*?$/i, 'write an event such as session.created, or session.* for all of a kind', lower),
  result(value) {
    const found = Object.hasOwn(RESULT_WORDS, lower(value)) ? RESULT_WORDS[lower(value)] : undefined;
    return found === undefined ? { wrong: 'write success, refused or failure' } : { value: found };
  },
  object: matching(/^[^/]+(\/[^/]+){1,7}$/, 'write kind/name or kind/namespace/name, such as session/demo'),
  team: matching(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/i, 'write the name of a team', lower),
  address(value) {
    const range = parseAddressRange(value);
    return range === undefined ? { wrong: 'write an address or a range such as 10.0.0.0/8' } : { value: lower(value) };
  },
  commit: matching(/^[0-9a-f]{4,64}$/i, 'write 4 to 64 hexadecimal digits of a commit', lower),
  request: matching(/^[\w.-]{8,128}$/, 'write the id of a request, as errors show it'),
  since: timeForm,
  until: timeForm,
  text: matching(/[\p{L}\p{N}]/u, 'write a word with at least one letter or digit'),
};

/** @returns the canonical value, or what is to be written instead */
export function canonicalValue(key: AuditTerm['key'], value: string): Canonical {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are meant
  if (/[\u0000-\u001f\u007f]/.test(value)) return { wrong: 'leave out control characters' };
  return FORMS[key](value);
}

const AGO = /^(\d{1,5})([mhdw])$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z$/;
const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const DAY_MS = 86_400_000;

function timeForm(value: string): Canonical {
  const known = AGO.test(value) || ((DAY.test(value) || INSTANT.test(value)) && realDay(value));
  return known ? { value } : { wrong: 'write 30m, 12h, 2d, 4w, a day such as 2026-11-01, or 2026-11-01T08:00Z' };
}

/** 30 February is one for Date, which makes 2 March of it. */
function realDay(value: string): boolean {
  const ms = Date.parse(value);
  return !Number.isNaN(ms) && (!DAY.test(value) || new Date(ms).toISOString().startsWith(value)) && value >= '1970';
}

/**
 * The instant that a canonical value of `since` or `until` means, in milliseconds. Days are those of UTC: `since` one is from its
 * start, `until` one is to its end.
 */
export function instantOf(key: 'since' | 'until', value: string, nowMs: number): number {
  const [, count = '0', unit = 'm'] = AGO.exec(value) ?? [];
  if (AGO.test(value)) return nowMs - Number(count) * (UNIT_MS[unit] ?? 0);
  return Date.parse(value) + (key === 'until' && DAY.test(value) ? DAY_MS : 0);
}
