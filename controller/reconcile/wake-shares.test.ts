import { expect, test } from 'vitest';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import { wokenBy } from './wake.ts';

const session = (version: string, sharing?: object): KubeObjectJson => ({
  apiVersion: 'v1',
  kind: 'Session',
  metadata: { namespace: 'team-web', name: 'a', uid: 'u', generation: 1, resourceVersion: version },
  spec: { template: 'terminal', owner: 'member' },
  status: { effectivePolicy: { policies: [], ...(sharing === undefined ? {} : { sharing }) } },
});
const share = (namespace: string, of: string, uses?: number, version = '1') => ({
  apiVersion: 'v1',
  kind: 'SessionShare',
  metadata: { namespace, name: `of-${of}`, uid: `s-${of}`, generation: 1, resourceVersion: version },
  spec: { sessionRef: { name: of, uid: 'u' } },
  ...(uses === undefined ? {} : { status: { uses } }),
});

const shares = [share('team-web', 'a'), share('team-web', 'b'), share('team-ops', 'a')];
const woken = (resource: Resource, object: KubeObjectJson, before: KubeObjectJson): readonly string[] =>
  wokenBy(resource, object, before, {
    sessions: [],
    teams: [],
    gitSyncs: [],
    dlpPolicies: [],
    recordingPolicies: [],
    sessionPolicies: [],
    shares,
  })
    .filter(({ kind }) => kind === 'SessionShare')
    .map(({ key }) => `${key.namespace}/${key.name}`);

test('another policy of a session wakes its shares, and no others; the same policy wakes none', () => {
  const open = { allow: 'Link' };
  expect(woken(RESOURCES.sessions, session('2', { allow: 'None' }), session('1', open))).toEqual(['team-web/of-a']);
  expect(woken(RESOURCES.sessions, session('2', open), session('1', open))).toEqual([]);
  expect(woken(RESOURCES.sessions, session('2'), session('1', open))).toEqual(['team-web/of-a']);
});

test('a share wakes itself when it is used, and not when only its viewers are counted', () => {
  const [before, used] = [share('team-web', 'a', 1), share('team-web', 'a', 2, '2')];
  expect(woken(RESOURCES.sessionShares, used, before)).toEqual(['team-web/of-a']);
  expect(woken(RESOURCES.sessionShares, share('team-web', 'a', 1, '2'), before)).toEqual([]);
});
