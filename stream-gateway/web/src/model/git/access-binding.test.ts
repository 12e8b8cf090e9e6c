// What becomes of a role that is given, moved and ended on the page: edits that the schemas take.
import { expect, test } from 'vitest';
import { accessBindingSpec } from '../../../../../schemas/kinds/access/access-binding.ts';
import { changeEdit } from '../../../../../schemas/kinds/changes/change-edit.ts';
import { dnsLabel } from '../../../../../schemas/kinds/kind.ts';
import { ended, endMoved, type RoleWish, roleGiven } from './access-binding.ts';
import { fieldOf, untilOf } from './until.ts';

const WISH: RoleWish = {
  ...{ kind: 'user', name: 'ann', role: 'viewer', team: 'web', namespace: 'team-web', reason: 'a course' },
  ...{ notBefore: undefined, expiresAt: '2099-01-01T00:00:00.000Z' },
};
const PLACE = { namespace: 'team-web', name: 'course' };

test.each([
  ['ann', 'ann-viewer-k3x9'],
  ['machine:web.ci', 'machine-web-ci-viewer-k3x9'],
  ['corp:Ann.O’Hara@example.com', 'corp-ann-o-hara-example-com-viewer-k3x9'],
  ['x'.repeat(128), `${'x'.repeat(50)}-k3x9`],
  ['Ωmega', 'mega-viewer-k3x9'],
])('a role given to %s is an object that the schemas take', (name, expected) => {
  const edit = roleGiven({ ...WISH, name }, 'k3x9');
  expect(changeEdit.safeParse(edit).success).toBe(true);
  expect(edit.object.name).toBe(expected);
  expect(dnsLabel.safeParse(edit.object.name).success).toBe(true);
  const manifest = JSON.parse(edit.manifest ?? '');
  expect(manifest.metadata).toEqual({ name: expected, namespace: 'team-web' });
});

test('it says for whom, which role, where, until when and why, and nothing that was left out', () => {
  const { spec } = JSON.parse(roleGiven({ ...WISH, kind: 'group', name: 'guests' }, 'a').manifest ?? '');
  expect(spec).toEqual({
    ...{ subject: { group: 'guests' }, roleRef: 'viewer', scope: { team: 'web' } },
    ...{ expiresAt: '2099-01-01T00:00:00.000Z', reason: 'a course' },
  });
  expect(accessBindingSpec.safeParse(spec).success).toBe(true);
});

test('an end is moved, set where there was none, and taken away, each as it was seen', () => {
  const is = '2099-02-01T00:00:00.000Z';
  const was = '2099-01-01T01:00:00+01:00';
  const path = 'spec.expiresAt';
  const [quoted, before] = [JSON.stringify(is), JSON.stringify(was)];
  expect(endMoved(PLACE, was, is)?.changes).toEqual([{ op: 'Set', path, value: quoted, was: before }]);
  expect(endMoved(PLACE, null, is)?.changes).toEqual([{ op: 'Set', path, value: quoted, was: 'null' }]);
  expect(endMoved(PLACE, was, undefined)?.changes).toEqual([{ op: 'Remove', path, was: before }]);
});

test('the same time in another zone, or no end again, is no change', () => {
  expect(endMoved(PLACE, '2099-01-01T01:00:00+01:00', '2099-01-01T00:00:00.000Z')).toBeUndefined();
  expect(endMoved(PLACE, null, undefined)).toBeUndefined();
});

test('to end a role is to take its binding out of Git', () => {
  expect(changeEdit.parse(ended(PLACE))).toMatchObject({ action: 'Delete', object: { kind: 'AccessBinding', ...PLACE } });
});

test('a field for a time says what can be read back', () => {
  for (const time of ['2099-01-01T00:00:00.000Z', '2099-07-01T12:34:56.000Z']) expect(untilOf(fieldOf(time), 0)).toBe(time);
  expect(fieldOf('2099-01-01T00:00:00Z')).toMatch(/^2\d{3}-\d\d-\d\dT\d\d:\d\d$/);
  expect(fieldOf('soon')).toBe('');
});
