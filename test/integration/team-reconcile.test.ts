// Teams against a real API server: what a Team makes, keeps, refuses and takes away.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { findCondition } from '../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson } from '../../runtime/kube/types.ts';
import type { Condition } from '../../schemas/kinds/kind.ts';
import type { Team } from '../../schemas/kinds/team.ts';
import { API_GROUP, API_GROUP_VERSION, kubernetesGroups, kubernetesUser } from '../../schemas/names.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
let client: OwnedKubeClient;

beforeAll(() => {
  client = createKubeClient({ kubeconfig: servers.kubeconfig });
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
});

interface FreshTeam extends AsyncDisposable {
  readonly name: string;
  readonly namespace: string;
}

/** A team with a name of its own, deleted with its namespace afterwards. */
async function freshTeam(members: readonly object[] = [{ user: 'member', role: 'member' }]): Promise<FreshTeam> {
  const name = `it-${randomUUID().slice(0, 8)}`;
  const team = { apiVersion: API_GROUP_VERSION, kind: 'Team', metadata: { name }, spec: { displayName: name, members } };
  await client.create(RESOURCES.teams, undefined, JSON.stringify(team));
  return {
    name,
    namespace: `team-${name}`,
    async [Symbol.asyncDispose]() {
      await client.delete(RESOURCES.teams, undefined, name);
      await eventually(`team ${name} is gone`, async () => (await client.find(RESOURCES.teams, undefined, name)) === undefined, {
        timeoutMs: 60_000,
      });
    },
  };
}

async function readyOf(name: string): Promise<Condition | undefined> {
  return findCondition((await client.get<Team>(RESOURCES.teams, undefined, name)).status?.conditions, 'Ready');
}
const untilReason = async (name: string, reason: string): Promise<Condition> =>
  await eventually(`team ${name} says ${reason}`, async () => {
    const ready = await readyOf(name);
    return ready?.reason === reason && ready;
  });

describe('a team', () => {
  test('P-04-9 default-deny and the restricted standard are there when it is ready', async () => {
    await using team = await freshTeam();
    await untilReason(team.name, 'NamespaceReady');
    const policy = await client.get(RESOURCES.networkPolicies, team.namespace, 'streamspace-default-deny');
    expect(policy['spec']).toMatchObject({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    const { metadata } = await client.get(RESOURCES.namespaces, undefined, team.namespace);
    expect(metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  });

  test('its members have the rights of their role there, and nowhere else', async () => {
    await using team = await freshTeam([
      { user: 'member', role: 'member' },
      { group: 'guests', role: 'viewer' },
    ]);
    await untilReason(team.name, 'NamespaceReady');
    const may = async (verb: string, namespace: string, user: string, groups: readonly string[] = []): Promise<boolean> => {
      const who = { user: kubernetesUser(user), groups: kubernetesGroups(groups) };
      return (await client.review({ verb, group: API_GROUP, resource: 'sessions', namespace }, who)).allowed;
    };
    await eventually('the rights are known', async () => await may('create', team.namespace, 'member'));
    expect(await may('create', 'default', 'member')).toBe(false);
    expect(await may('assign', team.namespace, 'member')).toBe(false);
    expect(await may('observe', team.namespace, 'somebody', ['guests'])).toBe(true);
    expect(await may('create', team.namespace, 'somebody', ['guests'])).toBe(false);
    expect(await may('list', team.namespace, 'stranger')).toBe(false);
  });

  test('what somebody deletes or changes is put back', async () => {
    await using team = await freshTeam();
    await untilReason(team.name, 'NamespaceReady');
    const policy = 'streamspace-default-deny';
    const before = await client.get(RESOURCES.networkPolicies, team.namespace, policy);
    await client.delete(RESOURCES.networkPolicies, team.namespace, policy);
    await eventually('the policy is back', async () => {
      const now = await client.find<KubeObjectJson>(RESOURCES.networkPolicies, team.namespace, policy);
      return now !== undefined && now.metadata.uid !== before.metadata.uid;
    });
    const everything = { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] };
    await client.mergePatch(RESOURCES.roles, team.namespace, 'streamspace-team-viewer', everything);
    await eventually('the rule is back', async () => {
      const role = await client.get(RESOURCES.roles, team.namespace, 'streamspace-team-viewer');
      return !JSON.stringify(role['rules']).includes('"*"');
    });
  });

  test('a namespace that belongs to nobody is not touched', async () => {
    const name = `it-${randomUUID().slice(0, 8)}`;
    const namespace = `team-${name}`;
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    const before = await client.create(RESOURCES.namespaces, undefined, body);
    const team = { apiVersion: API_GROUP_VERSION, kind: 'Team', metadata: { name }, spec: { displayName: 'Taken' } };
    await client.create(RESOURCES.teams, undefined, JSON.stringify(team));
    await untilReason(name, 'NamespaceTaken');
    const after = await client.get(RESOURCES.namespaces, undefined, namespace);
    expect(after.metadata.labels).toEqual(before.metadata.labels);
    await client.delete(RESOURCES.teams, undefined, name);
    await eventually('the team is gone', async () => (await client.find(RESOURCES.teams, undefined, name)) === undefined);
    expect((await client.get(RESOURCES.namespaces, undefined, namespace)).metadata.deletionTimestamp).toBeUndefined();
    await client.delete(RESOURCES.namespaces, undefined, namespace);
  });

  test('a deleted team with a session stays until that is gone, and then takes its namespace along', async () => {
    const team = await freshTeam();
    await untilReason(team.name, 'NamespaceReady');
    const session = {
      apiVersion: API_GROUP_VERSION,
      kind: 'Session',
      metadata: { name: 'last', namespace: team.namespace },
      spec: { template: 'nowhere', owner: 'member', desiredState: 'Hibernated' },
    };
    await client.create(RESOURCES.sessions, team.namespace, JSON.stringify(session));
    await client.delete(RESOURCES.teams, undefined, team.name);
    expect((await untilReason(team.name, 'SessionsRemain')).message).toContain('last');
    expect((await client.get(RESOURCES.namespaces, undefined, team.namespace)).metadata.deletionTimestamp).toBeUndefined();
    await client.delete(RESOURCES.sessions, team.namespace, 'last');
    await team[Symbol.asyncDispose]();
    expect(await client.find(RESOURCES.namespaces, undefined, team.namespace)).toBeUndefined();
  });
});
