// What a page asks for when somebody edits a whole spec, made in a file as the controller makes it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { FieldChange } from '../../../schemas/kinds/changes/change-edit.ts';
import { fieldChanges } from '../../../schemas/kinds/changes/field-changes.ts';
import { isJsonObject, type JsonValue } from '../../render/yaml/json.ts';
import { parseYamlFile } from '../../render/yaml/yaml-file.ts';
import { findObject, patchObject } from './edit-yaml.ts';

const SPEC = [{ kind: 'field', name: 'spec' }] as const;
const NAME = { apiVersion: 'v1', kind: 'Thing', namespace: undefined, name: 'one' };

/** The spec of a file in which `before` stood, after the changes. */
function applied(before: JsonValue, changes: readonly FieldChange[]): JsonValue | undefined {
  const text = `# kept\n${stringify({ apiVersion: 'v1', kind: 'Thing', metadata: { name: 'one' }, spec: before }, { version: '1.1' })}`;
  const bytes = new TextEncoder().encode(text);
  const place = findObject('one.yaml', bytes, NAME, 'default') ?? expect.unreachable('it is there');
  const after = patchObject('one.yaml', bytes, place, changes);
  expect(new TextDecoder().decode(after)).toMatch(/^# kept\n/);
  const object = parseYamlFile('one.yaml', after)[0]?.value;
  return isJsonObject(object) ? object['spec'] : undefined;
}

test('a change is as small as what differs, and says what it was', () => {
  const before = {
    title: 'A',
    limits: { cpu: '2', gpu: 1 },
    members: [
      { user: 'ada', role: 'admin' },
      { user: 'bob', role: 'viewer' },
    ],
  };
  const after = {
    title: 'A',
    limits: { cpu: '4' },
    more: true,
    members: [
      { user: 'bob', role: 'member' },
      { user: 'eve', role: 'viewer' },
    ],
  };
  expect(fieldChanges(before, after, SPEC)).toEqual([
    { op: 'Set', path: 'spec.limits.cpu', value: '"4"', was: '"2"' },
    { op: 'Remove', path: 'spec.limits.gpu', was: '1' },
    { op: 'Set', path: 'spec.members[user=bob].role', value: '"member"', was: '"viewer"' },
    { op: 'Remove', path: 'spec.members[user=ada]', was: '{"user":"ada","role":"admin"}' },
    { op: 'Set', path: 'spec.members[]', value: '{"user":"eve","role":"viewer"}' },
    { op: 'Set', path: 'spec.more', value: 'true', was: 'null' },
  ]);
  expect(applied(before, fieldChanges(before, after, SPEC))).toEqual(after);
});

test('a list whose items cannot be told apart, or whose order has changed, is set as a whole', () => {
  const whole = (before: JsonValue, after: JsonValue) =>
    fieldChanges({ list: before }, { list: after }, SPEC).map(({ path }) => path);
  expect(whole(['a', 'b'], ['a', 'c'])).toEqual(['spec.list']);
  expect(whole([{ user: 'a' }, { user: 'b' }], [{ user: 'b' }, { user: 'a' }])).toEqual(['spec.list']);
  expect(whole([{ user: 'a' }, { group: 'b' }], [{ user: 'a' }, { group: 'c' }])).toEqual(['spec.list']);
  expect(whole([{ user: 'a' }, { user: 'b' }], [{ user: 'c' }, { user: 'a' }, { user: 'b' }])).toEqual(['spec.list']);
  expect(fieldChanges({ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }, SPEC)).toEqual([]);
});

test('what is asked for makes exactly the wanted spec, whatever both are', () => {
  const name = fc.constantFrom('name', 'user', 'a', 'b', 'role', 'a.b/c', 'x-y');
  const scalar = fc.oneof(fc.string({ maxLength: 6 }), fc.integer({ min: -9, max: 9 }), fc.boolean());
  const value = fc.letrec<{ any: JsonValue }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      scalar,
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(name, tie('any'), { maxKeys: 4, noNullPrototype: true }),
      fc.array(fc.record({ user: fc.constantFrom('ada', 'bob', 'eve', 'o"x]'), role: tie('any') }), { maxLength: 3 }),
    ),
  })).any;
  const spec = fc.dictionary(name, value, { minKeys: 1, maxKeys: 4, noNullPrototype: true });
  fc.assert(
    fc.property(spec, spec, (before, after) => {
      const changes = fieldChanges(before, after, SPEC);
      if (changes.length === 0) expect(after).toEqual(before);
      else expect(applied(before, changes)).toEqual(after);
    }),
    { numRuns: 1_000 },
  );
});
