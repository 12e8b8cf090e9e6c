// S-060: whatever is in a Secret, or in a field that a rule hides, no plan shows a byte of it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../render/yaml/json.ts';
import { liveObject, POLICY, wantedObject } from './fixtures.ts';
import type { Plan } from './plan.ts';
import { planChanges } from './plan-changes.ts';

/** Letters that our own words and the names of these tests do not have in a row. */
const secretText = fc.string({ unit: fc.constantFrom(...'QZXJ7'), minLength: 6, maxLength: 40 });
const values = fc.dictionary(fc.constantFrom('password', 'token', 'a.b'), secretText, { maxKeys: 3 });
const base64 = (data: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]));

function planOf(kind: string, before: JsonObject, after: JsonObject, mask?: readonly string[]): Plan {
  const wanted = wantedObject(kind, 's', { fields: after });
  const live = liveObject(wantedObject(kind, 's', { fields: before }));
  const dryRun = { outcome: 'accepted' as const, live, result: liveObject(wanted), conflicts: [] };
  return planChanges([wanted], { wanted: new Map([[wanted.id, dryRun]]), leaving: new Map() }, new Map(), {
    ...POLICY,
    ...(mask === undefined ? {} : { mask: [{ kind, fields: [...mask] }] }),
  });
}

function expectNothingOf(plan: Plan, texts: readonly string[]): void {
  const shown = JSON.stringify(plan);
  for (const text of texts) expect(shown).not.toContain(text);
}

test('S-060 no value of a Secret is in a plan, as data or as text, before or after, encoded or not', () => {
  fc.assert(
    fc.property(values, values, fc.boolean(), (before, after, plain) => {
      const was: JsonObject = { data: base64(before) };
      const is: JsonObject = plain ? { stringData: after } : { data: base64(after) };
      const plan = planOf('Secret', was, is);
      const all = [...Object.values(before), ...Object.values(after)];
      expectNothingOf(plan, [...all, ...Object.values(base64({ ...before })), ...Object.values(base64({ ...after }))]);
    }),
  );
});

test('S-060 what client-side apply once kept of a Secret in an annotation is hidden too', () => {
  const kept = (text: string): JsonObject => ({
    metadata: { name: 's', annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `{"data":{"p":"${text}"}}` } },
  });
  expectNothingOf(planOf('Secret', kept('QZXJ77QZXJ'), { data: {} }), ['QZXJ77QZXJ']);
  expectNothingOf(planOf('Secret', {}, { ...kept('QZXJ77QZXJ') }), ['QZXJ77QZXJ']);
});

/** The secret at any depth, in lists and mappings, beside what may be shown. */
const nested = (text: string): fc.Arbitrary<JsonValue> =>
  fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constant(text),
      fc.array(tie('value'), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom('a', 'b'), tie('value'), { maxKeys: 2 }),
    ),
  })).value;

test('a field that a rule hides is hidden at any depth, also where its parents come or go with it', () => {
  const two = secretText.chain((text) => fc.tuple(fc.constant(text), nested(text), nested(text), fc.boolean(), fc.boolean()));
  fc.assert(
    fc.property(two, ([text, was, is, hadParent, hasParent]) => {
      const spec = (value: JsonValue): JsonObject => ({ spec: { list: [{ hidden: value, open: 'shown' }] } });
      const plan = planOf('Thing', hadParent ? spec(was) : {}, hasParent ? spec(is) : {}, ['/spec/list/*/hidden']);
      expectNothingOf(plan, [text]);
    }),
  );
});

test('what is not hidden is shown', () => {
  const plan = planOf('Thing', { spec: { hidden: 'QZXJ', open: 'one' } }, { spec: { hidden: 'XJQZ', open: 'two' } }, [
    '/spec/hidden',
  ]);
  expect(plan.changes[0]).toMatchObject({
    differences: [
      { path: 'spec.hidden', before: '(hidden)', after: '(hidden, changed)' },
      { path: 'spec.open', before: 'one', after: 'two' },
    ],
  });
});
