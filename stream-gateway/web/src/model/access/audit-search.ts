// What the search field of the audit page offers and changes. The grammar itself is in schemas/audit-search.
import { parseAuditSearch } from '../../../../../schemas/audit-search/parse.ts';
import { printAuditSearch } from '../../../../../schemas/audit-search/print.ts';
import { AUDIT_KEYS, type AuditKey, type AuditTerm } from '../../../../../schemas/audit-search/terms.ts';
import { AUDIT_RESULTS } from '../../../../../schemas/audit-search/values.ts';
import { AUDIT_EVENTS } from '../../../../../schemas/events.ts';

export interface KnownValues {
  readonly actors: readonly string[];
  readonly teams: readonly string[];
}

export interface Completion {
  /** The whole text of the field with it. */
  readonly text: string;
  /** What is added or put in place of the word that is being written. */
  readonly shown: string;
}

export const SINCE = ['1h', '1d', '7d', '30d'] as const;
const TYPES = Object.keys(AUDIT_EVENTS);
const FAMILIES = [...new Set(TYPES.filter((type) => type.includes('.')).map((type) => `${type.split('.', 1)[0]}.*`))];
const SHOWN = 12;

function valuesOf(key: AuditKey, known: KnownValues): readonly string[] {
  switch (key) {
    case 'actor':
      return known.actors;
    case 'team':
      return known.teams;
    case 'action':
      return [...FAMILIES, ...TYPES];
    case 'result':
      return AUDIT_RESULTS;
    case 'since':
      return SINCE;
    case 'object':
    case 'address':
    case 'commit':
    case 'request':
    case 'until':
      return [];
  }
}

/** For the word at the end of the text; nothing within quotation marks. */
export function completionsOf(text: string, known: KnownValues): readonly Completion[] {
  const word = (/\S*$/.exec(text)?.[0] ?? '').replace(/^-/, '');
  const minus = /(^|\s)-\S*$/.test(text) ? '-' : '';
  const before = text.slice(0, text.length - word.length - minus.length);
  if (((before + word).match(/"/g)?.length ?? 0) % 2 === 1) return [];
  const [key = '', partial] = word.split(/:(.*)/s, 2);
  if (partial === undefined) {
    return AUDIT_KEYS.filter((each) => each.startsWith(key.toLowerCase())).map((each) => ({
      text: `${before}${minus}${each}:`,
      shown: `${minus}${each}:`,
    }));
  }
  const found = AUDIT_KEYS.find((each) => each === key.toLowerCase());
  if (found === undefined) return [];
  return valuesOf(found, known)
    .filter((value) => value.toLowerCase().includes(partial.toLowerCase()) && value !== partial)
    .slice(0, SHOWN)
    .map((value) => {
      const written = printAuditSearch([{ key: found, value, negated: minus !== '' }]);
      return { text: `${before}${written} `, shown: written };
    });
}

/** The terms of a search that can be used, otherwise none. */
export function termsOf(text: string): readonly AuditTerm[] {
  const parsed = parseAuditSearch(text);
  return parsed.ok ? parsed.terms : [];
}

export function withoutTerm(text: string, index: number): string {
  return printAuditSearch(termsOf(text).filter((_, at) => at !== index));
}

/** @param since null: from the beginning */
export function withSince(text: string, since: string | null): string {
  const others = termsOf(text).filter(({ key }) => key !== 'since');
  return printAuditSearch(since === null ? others : [...others, { key: 'since', value: since, negated: false }]);
}

/** With one term more, unless it is there. */
export function withTerm(text: string, key: AuditKey, value: string): string {
  const terms = termsOf(text);
  const there = terms.some((term) => term.key === key && term.value === value && !term.negated);
  return there ? text : printAuditSearch([...terms, { key, value, negated: false }]);
}

/** Where the page shows what an event is about; undefined: nowhere. */
export function pageOfObject(object: string): { readonly to: string } | undefined {
  const [kind = '', ...rest] = object.split('/');
  const [namespace = '', name = ''] = rest;
  if (kind === 'Session' && rest.length === 2 && name !== '') return { to: `/sessions/${namespace}/${name}` };
  if (kind === 'GitSync' && rest.length === 2) return { to: `/sources/${namespace}/${name}` };
  if (kind === 'Recording' && rest.length === 1) return { to: `/recordings/${namespace}` };
  if (kind === 'Team' && rest.length === 1) return { to: `/teams/${namespace}` };
  return undefined;
}
