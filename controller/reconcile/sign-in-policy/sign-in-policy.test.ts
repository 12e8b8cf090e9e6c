import { expect, test } from 'vitest';
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { SignInPolicy } from '../../../schemas/kinds/sign-in/sign-in-policy.ts';
import { memoryCluster } from '../memory-cluster.ts';
import { wokenBy } from '../wake.ts';
import { createSignInPolicyReconciler } from './sign-in-policy.ts';

const { signal } = new AbortController();

test('it holds in the namespace of the system and of teams, says so, and says it once', async () => {
  const cluster = memoryCluster();
  cluster.put(RESOURCES.namespaces, { metadata: { name: 'team-web', labels: { 'streamspace.io/team': 'web' } } });
  const reconciler = createSignInPolicyReconciler({
    ...cluster,
    client: cluster.client,
    now: () => new Date(0),
  });
  const readyIn = async (namespace: string) => {
    cluster.put(RESOURCES.signInPolicies, { metadata: { name: 'p', namespace, uid: namespace, generation: 3 }, spec: {} });
    await reconciler.reconcile({ namespace, name: 'p' }, { signal, log: expect.anything() });
    return findCondition(cluster.read<SignInPolicy>(RESOURCES.signInPolicies, namespace, 'p')?.status?.conditions, 'Ready');
  };
  expect(await readyIn('streamspace')).toMatchObject({ status: 'True', reason: 'Accepted', observedGeneration: 3 });
  expect(await readyIn('team-web')).toMatchObject({ status: 'True' });
  expect(await readyIn('elsewhere')).toMatchObject({ status: 'False', reason: 'PolicyUnreached' });
});

test('a namespace that becomes a team’s wakes what is in it', () => {
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'team-web', labels: { 'streamspace.io/team': 'web' } },
  };
  const known = {
    ...{ sessions: [], teams: [], gitSyncs: [], dlpPolicies: [], recordingPolicies: [], sessionPolicies: [] },
    signInPolicies: [{ metadata: { namespace: 'team-web', name: 'a' } }, { metadata: { namespace: 'team-db', name: 'b' } }],
  };
  const woken = wokenBy(RESOURCES.namespaces, namespace, undefined, known).filter(({ kind }) => kind === 'SignInPolicy');
  expect(woken).toEqual([{ kind: 'SignInPolicy', key: { namespace: 'team-web', name: 'a' } }]);
});
