// Network profiles against a real API server: what becomes of them in the namespace of a team, and who may not take it away.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { findCondition } from '../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson } from '../../runtime/kube/types.ts';
import type { NetworkProfile, NetworkProfileSpec } from '../../schemas/kinds/policies/network-profile.ts';
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import type { Team } from '../../schemas/kinds/team.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { auditAbout } from '../support/audit.ts';
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

/** A team that names the profile of its own name, gone with its namespace afterwards. */
async function freshTeam(): Promise<FreshTeam> {
  const name = `net-${randomUUID().slice(0, 8)}`;
  const spec = { displayName: name, defaults: { network: name } };
  await client.create(
    RESOURCES.teams,
    undefined,
    JSON.stringify({ apiVersion: API_GROUP_VERSION, kind: 'Team', metadata: { name }, spec }),
  );
  await eventually(`team ${name} is ready`, async () => {
    const { status } = await client.get<Team>(RESOURCES.teams, undefined, name);
    return findCondition(status?.conditions, 'Ready')?.status === 'True';
  });
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

async function profile(namespace: string, name: string, spec: NetworkProfileSpec): Promise<AsyncDisposable> {
  const body = JSON.stringify({ apiVersion: API_GROUP_VERSION, kind: 'NetworkProfile', metadata: { namespace, name }, spec });
  await client.apply(RESOURCES.networkProfiles, namespace, name, body, { fieldManager: 'test', force: true });
  return {
    async [Symbol.asyncDispose]() {
      await client.delete(RESOURCES.networkProfiles, namespace, name);
    },
  };
}

const policyOf = async (namespace: string, name = 'streamspace-network'): Promise<KubeObjectJson | undefined> =>
  await client.find<KubeObjectJson>(RESOURCES.networkPolicies, namespace, name);

const INTERNET: NetworkProfileSpec = { egress: { mode: 'Internet' }, dns: { mode: 'Cluster' } };

test('a profile becomes a NetworkPolicy of the teams that name it, follows it, and goes with it', async () => {
  await using team = await freshTeam();
  expect(await policyOf(team.namespace)).toBeUndefined();
  const internet = await profile('streamspace', team.name, INTERNET);
  const opened = await eventually('the policy is there', async () => await policyOf(team.namespace));
  expect(opened['spec']).toMatchObject({
    policyTypes: ['Egress'],
    podSelector: { matchLabels: { 'streamspace.io/component': 'desktop' } },
  });
  expect(JSON.stringify(opened['spec'])).toContain('169.254.0.0/16');
  expect(opened.metadata.annotations).toMatchObject({ 'streamspace.io/network-profiles': `streamspace/${team.name}` });

  await using _own = await profile(team.namespace, 'kiosk', {
    egress: { mode: 'AllowList', allow: [{ cidr: '203.0.113.0/24' }, { cidr: '169.254.169.254/32' }] },
  });
  const narrowed = await eventually(
    'the narrower one is there',
    async () => await policyOf(team.namespace, 'streamspace-network-kiosk'),
  );
  expect(JSON.stringify(narrowed['spec'])).toContain('203.0.113.0/24');
  expect(JSON.stringify(narrowed['spec'])).not.toContain('169.254');
  const told = await eventually('its entry is told of', async () => {
    const { status } = await client.get<NetworkProfile>(RESOURCES.networkProfiles, team.namespace, 'kiosk');
    return findCondition(status?.conditions, 'Ready');
  });
  expect(told).toMatchObject({ status: 'False', reason: 'PolicyInvalid' });
  expect(told.message).toContain('egress.allow[1] 169.254.169.254/32');

  await internet[Symbol.asyncDispose]();
  await eventually('nothing is open', async () => {
    const names = ['streamspace-network', 'streamspace-network-kiosk'];
    const left = await Promise.all(names.map((name) => policyOf(team.namespace, name)));
    return left.every((each) => each === undefined);
  });
});

test('P-04-10 each NetworkPolicy of a team that somebody deletes or loosens is put back, and that is told', async () => {
  await using team = await freshTeam();
  await using _internet = await profile('streamspace', team.name, INTERNET);
  for (const name of ['streamspace-default-deny', 'streamspace-admit-gateway', 'streamspace-network']) {
    const before = await eventually(`${name} is there`, async () => await policyOf(team.namespace, name));
    await client.delete(RESOURCES.networkPolicies, team.namespace, name);
    const after = await eventually(`${name} is back`, async () => {
      const now = await policyOf(team.namespace, name);
      return now !== undefined && now.metadata.uid !== before.metadata.uid && now;
    });
    expect(after['spec']).toEqual(before['spec']);
    await eventually(`the return of ${name} is told`, async () => {
      const { items } = await client.list<KubeObjectJson>(RESOURCES.events, { fieldSelector: 'reason=PutBack' });
      return items.some(
        (event) =>
          JSON.stringify(event['involvedObject']).includes(`"${team.name}"`) &&
          String(event['message']).startsWith(`NetworkPolicy ${name} was missing and is back; who deleted it is not known`),
      );
    });
    const rows = await eventually('the audit log has it', async () => {
      const found = await auditAbout(servers, `NetworkPolicy/${team.namespace}/${name}`, 'object.restored');
      return found.length > 0 && found;
    });
    expect(rows).toEqual([expect.objectContaining({ type: 'object.restored', details: { team: team.name, was: 'deleted' } })]);
  }
  await client.mergePatch(RESOURCES.networkPolicies, team.namespace, 'streamspace-network', { spec: { egress: [{}] } });
  await eventually('the rules are back', async () => {
    const now = await policyOf(team.namespace);
    return JSON.stringify(now?.['spec']).includes('169.254.0.0/16');
  });
  await eventually('the audit log has the change, too', async () => {
    const rows = await auditAbout(servers, `NetworkPolicy/${team.namespace}/streamspace-network`, 'object.restored');
    return rows.length === 2 && rows[1]?.details?.['was'] === 'changed';
  });
});

test('a session says which NetworkPolicies hold for it, and where each limit comes from', async () => {
  await using team = await freshTeam();
  await using _internet = await profile('streamspace', team.name, INTERNET);
  await eventually('the policy is there', async () => await policyOf(team.namespace));
  const metadata = { name: 'asleep', namespace: team.namespace };
  const spec = { template: 'nowhere', owner: 'member', desiredState: 'Hibernated' };
  const body = JSON.stringify({ apiVersion: API_GROUP_VERSION, kind: 'Session', metadata, spec });
  await client.create(RESOURCES.sessions, team.namespace, body);
  const policy = await eventually('it is told', async () => {
    const session = await client.get<Session>(RESOURCES.sessions, team.namespace, 'asleep');
    return session.status?.effectivePolicy;
  });
  expect(policy.network).toEqual({
    egress: 'Internet',
    dns: { mode: 'Cluster' },
    policies: ['streamspace-default-deny', 'streamspace-admit-gateway', 'streamspace-network'],
  });
  expect(policy.policies).toContainEqual(
    expect.objectContaining({ kind: 'NetworkProfile', namespace: 'streamspace', name: team.name }),
  );
  expect(policy.origins).toContainEqual({ field: 'network.egress', from: `NetworkProfile/streamspace/${team.name}` });
  await client.delete(RESOURCES.sessions, team.namespace, 'asleep');
});
