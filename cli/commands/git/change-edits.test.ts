import { expect, test } from 'vitest';
import { formatChangePath, parseChangePath } from '../../../schemas/kinds/changes/change-path.ts';
import { editFrom, objectFrom } from './change-edits.ts';

test('settings and removals become the changes of one object, whatever is between brackets', () => {
  expect(
    editFrom({
      object: 'Team/web',
      set: ['spec.members[user=ada].role=viewer', 'spec.members[]={"group":"g","role":"member"}'],
      remove: ['metadata.labels["a.b/c"]'],
    }),
  ).toEqual({
    action: 'Patch',
    object: { apiVersion: 'streamspace.io/v1alpha1', kind: 'Team', name: 'web' },
    changes: [
      { op: 'Set', path: 'spec.members[user=ada].role', value: '"viewer"' },
      { op: 'Set', path: 'spec.members[]', value: '{"group":"g","role":"member"}' },
      { op: 'Remove', path: 'metadata.labels["a.b/c"]' },
    ],
  });
  expect(objectFrom('Quota/team-web/own')).toMatchObject({ kind: 'Quota', namespace: 'team-web', name: 'own' });
});

test('what is no object, path or value is told with what to write instead', () => {
  for (const flags of [
    {},
    { object: 'Team' },
    { object: 'Team/web' },
    { object: 'Team/web', set: ['spec'] },
    { object: 'Team/web', remove: ['spec..a'] },
  ])
    expect(() => editFrom(flags)).toThrow(/write|name an|give at least/);
});

test('a path that is printed is read as the same one, and what is half a path is none', () => {
  for (const text of [
    'spec.members[user=ada].role',
    'spec.overrides[subject.team=web]',
    'spec.members[]',
    'metadata.labels["a.b/c"]',
    'spec.m[user="a]b"].x',
  ]) {
    const segments = parseChangePath(text);
    expect(segments).toBeDefined();
    expect(formatChangePath(segments ?? [])).toBe(text);
  }
  for (const text of ['', '.spec', 'spec.', 'spec..a', '[user=ada]', 'spec[]x', 'spec[].a', 'spec[user=]', 'spec[=x]', 'spec a'])
    expect(parseChangePath(text), text).toBeUndefined();
});
