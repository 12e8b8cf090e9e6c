// From a key in a stream to the clock of idleness, and back: what somebody really types is the last input of his session, looking on is
// none, and "Keep working" over HTTP puts the end off as often as the policy lets.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { Snoozed } from '../../schemas/api/snooze.ts';
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { apiAs, openDesktop, runningSession } from '../support/api.ts';
import { auditAbout } from '../support/audit.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const NAMESPACE = 'team-web';
const NAME = `typed-${randomUUID().slice(0, 8)}`;
const SNOOZE = `/namespaces/${NAMESPACE}/sessions/${NAME}/snooze`;
let client: OwnedKubeClient;

const until = (what: string, holds: (session: Session) => boolean): Promise<Session> =>
  eventually(
    what,
    async () => {
      const session = await client.get<Session>(RESOURCES.sessions, NAMESPACE, NAME);
      return holds(session) && session;
    },
    { timeoutMs: 90_000 },
  );

beforeAll(async () => {
  client = createKubeClient({ kubeconfig: servers.kubeconfig });
  const spec = {
    targets: { cel: `session.metadata.name == '${NAME}'` },
    idle: { afterSeconds: 60, action: 'Hibernate', warnSeconds: 50, snoozes: { max: 1, seconds: 300 } },
  };
  const policy = { apiVersion: API_GROUP_VERSION, kind: 'SessionPolicy', metadata: { name: NAME, namespace: NAMESPACE }, spec };
  await client.create(RESOURCES.sessionPolicies, NAMESPACE, JSON.stringify(policy));
});
afterAll(async () => {
  await client.delete(RESOURCES.sessionPolicies, NAMESPACE, NAME);
  await client[Symbol.asyncDispose]();
});

test('a key that reached the desktop is the last input; its end is put off over HTTP by who controls it, once', async () => {
  await using _session = await runningSession(servers, NAME, 'member');
  const onlooker = await openDesktop(servers, 'lead', NAME, 'view');
  onlooker.type('nobody reads this');
  const viewer = await openDesktop(servers, 'member', NAME);
  expect(
    (await until('the policy counts', ({ status }) => status?.lifetime?.next !== undefined)).status?.activity?.inputAt,
  ).toBeUndefined();

  const before = Date.now();
  viewer.type('a');
  const used = await until('the key is the last input', ({ status }) => status?.lifetime?.lastInputKind === 'Key');
  const at = Date.parse(used.status?.activity?.inputAt ?? '');
  expect(at).toBeGreaterThanOrEqual(before - 1_000);
  expect(Date.parse(used.status?.lifetime?.next?.at ?? '') - at).toBe(60_000);

  const early = await apiAs(servers, 'member').send('POST', SNOOZE);
  expect(early).toMatchObject({ status: 409, body: { code: 'SnoozeNotAllowed' } });
  await until('people are warned', ({ status }) => status?.lifetime?.warned?.some(({ reason }) => reason === 'Idle') === true);
  expect((await apiAs(servers, 'viewer').send('POST', SNOOZE)).status).toBe(403);
  const put = await apiAs(servers, 'member').send<Snoozed>('POST', SNOOZE);
  expect(put).toMatchObject({ status: 200, body: { snoozes: 1, left: 0 } });
  const later = await until('it is put off', ({ status }) => status?.lifetime?.snoozes === 1);
  expect(later.status?.activity?.snoozedBy).toBe('member');
  expect(Date.parse(later.status?.lifetime?.next?.at ?? '')).toBeGreaterThanOrEqual(Date.parse(put.body.until));
  expect((await apiAs(servers, 'member').send('POST', SNOOZE)).status).toBe(409);

  const events = (await auditAbout(servers, `Session/${NAMESPACE}/${NAME}`)).filter(({ type }) =>
    ['session.snoozed', 'request.refused'].includes(type),
  );
  expect(events.map(({ actor, result }) => `${actor} ${result}`).toSorted()).toEqual([
    'member failure',
    'member failure',
    'member success',
    'viewer refused',
  ]);
  for (const each of [viewer, onlooker]) await each.close();
});
