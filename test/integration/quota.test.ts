// Quotas against a real API server, with the controller and gateway of the installation.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { findCondition } from '../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { Quota } from '../../schemas/kinds/quota.ts';
import type { Session } from '../../schemas/kinds/session.ts';
import { apiAs } from '../support/api.ts';
import { admitted, openQuotaRush, type QuotaRush } from '../support/quota-rush.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const NAMESPACE = 'team-web';
const id = `quota-${randomUUID().slice(0, 6)}`;
let client: OwnedKubeClient;
let rush: QuotaRush;

beforeAll(async () => {
  client = createKubeClient({ kubeconfig: servers.kubeconfig });
  rush = await openQuotaRush(client, id, 10);
});

afterAll(async () => {
  await rush[Symbol.asyncDispose]();
  await client[Symbol.asyncDispose]();
});

test('P-04-1 200 sessions are created in parallel with room for 10: exactly 10 are admitted, the others wait and say why', async () => {
  const all = await rush.start(200);
  expect(admitted(all)).toHaveLength(10);
  const waiting = all.filter(({ status }) => status?.phase === 'Pending' && status.reason === 'QuotaExceeded');
  expect(waiting).toHaveLength(190);
  const sets = await client.list<Session>(RESOURCES.statefulSets, { namespace: NAMESPACE });
  expect(sets.items.filter(({ metadata: { name } }) => name.startsWith(id))).toHaveLength(10);
  expect(waiting[0]?.status?.message).toMatch(
    /^10 of 10 running desktops of the template .* in use, needs 1 .*there is room when /,
  );
}, 120_000);

test('P-04-5 a create by the gateway is refused with what is missing, and what is left is told before', async () => {
  const member = apiAs(servers, 'member');
  const refused = await member.send('POST', `/namespaces/${NAMESPACE}/sessions`, { spec: { template: id } });
  expect(refused.status).toBe(409);
  expect(refused.body).toMatchObject({ code: 'QuotaExceeded', fields: [{ path: 'sessionsRunning' }] });
  const left = await member.get(`/quota?namespace=${NAMESPACE}&template=${id}`);
  expect(left.body).toMatchObject({
    limits: [{ limit: 'sessionsRunning', scope: 'Template', used: '10', hard: '10', available: '0', needs: '1' }],
    refusal: { code: 'QuotaExceeded' },
  });
});

test('P-04-2 a quota lowered below what is in use kills nothing and says OverQuota; room that comes is given to the eldest', async () => {
  await client.mergePatch(RESOURCES.quotas, NAMESPACE, id, { spec: { limits: { sessionsRunning: 9 } } });
  await eventually('it is over', async () => {
    const { status } = await client.get<Quota>(RESOURCES.quotas, NAMESPACE, id);
    return findCondition(status?.conditions, 'OverQuota')?.status === 'True';
  });
  const before = admitted(await rush.sessions());
  expect(before).toHaveLength(10);
  for (const { metadata } of before.slice(0, 2)) await client.delete(RESOURCES.sessions, NAMESPACE, metadata.name);
  await eventually('one has taken the room of two', async () => {
    const now = admitted(await rush.sessions());
    expect(now.length).toBeLessThanOrEqual(10);
    return now.length === 9 && now.some(({ metadata }) => !before.some((other) => other.metadata.uid === metadata.uid));
  });
});
