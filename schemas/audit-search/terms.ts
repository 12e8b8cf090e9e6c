// What a search of the audit log is made of: terms that all have to hold, several of one key as alternatives. Pure.

/** In the order in which help and completion name them. */
export const AUDIT_KEYS = [
  'actor',
  'action',
  'result',
  'object',
  'team',
  'address',
  'commit',
  'request',
  'since',
  'until',
] as const;
export type AuditKey = (typeof AUDIT_KEYS)[number];

export interface AuditTerm {
  /** `text`: words that stand anywhere in the event. */
  readonly key: AuditKey | 'text';
  /** In its canonical form, never empty, without control characters. */
  readonly value: string;
  /** Written with `-` before it; never of `since` and `until`. */
  readonly negated: boolean;
}

export const AUDIT_SEARCH_PROBLEMS = {
  TooLong: 'the search is too long',
  TooMany: 'the search has too many terms',
  QuoteOpen: 'a quotation mark is not closed',
  KeyUnknown: 'there is no such key',
  ValueMissing: 'a value is missing',
  ValueInvalid: 'the value is not as it should be',
  NotNegatable: 'a time cannot be negated',
} as const;

export interface AuditSearchProblem {
  readonly code: keyof typeof AUDIT_SEARCH_PROBLEMS;
  /** Offset of the first UTF-16 code unit of what is wrong. */
  readonly at: number;
  /** For the reader, without the position. */
  readonly message: string;
}

export type ParsedAuditSearch =
  | { readonly ok: true; readonly terms: readonly AuditTerm[] }
  | { readonly ok: false; readonly problem: AuditSearchProblem };

/** UTF-16 code units. */
export const MAX_AUDIT_SEARCH = 1000;
export const MAX_AUDIT_TERMS = 32;

export function isAuditKey(word: string): word is AuditKey {
  return AUDIT_KEYS.some((key) => key === word);
}
