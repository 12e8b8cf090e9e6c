// What a team may ask for of rights: what stays in the team.
import { expect, test } from 'vitest';
import { objectId } from '../render/manifest.ts';
import type { JsonObject } from '../render/yaml/json.ts';
import { requireInScope } from './scope.ts';

const SCOPE = { group: 'streamspace.io', namespace: 'team-web', name: 'one' };
const asked =
  (kind: string, spec: JsonObject, place: Partial<typeof SCOPE> = {}) =>
  () =>
    requireInScope('team-web', [], [{ id: objectId({ ...SCOPE, kind, ...place }), values: [{ kind, spec }], files: [] }]);

test('a role that is given in the namespace of the team, to the team or one of its sessions, is the team’s to give', () => {
  expect(asked('AccessBinding', { scope: { team: 'web' } })).not.toThrow();
  expect(asked('AccessBinding', { scope: { session: { namespace: 'team-web', name: 'demo' } } })).not.toThrow();
});

test('P-01-3 one for the whole platform, another session or another namespace is not, nor is a role itself', () => {
  for (const refused of [
    asked('AccessBinding', { scope: { platform: true } }),
    asked('AccessBinding', { scope: { session: { namespace: 'team-data', name: 'demo' } } }),
    asked('AccessBinding', { scope: { team: 'web' } }, { namespace: 'streamspace' }),
    asked('AccessBinding', { scope: { team: 'data' } }, { namespace: 'team-data' }),
    asked('AccessRole', {}, { namespace: '' }),
    asked('AccessRole', {}),
    asked('GitSync', {}),
  ])
    expect(refused).toThrow(expect.objectContaining({ code: 'ChangeOutOfScope' }));
});

test('a binding that was the team’s and is for the platform now is judged by both', () => {
  const id = objectId({ ...SCOPE, kind: 'AccessBinding' });
  const values = [{ spec: { scope: { team: 'web' } } }, { spec: { scope: { platform: true } } }];
  expect(() => requireInScope('team-web', [], [{ id, values, files: [] }])).toThrow(/not team-web's to change/);
});
