import { expect, test } from 'vitest';
import type { ChangeEdit, FieldChange } from '../../schemas/kinds/changes/change-edit.ts';
import { findObject, patchObject } from './edit/edit-yaml.ts';
import { takenBack } from './take-back.ts';

const OBJECT = { apiVersion: 'streamspace.io/v1alpha1', kind: 'Quota', namespace: 'team-web', name: 'own' };
const QUOTA = `apiVersion: streamspace.io/v1alpha1
kind: Quota
metadata: {name: own, namespace: team-web}
spec:
  scope: Team # all of it
  limits: {sessionsRunning: 4}
  overrides:
    - subject: {team: web}
      limits: {cpu: "9"}
      reason: of old
`;

function patched(text: string, changes: readonly FieldChange[]): string {
  const bytes = new TextEncoder().encode(text);
  const place = findObject('q.yaml', bytes, OBJECT, 'streamspace');
  if (place === undefined) throw new TypeError('it is not there');
  return new TextDecoder().decode(patchObject('q.yaml', bytes, place, changes));
}

const patch = (...changes: FieldChange[]): ChangeEdit => ({ action: 'Patch', object: OBJECT, changes });
const override = (reason: string) =>
  ({
    op: 'Set',
    path: 'spec.overrides[]',
    value: JSON.stringify({ subject: { team: 'web' }, limits: { gpu: 2 }, reason }),
  }) as const;
const LIMIT = { op: 'Set', path: 'spec.limits.sessionsRunning', value: '8', was: '4' } as const;
const NEW = { op: 'Set', path: 'spec.limits.gpu', value: '1', was: 'null' } as const;

test('the edits of a grant are taken back field by field, in the opposite order, beside what others have written since', () => {
  const granted = [override('mine'), LIMIT, NEW];
  const text = patched(QUOTA, granted);
  const [back] = takenBack([patch(...granted)]) ?? [];
  expect(back?.changes?.map(({ op, path }) => `${op} ${path}`)).toEqual([
    'Remove spec.limits.gpu',
    'Set spec.limits.sessionsRunning',
    'Remove spec.overrides[]',
  ]);
  expect(patched(text, back?.changes ?? [])).toBe(QUOTA);
  // Directly behind, where git sees a conflict.
  const later = patched(text, [override('of somebody else')]);
  expect(patched(later, back?.changes ?? [])).toBe(patched(QUOTA, [override('of somebody else')]));
});

test('what somebody has written over it since is a conflict', () => {
  const text = patched(QUOTA, [override('mine'), LIMIT]);
  const [back] = takenBack([patch(override('mine'), LIMIT)]) ?? [];
  for (const [from, to] of [
    ['sessionsRunning: 8', 'sessionsRunning: 9'],
    ['reason: mine', 'reason: ours'],
  ] as const) {
    expect(text).toContain(from);
    expect(() => patched(text.replace(from, to), back?.changes ?? [])).toThrow(/it was when the change was asked for/);
  }
});

test('edits that do not say what was there before are not taken back field by field', () => {
  const { was: _was, ...unseen } = LIMIT;
  expect(takenBack([patch(unseen)])).toBeUndefined();
  expect(takenBack([patch({ op: 'Remove', path: 'spec.limits.cpu', was: '"9"' })])).toBeUndefined();
  expect(takenBack([patch(LIMIT), { action: 'Delete', object: OBJECT }])).toBeUndefined();
});
