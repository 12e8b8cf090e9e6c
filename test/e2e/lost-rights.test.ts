// Who loses a right loses what he looks at, within seconds. Alone, because it changes the one team and keeps time.
import { randomUUID } from 'node:crypto';
import { setTimeout as timer } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { PLATFORM_ADMINS_GROUP } from '../../schemas/names.ts';
import { apiAs, openDesktop, runningSession, ticketFor } from '../support/api.ts';
import { databaseOf } from '../support/database.ts';
import { typeUntil } from '../support/desktop.ts';
import { kubectl, kubectlJson } from '../support/kubectl.ts';
import { type ClosedBy, connectRfb, type RfbClient } from '../support/rfb-client.ts';
import { Visitor } from '../support/visitor.ts';
import { eventually } from '../support/wait.ts';
import { watchList } from '../support/watched-list.ts';

const servers = inject('servers');
const ID = randomUUID().slice(0, 6);
const SESSIONS = '/namespaces/team-web/sessions';
const nameOf = (what: string): string => `lost-${ID}-${what}`;
type Member = Readonly<Record<string, string>>;
const urlOf = (path: string): string => `${servers.url.replace(/^http/, 'ws')}${path}`;

/** @throws Error when the stream is open longer */
async function closedWithin(client: RfbClient, ms: number): Promise<ClosedBy> {
  const late = new AbortController();
  try {
    return await Promise.race([
      client.closed,
      timer(ms, undefined, { signal: late.signal }).then(() => {
        throw new Error(`the stream was still open after ${ms} ms`);
      }),
    ]);
  } finally {
    late.abort();
  }
}

/** While it is held, a sync does not put back what a test changes in the cluster. */
async function syncSuspended(): Promise<AsyncDisposable> {
  const suspend = (value: boolean): Promise<string> =>
    kubectl(servers, [
      'patch',
      'gitsync',
      'platform',
      '-n',
      'streamspace',
      '--type',
      'merge',
      '-p',
      `{"spec":{"suspend":${value}}}`,
    ]);
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => void (await suspend(false)));
  await suspend(true);
  await kubectl(servers, [
    ...['wait', 'gitsync/platform', '-n', 'streamspace', '--timeout=60s'],
    '--for=jsonpath={.status.conditions[?(@.type=="Ready")].reason}=Suspended',
  ]);
  return stack.move();
}

test('P-01-4 who leaves the team loses his open stream within 5 s, and nobody else does', async () => {
  const name = nameOf('leaves');
  await using _session = await runningSession(servers, name, 'lead');
  await using owner = await openDesktop(servers, 'lead', name);
  await using viewer = await openDesktop(servers, 'viewer', name, 'view');
  await using _suspended = await syncSuspended();
  const team = await kubectlJson<{ readonly spec: { readonly members: readonly Member[] } }>(servers, ['get', 'team', 'web']);
  const membersAre = (members: readonly Member[]): Promise<string> =>
    kubectl(servers, ['patch', 'team', 'web', '--type', 'merge', '-p', JSON.stringify({ spec: { members } })]);
  const { members } = team.spec;
  try {
    expect(members).toContainEqual({ user: 'viewer', role: 'viewer' });
    await membersAre(members.filter((member) => member['user'] !== 'viewer'));
    expect(await closedWithin(viewer, 5_000)).toMatchObject({ code: 1008, reason: expect.stringMatching(/^Forbidden: viewer/) });
    await expect(ticketFor(servers, 'viewer', name, 'view')).rejects.toThrow('403');
  } finally {
    await membersAre(members);
  }
  await typeUntil(servers, owner, name, 'touch /tmp/stays', '/tmp/stays');
  await eventually('the viewer may look on again', () => ticketFor(servers, 'viewer', name, 'view'));
});

test('P-01-6 a stream that a group gave ends within 5 s of the word that its person is in it no longer', async () => {
  const name = nameOf('group');
  await using _session = await runningSession(servers, name, 'member');
  await using owner = await openDesktop(servers, 'member', name);
  await using stream = await openDesktop(servers, 'admin', name, 'view');
  await using db = databaseOf(servers);
  // What auth/sign-in/confirm-people.ts writes; the whole way from the provider is in gateway-confirmation.test.ts.
  const groupsAre = async (groups: readonly string[]): Promise<unknown> =>
    await db.query(`update people set groups = $1 where name = 'admin'`, [groups]);
  try {
    await groupsAre([]);
    expect(await closedWithin(stream, 5_000)).toMatchObject({ code: 1008, reason: expect.stringMatching(/^Forbidden: admin/) });
  } finally {
    await groupsAre([PLATFORM_ADMINS_GROUP]);
  }
  expect(owner.socket.readyState).toBe(owner.socket.OPEN);
});

test('G-53 a key that is revoked and a sign-out each end the streams that they opened, within 2 s', async () => {
  const name = nameOf('ends');
  await using _session = await runningSession(servers, name, 'member');
  await using other = await openDesktop(servers, 'member', name);
  const member = apiAs(servers, 'member');
  const made = await member.send<{ readonly id: string; readonly key: string }>('POST', '/me/api-keys', {
    name: nameOf('key'),
    expiresInDays: 1,
  });
  const tickets = `/api/v1${SESSIONS}/${name}/tickets`;
  const open = async (response: Response): Promise<RfbClient> => {
    expect(response.status).toBe(201);
    const { ticket, path } = (await response.json()) as { readonly ticket: string; readonly path: string };
    return await connectRfb({ url: urlOf(path), ticket, origin: servers.url });
  };
  await using byKey = await open(
    await fetch(`${servers.url}${tickets}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${made.body.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ right: 'control' }),
    }),
  );
  const visitor = new Visitor(servers);
  const { csrfToken } = await visitor.signIn('member');
  const headers = { 'x-csrf-token': csrfToken, accept: 'application/json' };
  await using bySignIn = await open(await visitor.open(tickets, { json: { right: 'control' }, headers }));

  expect((await member.send('DELETE', `/me/api-keys/${made.body.id}`)).status).toBe(204);
  expect(await closedWithin(byKey, 2_000)).toMatchObject({ code: 1008, reason: expect.stringMatching(/^SignInRequired: /) });
  expect(bySignIn.socket.readyState).toBe(bySignIn.socket.OPEN);
  expect((await visitor.open('/auth/sign-out', { method: 'POST', headers })).status).toBe(200);
  expect(await closedWithin(bySignIn, 2_000)).toMatchObject({ code: 1008, reason: expect.stringMatching(/^SignInRequired: /) });
  expect(other.socket.readyState).toBe(other.socket.OPEN);
});

test('G-53 a watched list ends within two seconds of the sign-out', async () => {
  const visitor = new Visitor(servers);
  const { csrfToken } = await visitor.signIn('member');
  const cookie = `streamspace_session=${visitor.cookie('streamspace_session')}`;
  await using list = await watchList(servers, '/sessions', { cookie });
  await eventually('the snapshot is there', async () => list.events.length > 0);
  await visitor.open('/auth/sign-out', { method: 'POST', headers: { accept: 'application/json', 'x-csrf-token': csrfToken } });
  await eventually('the list has ended', async () => list.ended(), { timeoutMs: 2_000 });
});
