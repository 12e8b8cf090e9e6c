// What AuditPolicies make of an event before it is written anywhere: how much of it is kept, and what is blacked out. Pure.
import { isAlwaysKept } from '../../schemas/audit-floor.ts';
import type { AuditEvent, ObjectChange } from '../../schemas/events.ts';
import type { AuditPolicySpec } from '../../schemas/kinds/policies/audit-policy.ts';
import { AUDIT_LEVELS, type AuditLevel, type AuditMatch, nameFits, typeFits } from '../../schemas/kinds/policies/audit-rules.ts';
import { changedFields } from './changed-fields.ts';
import { asWritten, MARKER, Masks } from './mask.ts';

/** As far as it is about what is written, and how long that stays. */
export type WritingPolicy = Pick<AuditPolicySpec, 'rules' | 'redact' | 'retention'>;

/** Of all policies together. */
export interface PolicyRetention {
  /** Undefined: no policy says. */
  readonly keepDays: number | undefined;
  readonly legalHold: boolean;
}

const DEFAULT_LEVEL: AuditLevel = 'Diff';
/** What `Metadata` keeps of the details: who, what and how it ended. */
const METADATA: ReadonlySet<string> = new Set([
  'origin',
  'verb',
  'auditId',
  'onBehalfOf',
  'commit',
  'code',
  'reason',
  'userAgent',
]);

const MAX_FIELDS = 100;
const MAX_VALUE_CHARACTERS = 500;
/** The search reads 16 KiB of an event, and a page of events is held in memory. */
const MAX_CHANGE_CHARACTERS = 32 * 1024;

export class AuditRules {
  readonly #policies: readonly WritingPolicy[];
  readonly #masks: Masks;

  /** None: what is kept of every event is as by default, and secrets are blacked out all the same. */
  constructor(policies: readonly WritingPolicy[]) {
    this.#policies = policies;
    this.#masks = new Masks(policies.flatMap(({ redact }) => redact ?? []));
  }

  /** The event as it may be written, without `change`. @returns undefined: it is not written */
  apply(event: AuditEvent): AuditEvent | undefined {
    const { change, details, ...rest } = event;
    // The proof of a checkpoint is not for policies.
    if (event.type === 'audit.checkpoint') return event;
    const level = this.levelOf(event);
    if (level === 'None') return undefined;
    const kept = Object.entries(details ?? {}).filter(([name]) => level !== 'Metadata' || METADATA.has(name));
    const told = level === 'Metadata' ? {} : this.#changeOf(change, event, level);
    const facts = { ...Object.fromEntries(kept.map(([name, value]) => [name, this.#detail(name, value)])), ...told };
    const hidden = rest.sourceAddress !== undefined && this.#masks.names(['sourceAddress']);
    return {
      ...rest,
      ...(hidden ? { sourceAddress: MARKER } : {}),
      ...(Object.keys(facts).length === 0 ? {} : { details: facts }),
    };
  }

  get retention(): PolicyRetention {
    const days = this.#policies.flatMap(({ retention }) => retention?.days ?? []);
    return {
      keepDays: days.length === 0 ? undefined : Math.max(...days),
      legalHold: this.#policies.some(({ retention }) => retention?.legalHold === true),
    };
  }

  /** Of each policy the first rule that fits; of those the one that keeps most. */
  levelOf(event: AuditEvent): AuditLevel {
    const named = this.#policies.flatMap(({ rules = [] }) => {
      const first = rules.find(({ match }) => fits(match, event));
      return first === undefined ? [] : [AUDIT_LEVELS.indexOf(first.level)];
    });
    const level = named.length === 0 ? DEFAULT_LEVEL : (AUDIT_LEVELS[Math.max(...named)] ?? DEFAULT_LEVEL);
    return level === 'None' && isAlwaysKept(event) ? 'Metadata' : level;
  }

  #detail(name: string, value: string | number | boolean | null): string | number | boolean | null {
    if (this.#masks.names(['details', name])) return MARKER;
    return typeof value === 'string' ? this.#masks.text(value) : value;
  }

  /** As texts of JSON: details are flat. */
  #changeOf(
    change: ObjectChange | undefined,
    { object = '' }: AuditEvent,
    level: AuditLevel,
  ): Readonly<Record<string, string | boolean>> {
    // Of a Secret nothing is told but that it changed.
    if (change === undefined || object.startsWith('Secret/')) return {};
    const raw = { before: asWritten(change.before), after: asWritten(change.after) };
    const shown = { before: this.#masks.tree(raw.before), after: this.#masks.tree(raw.after) };
    const { fields, more } =
      raw.before === undefined || raw.after === undefined ? { fields: [], more: false } : changedFields(raw, shown, MAX_FIELDS);
    const diff = within(fields.map(({ path, ...sides }) => ({ path: this.#masks.text(path), ...shortened(sides) })));
    return {
      ...(fields.length === 0 ? {} : { diff: JSON.stringify(diff) }),
      ...(more || diff.length < fields.length ? { diffIncomplete: true } : {}),
      ...(level === 'Full' ? { ...whole('before', shown.before), ...whole('after', shown.after) } : {}),
    };
  }
}

function fits(match: AuditMatch | undefined, { type, actor, object, result }: AuditEvent): boolean {
  const { types, actors, namespaces, kinds, results } = match ?? {};
  const parts = object?.split('/') ?? [];
  return (
    (types?.some((pattern) => typeFits(pattern, type)) ?? true) &&
    (actors?.some((pattern) => actor !== null && nameFits(pattern, actor)) ?? true) &&
    (namespaces?.some((namespace) => parts.length > 2 && parts[1] === namespace) ?? true) &&
    (kinds?.some((kind) => parts[0] === kind) ?? true) &&
    (results?.includes(result) ?? true)
  );
}

function shortened(sides: { readonly before?: unknown; readonly after?: unknown }): typeof sides {
  return Object.fromEntries(
    Object.entries(sides).map(([side, value]) => {
      const text = JSON.stringify(value) ?? '';
      return [side, text.length <= MAX_VALUE_CHARACTERS ? value : `${text.slice(0, MAX_VALUE_CHARACTERS)}…`];
    }),
  );
}

/** As many of them as have room. */
function within<T>(fields: readonly T[]): readonly T[] {
  let left = MAX_CHANGE_CHARACTERS;
  return fields.filter((field) => {
    left -= JSON.stringify(field).length + 1;
    return left > 0;
  });
}

function whole(side: 'before' | 'after', object: unknown): Readonly<Record<string, string>> {
  if (object === undefined) return {};
  const text = JSON.stringify(object);
  return { [side]: text.length <= MAX_CHANGE_CHARACTERS ? text : `${text.slice(0, MAX_CHANGE_CHARACTERS)}…` };
}
