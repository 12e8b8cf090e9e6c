import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALWAYS_KEPT } from '../../schemas/audit-floor.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import { auditPolicySpec } from '../../schemas/kinds/policies/audit-policy.ts';
import { AuditRules, type WritingPolicy } from './audit-rules.ts';

const event = (more: Partial<AuditEvent> = {}): AuditEvent => ({
  type: 'session.created',
  actor: 'ann',
  result: 'success',
  ...more,
});
const levelOf = (policies: readonly WritingPolicy[], more: Partial<AuditEvent> = {}) =>
  new AuditRules(policies).levelOf(event(more));
const template = (spec: object, metadata: object = {}) => ({
  apiVersion: 'streamspace.io/v1alpha1',
  kind: 'Template',
  metadata: { name: 'one', namespace: 'team-web', uid: 'u', resourceVersion: '7', ...metadata },
  spec,
  status: { seen: 1 },
});
const changed = (before: unknown, after: unknown): AuditEvent =>
  event({ type: 'object.changed', object: 'Template/team-web/one', change: { before, after }, details: { verb: 'patch' } });

test.each([
  ['no policy keeps the details', [], {}, 'Diff'],
  [
    'the first rule that fits counts',
    [{ rules: [{ match: { types: ['session.*'] }, level: 'Metadata' }, { level: 'Full' }] }],
    {},
    'Metadata',
  ],
  ['one that does not fit does not', [{ rules: [{ match: { types: ['stream.*'] }, level: 'None' }] }], {}, 'Diff'],
  [
    'of two policies the one that keeps more counts',
    [{ rules: [{ level: 'None' }] }, { rules: [{ level: 'Full' }] }],
    {},
    'Full',
  ],
  [
    'a policy whose rules do not fit says nothing',
    [{ rules: [{ level: 'None' }] }, { rules: [{ match: { actors: ['bob'] }, level: 'Full' }] }],
    {},
    'None',
  ],
  [
    'all fields of a match have to fit',
    [{ rules: [{ match: { actors: ['ann'], results: ['failure'] }, level: 'None' }] }],
    {},
    'Diff',
  ],
  ['by the beginning of a name', [{ rules: [{ match: { actors: ['a*'] }, level: 'None' }] }], {}, 'None'],
  [
    'by namespace and kind',
    [{ rules: [{ match: { namespaces: ['team-web'], kinds: ['Session'] }, level: 'None' }] }],
    { object: 'Session/team-web/one' },
    'None',
  ],
  ['a refusal is kept whatever stands there', [{ rules: [{ level: 'None' }] }], { result: 'refused' }, 'Metadata'],
  [
    'what happens to a policy is, too',
    [{ rules: [{ level: 'None' }] }],
    { type: 'object.changed', object: 'AuditPolicy/all' },
    'Metadata',
  ],
] as const)('of an event: %s', (_name, policies, more, level) => {
  expect(levelOf(policies as readonly WritingPolicy[], more as Partial<AuditEvent>)).toBe(level);
});

test('no rule at all leaves out what is always kept', () => {
  for (const type of ALWAYS_KEPT)
    expect(new AuditRules([{ rules: [{ level: 'None' }] }]).apply(event({ type })), type).toBeDefined();
});

test.each([
  [{ rules: [{ match: { types: ['signin.*'] }, level: 'None' }] }, /always kept/],
  [{ rules: [{ match: { types: ['audit.exported'] }, level: 'None' }] }, /always kept/],
  [{ redact: [{ pattern: '(a(?=b))' }] }, /RE2/],
  [{ redact: [{ pattern: 'a', field: 'spec.a' }] }, /exactly one/],
  [{ redact: [{}] }, /exactly one/],
])('%j is refused', (spec, words) => {
  expect(auditPolicySpec.safeParse(spec).error?.message).toMatch(words);
});

test('the rules that the docs show are taken', () => {
  const spec = {
    rules: [{ match: { types: ['clipboard.*', 'session.*'] }, level: 'None' }],
    redact: [{ field: 'spec.env.*.value' }],
  };
  expect(auditPolicySpec.safeParse(spec).success).toBe(true);
});

