// Streams through the whole: gateway, API server, controller, and a desktop in its pod.
import { randomUUID } from 'node:crypto';
import { setTimeout as timer } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { apiAs, openDesktop, runningSession, ticketFor, untilPhase } from '../support/api.ts';
import { type AuditRow, databaseOf } from '../support/audit.ts';
import { kubectl, kubectlJson } from '../support/kubectl.ts';
import { type ClosedBy, connectRfb, type RfbClient } from '../support/rfb-client.ts';
import { Visitor } from '../support/visitor.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const ID = randomUUID().slice(0, 6);
const SESSIONS = '/namespaces/team-web/sessions';
const nameOf = (what: string): string => `streams-${ID}-${what}`;
const objectOf = (name: string): string => `Session/team-web/${name}`;
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

function eventsOf(name: string, type: string): Promise<readonly AuditRow[]> {
  return eventually(`there is a ${type} of ${name}`, async () => {
    await using db = databaseOf(servers);
    const rows = await db.query<AuditRow & Record<string, unknown>>(
      'select type, actor, result, object, source_address, details from audit_events where object = $1 and type = $2 order by seq limit 50',
      [objectOf(name), type],
    );
    return rows.length > 0 && rows;
  });
}

/** The desktop is the only one who can answer this; its files say which keys reached it. */
const inDesktop = (name: string, script: string): Promise<string> =>
  kubectl(servers, ['exec', '-n', 'team-web', `${name}-0`, '--', 'sh', '-c', script]);
const hasFile = async (name: string, file: string): Promise<boolean> =>
  (await inDesktop(name, `test -e ${file} && echo yes || echo no`)).trim() === 'yes';

/** Types until the file is there: a desktop answers a little before its terminal listens. Good for what may be done twice. */
async function typeUntil(viewer: RfbClient, name: string, command: string, file: string): Promise<void> {
  await eventually(`${file} is there`, async () => {
    viewer.type(`${command}\n`);
    return await hasFile(name, file);
  });
}

test('a stream with the right to control shows the desktop, and what is typed runs in it', async () => {
  const name = nameOf('control');
  await using _session = await runningSession(servers, name, 'member');
  await using viewer = await openDesktop(servers, 'member', name);
  expect(viewer.width * viewer.height).toBeGreaterThan(0);
  await typeUntil(viewer, name, 'touch /tmp/typed', '/tmp/typed');
  const before = viewer.frame;
  viewer.type('echo 0123456789 0123456789\n');
  await viewer.waitForChange(before);
});

test('G-46 a viewer of the team sees what the owner sees, twice, and none of his keys arrives', async () => {
  const name = nameOf('view');
  await using _session = await runningSession(servers, name, 'member');
  await using owner = await openDesktop(servers, 'member', name);
  await using first = await openDesktop(servers, 'viewer', name, 'view');
  await using second = await openDesktop(servers, 'viewer', name, 'view');
  await typeUntil(owner, name, 'clear; touch /tmp/by-owner; echo one two three four five', '/tmp/by-owner');
  for (const viewer of [first, second])
    await viewer.until(() => viewer.frame === owner.frame, { what: 'the picture of the owner' });

  first.type('touch /tmp/by-viewer\n');
  first.pointer(5, 5, 1);
  first.pointer(5, 5, 0);
  // Proof that what came before has been judged: the answer to a request that stands behind it in the same stream.
  const seen = first.updates;
  first.requestUpdate({ incremental: false });
  await first.until(() => first.updates > seen, { what: 'the answer to a request behind the keys' });
  await typeUntil(owner, name, 'touch /tmp/by-owner-again', '/tmp/by-owner-again');
  expect((await inDesktop(name, 'ls /tmp')).split('\n')).not.toContain('by-viewer');
  await first.until(() => first.frame === owner.frame && second.frame === owner.frame, { what: 'one picture for all' });

  expect((await first.close()).code).toBe(1000);
  const still = owner.frame;
  owner.type('echo still here\n');
  await owner.waitForChange(still);
  const [closed] = await eventsOf(name, 'stream.closed');
  expect(closed).toMatchObject({ actor: 'viewer', result: 'success', details: { right: 'view' } });
  expect(Number(closed?.details?.['denied.keyEvent/viewOnly'] ?? 0)).toBe(2 * 'touch /tmp/by-viewer\n'.length);
});

