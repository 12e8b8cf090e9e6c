// The grammar of a search: `actor:ann -action:session.* since:2d "free text"`. Total: whatever comes gives terms or a problem with its
// place. Linear in the length, which is bounded.
//
//   search = *( space / term )      term  = [ "-" ] ( key ":" value / value )
//   value  = quoted / word          quoted = DQUOTE *( "\" any / any but DQUOTE ) DQUOTE      word = 1*( any but space )
import {
  type AuditSearchProblem,
  type AuditTerm,
  isAuditKey,
  MAX_AUDIT_SEARCH,
  MAX_AUDIT_TERMS,
  type ParsedAuditSearch,
  AUDIT_SEARCH_PROBLEMS as PROBLEMS,
} from './terms.ts';
import { canonicalValue } from './values.ts';

const WORD = /\S+/y;
const SPACE = /\s*/y;
const KEY = /([a-z]+):/iy;
const QUOTED = /"((?:[^"\\]|\\[\s\S])*)"/y;

type Step = { readonly term: AuditTerm; readonly end: number } | AuditSearchProblem;

export function parseAuditSearch(text: string): ParsedAuditSearch {
  if (text.length > MAX_AUDIT_SEARCH)
    return failed({
      ...{ code: 'TooLong', at: MAX_AUDIT_SEARCH },
      message: `the search has more than ${MAX_AUDIT_SEARCH} characters`,
    });
  const terms: AuditTerm[] = [];
  for (let at = afterSpace(text, 0); at < text.length; ) {
    if (terms.length === MAX_AUDIT_TERMS)
      return failed({ code: 'TooMany', at, message: `the search has more than ${MAX_AUDIT_TERMS} terms` });
    const step = termAt(text, at);
    if ('code' in step) return failed(step);
    terms.push(step.term);
    at = afterSpace(text, step.end);
  }
  return { ok: true, terms };
}

function failed(problem: AuditSearchProblem): ParsedAuditSearch {
  return { ok: false, problem };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function afterSpace(text: string, at: number): number {
  return at + (matchAt(SPACE, text, at)?.[0].length ?? 0);
}

function termAt(text: string, start: number): Step {
  const negated = text[start] === '-';
  const at = negated ? start + 1 : start;
  const keyed = matchAt(KEY, text, at);
  if (keyed === null) return valueAt(text, at, 'text', negated);
  const key = (keyed[1] ?? '').toLowerCase();
  if (!isAuditKey(key))
    return { code: 'KeyUnknown', at, message: `there is no key "${key.slice(0, 40)}"; quote words that have a colon` };
  if (negated && (key === 'since' || key === 'until'))
    return { code: 'NotNegatable', at: start, message: `${key} cannot be negated: since and until say the range` };
  return valueAt(text, at + keyed[0].length, key, negated);
}

function valueAt(text: string, at: number, key: AuditTerm['key'], negated: boolean): Step {
  const quoted = text[at] === '"';
  const found = matchAt(quoted ? QUOTED : WORD, text, at);
  if (found === null) {
    if (quoted) return { code: 'QuoteOpen', at, message: PROBLEMS.QuoteOpen };
    return { code: 'ValueMissing', at, message: key === 'text' ? 'a word is missing after -' : `${key} has no value` };
  }
  const raw = quoted ? (found[1] ?? '').replace(/\\([\s\S])/g, '$1') : found[0];
  if (raw === '') return { code: 'ValueMissing', at, message: 'there is nothing between the quotation marks' };
  const canonical = canonicalValue(key, raw);
  if ('wrong' in canonical) return { code: 'ValueInvalid', at, message: `${key}: ${canonical.wrong}` };
  return { term: { key, value: canonical.value, negated }, end: at + found[0].length };
}
