// A search of the audit log as a condition of SQL. Values are parameters, each condition is one that an index of migration 0016 serves.
import { parseAddressRange } from '../../schemas/audit-search/address.ts';
import type { AuditKey, AuditTerm } from '../../schemas/audit-search/terms.ts';
import { instantOf } from '../../schemas/audit-search/values.ts';
import { AUDIT_EVENTS } from '../../schemas/events.ts';

export interface AuditSearch {
  readonly terms: readonly AuditTerm[];
  readonly nowMs: number;
  /** The namespace of a Team; of one that is gone the one it had by its name. */
  readonly namespaceOf: (team: string) => string;
}

/** Adds a value and gives its placeholder. */
type Add = (value: unknown) => string;
type Condition = (values: readonly string[], add: Add, search: AuditSearch) => string;

const SHORT_OBJECT = String.raw`lower(regexp_replace(object, '^([^/]*)/(?:.*/)?([^/]*)$', '\1/\2'))`;
const NAMESPACE = "(case when object like '%/%/%' then split_part(object, '/', 2) end)";
const WORDS = `to_tsvector('simple', regexp_replace(
  left(' ' || type || ' ' || coalesce(actor, '') || ' ' || coalesce(object, '') || ' '
       || coalesce(details::text, ''), 16384), '[^[:alnum:]]+', ' x', 'g'))`;

const oneOf = (column: string, values: readonly string[], add: Add): string =>
  values.length === 1 ? `${column} = ${add(values[0])}` : `${column} = any(${add(values)}::text[])`;

const each = (values: readonly string[], condition: (value: string) => string): string =>
  values.length === 1 ? condition(values[0] ?? '') : `(${values.map(condition).join(' or ')})`;

/** Of all values of a key that are not negated: one of them has to fit. */
const CONDITIONS: Readonly<Record<Exclude<AuditKey, 'since' | 'until'> | 'text', Condition>> = {
  actor: (values, add) => oneOf('actor', values, add),
  request: (values, add) => oneOf('request_id', values, add),
  result: (values, add) => oneOf('result', values, add),
  action: (values, add) => each(values, (value) => ofAction(value, add)),
  team: (values, add, { namespaceOf }) => oneOf(NAMESPACE, values.map(namespaceOf), add),
  object: (values, add) => each(values, (value) => ofObject(value.toLowerCase(), add)),
  address: (values, add) => each(values, (value) => ofAddress(value, add)),
  commit: (values, add) => each(values, (value) => `(${wordsFit(value, add)} and details::text ~ ${add(`\\m${value}`)})`),
  text: (values, add) => each(values, (value) => wordsFit(value, add)),
};

function ofAction(value: string, add: Add): string {
  if (!value.endsWith('*')) return `type = ${add(value)}`;
  const prefix = value.slice(0, -1);
  // The catalogue, as no index serves a prefix in the order of the log.
  return `type = any(${add(Object.keys(AUDIT_EVENTS).filter((type) => type.startsWith(prefix)))}::text[])`;
}

function ofObject(value: string, add: Add): string {
  const parts = value.split('/');
  const short = `${SHORT_OBJECT} = ${add(`${parts[0]}/${parts.at(-1)}`)}`;
  return parts.length === 2 ? short : `(${short} and lower(object) = ${add(value)})`;
}

/** A range is first cut out of the index by what its addresses begin with: whole bytes of IPv4, the first group of IPv6. */
function ofAddress(value: string, add: Add): string {
  const range = parseAddressRange(value);
  if (range === undefined) return 'false';
  const { family, address, prefix } = range;
  if (family === 4 && prefix === 32) return `source_address collate "C" = ${add(address)}`;
  const within = `streamspace_in_range(source_address, ${add(value)}::inet)`;
  const bytes = address.split('.').slice(0, Math.floor(prefix / 8));
  const [group = ''] = address.split(':');
  // "/" is the character after ".", and ";" the one after ":".
  if (family === 4 && bytes.length > 0) return between(`${bytes.join('.')}.`, `${bytes.join('.')}/`, within, add);
  if (family === 6 && prefix >= 16 && /^[1-9a-f]/.test(group)) return between(`${group}:`, `${group};`, within, add);
  return `(source_address like ${add(family === 6 ? '%:%' : '%.%')} and ${within})`;
}

function between(from: string, to: string, within: string, add: Add): string {
  return `(source_address collate "C" >= ${add(from)} and source_address collate "C" < ${add(to)} and ${within})`;
}

/** Words that follow each other, the last from its beginning. Cut into words by the database, as those of the events are. */
function wordsFit(text: string, add: Add): string {
  const value = add(text);
  const trimmed = `regexp_replace(${value}::text, '^[^[:alnum:]]+|[^[:alnum:]]+$', '', 'g')`;
  return `${WORDS} @@ to_tsquery('simple', '''x' || regexp_replace(${trimmed}, '[^[:alnum:]]+', ''' <-> ''x', 'g') || ''':*')`;
}

/** Alternatives of one key, all keys together, and none of what is negated; each word of the text by itself. */
export function searchConditions(search: AuditSearch, add: Add): readonly string[] {
  const { terms, nowMs } = search;
  const conditions: string[] = [];
  for (const [key, condition] of Object.entries(CONDITIONS)) {
    const ofKey = terms.filter((term) => term.key === key);
    const wanted = ofKey.filter(({ negated }) => !negated).map(({ value }) => value);
    if (key === 'text') conditions.push(...wanted.map((value) => condition([value], add, search)));
    else if (wanted.length > 0) conditions.push(condition([...new Set(wanted)], add, search));
    const unwanted = ofKey.filter(({ negated }) => negated);
    // An event without an actor is by nobody, so not by her.
    conditions.push(...unwanted.map(({ value }) => `(${condition([value], add, search)}) is not true`));
  }
  for (const { key, value } of terms) {
    if (key === 'since') conditions.push(`at >= ${add(new Date(instantOf(key, value, nowMs)).toISOString())}::timestamptz`);
    if (key === 'until') conditions.push(`at < ${add(new Date(instantOf(key, value, nowMs)).toISOString())}::timestamptz`);
  }
  return conditions;
}
