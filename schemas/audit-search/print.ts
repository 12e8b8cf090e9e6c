// The text of a search. What it gives, the parser reads as the same terms.
import type { AuditTerm } from './terms.ts';

export function printAuditSearch(terms: readonly AuditTerm[]): string {
  return terms.map(printAuditTerm).join(' ');
}

export function printAuditTerm({ key, value, negated }: AuditTerm): string {
  const plain = key === 'text' ? /^[^\s":\\-][^\s":\\]*$/ : /^[^\s"\\]+$/;
  const written = plain.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
  return `${negated ? '-' : ''}${key === 'text' ? '' : `${key}:`}${written}`;
}
