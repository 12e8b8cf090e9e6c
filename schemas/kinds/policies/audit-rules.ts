// What of an event is kept in the audit log, what is blacked out in it, and for how long it stays: the rules of an AuditPolicy.
import * as z from 'zod';
import { ALWAYS_KEPT } from '../../audit-floor.ts';
import { cel, dnsLabel } from '../kind.ts';
import { isRe2Pattern } from './re2.ts';

const WRITE_RE2 = 'write a regular expression of RE2 (no look-around, no back references)';
const ONE_OF_TWO = 'give exactly one of field and pattern';
const FLOOR_WORDS =
  'events of these types are always kept: take Metadata, or leave them out (docs/reference/audit-events.md marks them)';

/** `session.created`, or `session.*`. */
const typePattern = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-z]+(\.([a-z-]+|\*))?$/, 'write a type such as session.created, or session.* for all that begin so');

export function typeFits(pattern: string, type: string): boolean {
  return pattern.endsWith('.*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}

/** `ann`, or `bot-*`. */
const namePattern = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[^*\s]+\*?$/, 'write a name; a * at its end stands for any ending');

export function nameFits(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

const list = { 'x-kubernetes-list-type': 'atomic' } as const;

const auditMatch = z
  .object({
    types: z.array(typePattern).min(1).max(16).optional().meta(list).describe('Types of events, such as `stream.*`.'),
    actors: z
      .array(namePattern)
      .min(1)
      .max(32)
      .optional()
      .meta(list)
      .describe('Who did it, as the log names them; a `*` at the end stands for any ending.'),
    namespaces: z.array(dnsLabel).min(1).max(32).optional().meta(list).describe('Where the object is: the namespace of a team.'),
    kinds: z
      .array(
        z
          .string()
          .min(1)
          .max(63)
          .regex(/^[A-Z][A-Za-z]+$/, 'write a kind such as Template'),
      )
      .min(1)
      .max(32)
      .optional()
      .meta(list)
      .describe('Kinds of the object.'),
    results: z
      .array(z.enum(['success', 'refused', 'failure']))
      .min(1)
      .max(3)
      .optional()
      .meta(list)
      .describe('How it ended.'),
  })
  .describe('Which events. What is left out fits every event; of several values of a field one has to fit.');
export type AuditMatch = z.infer<typeof auditMatch>;

export const AUDIT_LEVELS = ['None', 'Metadata', 'Diff', 'Full'] as const;
export type AuditLevel = (typeof AUDIT_LEVELS)[number];

/** Whether a rule says by its types that something is not kept that always is. */
function dropsWhatIsKept({ match, level }: { readonly match?: AuditMatch | undefined; readonly level: AuditLevel }): boolean {
  const types = level === 'None' ? (match?.types ?? []) : [];
  return types.some((pattern) => ALWAYS_KEPT.some((type) => typeFits(pattern, type)));
}

const KEPT = `[${ALWAYS_KEPT.map((type) => `'${type}'`).join(', ')}]`;

export const auditRule = z
  .object({
    match: auditMatch.optional().describe('Left out: every event.'),
    level: z
      .enum(AUDIT_LEVELS)
      .describe(
        '`None`: not written. `Metadata`: who, what, when, from where and how it ended. `Diff`: the details and the changed fields, too. `Full`: the object before and after, too.',
      ),
  })
  .refine((rule) => !dropsWhatIsKept(rule), FLOOR_WORDS)
  .meta(
    cel({
      rule: `self.level != 'None' || !has(self.match) || !has(self.match.types) || self.match.types.all(t, t.endsWith('.*') ? !${KEPT}.exists(k, k.startsWith(t.substring(0, t.size() - 1))) : !(t in ${KEPT}))`,
      message: FLOOR_WORDS,
    }),
  );
export type AuditRule = z.infer<typeof auditRule>;

export const auditRedaction = z
  .object({
    field: z
      .string()
      .min(1)
      .max(253)
      .regex(/^[^.\s]+(\.[^.\s]+)*$/, 'write a path such as spec.env.*.value or details.userAgent')
      .optional()
      .describe(
        'A field of an object, such as `spec.env.*.value`, or of the event: `details.userAgent`, `sourceAddress`. `*` stands for each member of a list or mapping; what lies below it goes too.',
      ),
    pattern: z
      .string()
      .min(1)
      .max(512)
      .refine(isRe2Pattern, WRITE_RE2)
      .meta(cel({ rule: "''.matches(self) in [true, false]", message: WRITE_RE2 }))
      .optional()
      .describe('A regular expression of RE2; what it finds in any text of details and objects is blacked out.'),
  })
  .refine(({ field, pattern }) => (field === undefined) !== (pattern === undefined), ONE_OF_TWO)
  .meta(cel({ rule: 'has(self.field) != has(self.pattern)', message: ONE_OF_TWO }))
  .describe('What is replaced by `[redacted]` before an event is written anywhere.');
export type AuditRedaction = z.infer<typeof auditRedaction>;
