import { expect, test } from 'vitest';
import { wantedObject } from '../../plan/fixtures.ts';
import { changesOf } from './sync-record.ts';

test('the history says how many fields it does not keep', () => {
  const wanted = wantedObject('ConfigMap', 'a');
  const differences = Array.from({ length: 25 }, (_, index) => ({ path: `data.k${index}`, before: 'a', after: 'b' }));
  const change = { action: 'configure', id: wanted.id, wanted, uid: 'u', differences, conflicts: [] } as const;
  const [few] = changesOf({ changes: [{ ...change, differences: differences.slice(0, 20) }], warnings: [] }).changes;
  expect(few).not.toHaveProperty('fieldsLeftOut');
  const [many] = changesOf({ changes: [{ ...change, differencesLeftOut: 7 }], warnings: [] }).changes;
  expect(many).toMatchObject({ fieldsLeftOut: 12 });
  expect(many?.fields).toHaveLength(20);
});