test('G-50 G-51 a ticket opens one stream of its own session from our own page', async () => {
  const [name, other] = [nameOf('door'), nameOf('other')];
  await using _session = await runningSession(servers, name, 'member');
  await using _other = await runningSession(servers, other, 'member');
  const { ticket, path } = await ticketFor(servers, 'member', name, 'control');
  for (const origin of ['https://evil.example', 'null', undefined])
    await expect(connectRfb({ url: urlOf(path), ticket, ...(origin === undefined ? {} : { origin }) })).rejects.toThrow(
      /HTTP 403 .*OriginForbidden/,
    );
  await using _first = await connectRfb({ url: urlOf(path), ticket, origin: servers.url });
  await expect(connectRfb({ url: urlOf(path), ticket, origin: servers.url })).rejects.toThrow(/HTTP 403 .*TicketInvalid/);
  const elsewhere = await ticketFor(servers, 'member', other, 'control');
  await expect(connectRfb({ url: urlOf(path), ticket: elsewhere.ticket, origin: servers.url })).rejects.toThrow(
    /HTTP 403 .*for another session/,
  );
  // It was taken all the same: a ticket is not tried out on one session after the other.
  await expect(connectRfb({ url: urlOf(elsewhere.path), ticket: elsewhere.ticket, origin: servers.url })).rejects.toThrow(
    /TicketInvalid/,
  );
  expect((await eventsOf(name, 'ticket.refused')).length).toBe(2);
  expect((await eventsOf(name, 'origin.refused')).length).toBe(3);
});

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
  await suspend(true);
  await kubectl(servers, [
    ...['wait', 'gitsync/platform', '-n', 'streamspace', '--timeout=30s'],
    '--for=jsonpath={.status.conditions[?(@.type=="Ready")].reason}=Suspended',
  ]);
  return { [Symbol.asyncDispose]: async () => void (await suspend(false)) };
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
  await typeUntil(owner, name, 'touch /tmp/stays', '/tmp/stays');
  await eventually('the viewer may look on again', () => ticketFor(servers, 'viewer', name, 'view'));
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

test('the audit says who opened a stream with which right, and what went over it', async () => {
  const name = nameOf('audit');
  await using _session = await runningSession(servers, name, 'member');
  await using viewer = await openDesktop(servers, 'member', name);
  const [opened] = await eventsOf(name, 'stream.opened');
  expect(opened).toMatchObject({ actor: 'member', result: 'success', details: { right: 'control' } });
  expect(opened?.source_address).toMatch(/^(127\.|::1)/);
  const { receivedBytes } = viewer;
  expect((await viewer.close()).code).toBe(1000);
  const [closed] = await eventsOf(name, 'stream.closed');
  expect(closed).toMatchObject({
    actor: 'member',
    result: 'success',
    details: { right: 'control', code: null, closeCode: 1000 },
  });
  expect(closed?.details?.['bytesToBrowser']).toBeGreaterThanOrEqual(receivedBytes);
  expect(closed?.details?.['bytesFromBrowser']).toBeGreaterThan(0);
  expect(closed?.details?.['durationMs']).toBeGreaterThan(0);
});

test('a session that hibernates says so to its streams; resumed, it works again with its home', async () => {
  const name = nameOf('sleeps');
  await using session = await runningSession(servers, name, 'member');
  await using before = await openDesktop(servers, 'member', name);
  await typeUntil(before, name, 'echo kept > ~/note', '/home/user/note');
  const wish = (desiredState: string) => apiAs(servers, 'member').send('PATCH', session.path, { spec: { desiredState } });
  expect((await wish('Hibernated')).status).toBe(200);
  expect(await before.closed).toEqual({ code: 1008, reason: `SessionNotRunning: session ${name} was hibernated` });
  await untilPhase(servers, 'member', name, 'Hibernated');
  await expect(openDesktop(servers, 'member', name)).rejects.toThrow('SessionNotRunning');
  expect((await wish('Running')).status).toBe(200);
  await untilPhase(servers, 'member', name, 'Running');
  await using after = await openDesktop(servers, 'member', name);
  await typeUntil(after, name, 'cp ~/note /tmp/seen', '/tmp/seen');
  expect((await inDesktop(name, 'cat /tmp/seen')).trim()).toBe('kept');
});