test('what changed of an object is told by field, and what changes by itself is not', () => {
  const before = template({ image: 'a:1', env: [{ name: 'LANG', value: 'C' }], gone: 1 });
  const after = template(
    {
      image: 'a:2',
      env: [
        { name: 'LANG', value: 'C' },
        { name: 'TZ', value: 'UTC' },
      ],
    },
    { resourceVersion: '8' },
  );
  const { details } = new AuditRules([]).apply(changed(before, after)) ?? {};
  expect(JSON.parse(String(details?.['diff']))).toEqual([
    { path: 'spec.env[name=TZ]', after: { name: 'TZ', value: 'UTC' } },
    { path: 'spec.gone', before: 1 },
    { path: 'spec.image', before: 'a:1', after: 'a:2' },
  ]);
  expect(details).not.toHaveProperty('before');
});

test('Metadata tells no field, Full the whole objects', () => {
  const [before, after] = [template({ a: 1 }), template({ a: 2 })];
  expect(new AuditRules([{ rules: [{ level: 'Metadata' }] }]).apply(changed(before, after))?.details).toEqual({ verb: 'patch' });
  const full = new AuditRules([{ rules: [{ level: 'Full' }] }]).apply(changed(before, after))?.details;
  expect(JSON.parse(String(full?.['before']))).toMatchObject({ kind: 'Template', spec: { a: 1 } });
  expect(JSON.parse(String(full?.['after']))).toMatchObject({ spec: { a: 2 } });
});

test('a changed field that is blacked out is told without its values', () => {
  const rules = new AuditRules([{ redact: [{ field: 'spec.env.*.value' }, { pattern: 'falcon-\\d+' }] }]);
  const of = (value: string, note: string) => template({ env: [{ name: 'A', value }], note, dbPassword: value });
  const { details } = rules.apply(changed(of('x', 'falcon-1 here'), of('y', 'falcon-22 here'))) ?? {};
  expect(JSON.parse(String(details?.['diff']))).toEqual([
    { path: 'spec.dbPassword', before: '[redacted]', after: '[redacted]' },
    { path: 'spec.env[name=A].value', before: '[redacted]', after: '[redacted]' },
    { path: 'spec.note', before: '[redacted] here', after: '[redacted] here' },
  ]);
});

test('fields of the event are blacked out by their names, and a pattern in each text', () => {
  const rules = new AuditRules([{ redact: [{ field: 'sourceAddress' }, { field: 'details.file' }, { pattern: 'case-\\d+' }] }]);
  expect(rules.apply(event({ sourceAddress: '10.0.0.1', details: { file: 'a.txt', why: 'for case-12', n: 1 } }))).toEqual(
    event({ sourceAddress: '[redacted]', details: { file: '[redacted]', why: 'for [redacted]', n: 1 } }),
  );
});

test('a checkpoint stays what verification needs', () => {
  const checkpoint = event({ type: 'audit.checkpoint', details: { number: 1, sha256: 'ab' } });
  expect(new AuditRules([{ rules: [{ level: 'None' }], redact: [{ field: 'details.*' }] }]).apply(checkpoint)).toEqual(
    checkpoint,
  );
});

const SECRET = fc.stringMatching(/^[A-Za-z0-9]{12,24}$/).map((text) => `Zq${text}`);
/** Where secrets are known to be: under names, and in forms of text. */
const planted = (secret: string) =>
  fc.constantFrom<object>(
    { env: [{ name: 'DB_PASSWORD', value: secret }] },
    { parameters: { apiKey: secret } },
    { nested: [{ deep: { clientSecret: secret } }] },
    { access_token: secret },
    { url: `https://ann:${secret}@git.example.com/x` },
    { note: `use Bearer ${secret} here` },
    { key: `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----` },
    { token: [secret, { value: secret }] },
  );

test('a secret in an object, or in the copy of it in an annotation, is in no event whatever the level', () => {
  const property = fc.property(
    SECRET.chain((secret) => fc.record({ secret: fc.constant(secret), before: planted(secret), after: planted(secret) })),
    fc.constantFrom('Metadata', 'Diff', 'Full'),
    ({ secret, before, after }, level) => {
      const copy = { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ data: secret }) } };
      const told = new AuditRules([{ rules: [{ level }] }]).apply(changed(template(before, copy), template(after, copy)));
      expect(JSON.stringify(told)).not.toContain(secret);
    },
  );
  fc.assert(property);
});

test('of a Secret nothing is told but who and what', () => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' }, stringData: { anything: 'hunter22' } };
  const told = new AuditRules([{ rules: [{ level: 'Full' }] }]).apply({
    ...changed(secret, secret),
    object: 'Secret/team-web/x',
  });
  expect(JSON.stringify(told)).not.toContain('hunter22');
});
