// Who is in a session: seen by all, decided about by its owner, over all replicas of the gateway.
import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import type { TicketView } from '../../schemas/api/api.ts';
import type { VisitCreated } from '../../schemas/api/sharing.ts';
import { apiAs, runningSession } from '../support/api.ts';
import { inDesktop, typeUntil } from '../support/desktop.ts';
import { startGatewayReplica } from '../support/gateway-replica.ts';
import type { RfbClient } from '../support/rfb-client.ts';
import { sharingEvents, sharingPolicy } from '../support/session-rules.ts';
import { openLinkAs, openTicket, presenceOf, refusalOf, secretOf, shareOf, streamAs, streamOf } from '../support/sharing.ts';
import { Visitor } from '../support/visitor.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const ID = randomUUID().slice(0, 6);
const nameFor = (what: string): string => `presence-${ID}-${what}`;
const LINK = { link: true, mode: 'View' } as const;

test('who is here is seen by all; control is asked for, given and taken back, and whoever is put out does not come back', async () => {
  const name = nameFor('control');
  await using session = await runningSession(servers, name, 'member');
  await shareOf(servers, session.path, { subjects: [{ kind: 'Team', name: 'web' }], mode: 'View' });
  const share = await shareOf(servers, session.path, LINK);
  await using owner = await streamAs(servers, 'member', session.path, 'control');
  const visit = await openLinkAs(servers, 'auditor', secretOf(share));
  await using looker = await streamOf(servers, 'auditor', visit);
  const one = (viewer: RfbClient) => presenceOf(viewer)?.people.find(({ owns }) => !owns);
  for (const viewer of [owner, looker])
    await viewer.until(() => presenceOf(viewer)?.people.length === 2 && one(viewer)?.right === 'view', { what: 'both people' });
  expect(presenceOf(looker)?.you).toBe(one(owner)?.id);

  looker.pointer(30, 40, 0);
  await owner.until(() => owner.notices.some((notice) => notice.includes('"x":30,"y":40')), { what: 'where he points' });
  expect(looker.notices.some((notice) => notice.includes('"x":30,"y":40'))).toBe(false);

  const asked = await refusalOf(servers, 'auditor', '/share/control-requests', { pass: visit.pass, asking: true });
  expect(asked).toBe('opened');
  await owner.until(() => one(owner)?.asking === true, { what: 'the wish' });
  const decide = (person: string, id: string | undefined, control: 'Given' | 'Taken') =>
    apiAs(servers, person).send('PATCH', `${session.path}/participants/${id}`, { control });
  expect((await decide('auditor', one(owner)?.id, 'Given')).status).toBe(403);
  expect((await decide('member', one(owner)?.id, 'Given')).status).toBe(204);
  await looker.until(() => one(looker)?.right === 'control', { what: 'control' });
  await typeUntil(servers, looker, name, 'touch /tmp/given', '/tmp/given');
  // For three seconds only; by now it may be over.
  await owner.until(() => owner.notices.some((notice) => /"owns":false[^}]*"typing":true/.test(notice)), { what: 'who types' });
  looker.key(0xffe1, true);
  expect((await decide('member', one(owner)?.id, 'Taken')).status).toBe(204);
  await looker.until(() => one(looker)?.right === 'view', { what: 'no control' });
  looker.type('touch /tmp/taken\n');
  await typeUntil(servers, owner, name, 'touch /tmp/mine', '/tmp/mine');
  expect((await inDesktop(servers, name, 'ls /tmp')).split('\n')).not.toContain('taken');
  // The owner keeps what is his.
  const own = presenceOf(owner)?.you;
  expect((await decide('member', own, 'Taken')).status).toBe(409);

  const id = one(owner)?.id;
  expect((await apiAs(servers, 'member').send('DELETE', `${session.path}/participants/${id}`)).status).toBe(204);
  expect(await looker.closed).toMatchObject({ reason: expect.stringMatching(/^ShareKicked: /) });
  expect(await refusalOf(servers, 'auditor', '/share/tickets', { pass: visit.pass })).toBe('ShareKicked');
  expect(await refusalOf(servers, 'auditor', '/share/visits', { secret: secretOf(share) })).toBe('ShareKicked');
  for (const type of ['control.asked', 'control.given', 'control.taken', 'participant.kicked'])
    expect((await sharingEvents(servers, name, type))[0]?.result).toBe('success');
});

test('G-49 without its moderator the input of a moderated session is frozen, a timer runs, and then the session hibernates', async () => {
  const name = nameFor('moderated');
  await using session = await runningSession(servers, name, 'member');
  const share = await shareOf(servers, session.path, { link: true, mode: 'Control', moderated: true });
  const early = await openLinkAs(servers, 'viewer', secretOf(share));
  await expect(streamOf(servers, 'viewer', early)).rejects.toThrow(/ModeratorAway/);
  const owner = await streamAs(servers, 'member', session.path, 'control');
  await using pupil = await streamOf(servers, 'viewer', early);
  await typeUntil(servers, pupil, name, 'touch /tmp/with', '/tmp/with');
  await owner.close();
  await pupil.until(() => presenceOf(pupil)?.moderatorAwayUntil !== null, { what: 'the timer' });
  const until = Date.parse(presenceOf(pupil)?.moderatorAwayUntil ?? '');
  expect(until - Date.now()).toBeGreaterThan(20_000);
  pupil.type('touch /tmp/without\n');
  // One who comes back in time stops the timer.
  const back = await streamAs(servers, 'member', session.path, 'control');
  await pupil.until(() => presenceOf(pupil)?.moderatorAwayUntil === null, { what: 'no timer' });
  await typeUntil(servers, pupil, name, 'touch /tmp/again', '/tmp/again');
  expect((await inDesktop(servers, name, 'ls /tmp')).split('\n')).not.toContain('without');
  await back.close();
  const closed = await pupil.closed;
  expect(closed.reason).toMatch(/^SessionNotRunning: .*hibernated/);
  expect((await sharingEvents(servers, name, 'moderation.ended'))[0]).toMatchObject({
    actor: null,
    details: { graceSeconds: 30 },
  });
});

test('two replicas of the gateway agree: who is here, who has control, how many may be in, and who is put out', async () => {
  const name = nameFor('replicas');
  await using session = await runningSession(servers, name, 'member');
  await using _policy = await sharingPolicy(servers, name, { maxViewers: 1 });
  await using second = await startGatewayReplica(servers);
  const elsewhere = { ...servers, url: second.url };
  const share = await shareOf(servers, session.path, LINK);
  await using owner = await streamAs(servers, 'member', session.path, 'control');
  // The secret at one replica, the stream at the other.
  const visit = await openLinkAs(servers, 'auditor', secretOf(share));
  await using looker = await eventually('the other replica knows the share', () =>
    streamOf(elsewhere, 'auditor', visit, servers.url),
  );
  const one = (viewer: RfbClient) => presenceOf(viewer)?.people.find(({ owns }) => !owns);
  for (const viewer of [owner, looker])
    await viewer.until(() => presenceOf(viewer)?.people.length === 2, { what: 'both people' });
  // One may be in through shares, at whichever replica.
  const another = await openLinkAs(servers, 'viewer', secretOf(share));
  await expect(streamOf(servers, 'viewer', another)).rejects.toThrow(/ShareFull/);

  looker.pointer(11, 22, 0);
  await owner.until(() => owner.notices.some((notice) => notice.includes('"x":11,"y":22')), { what: 'where he points' });
  const decide = (control: 'Given' | 'Taken') =>
    apiAs(servers, 'member').send('PATCH', `${session.path}/participants/${one(owner)?.id}`, { control });
  expect((await decide('Given')).status).toBe(204);
  await looker.until(() => one(looker)?.right === 'control', { timeoutMs: 1_000, what: 'control' });
  await typeUntil(servers, looker, name, 'touch /tmp/from-elsewhere', '/tmp/from-elsewhere');
  expect((await decide('Taken')).status).toBe(204);
  await looker.until(() => one(looker)?.right === 'view', { timeoutMs: 1_000, what: 'no control' });

  expect((await apiAs(servers, 'member').send('DELETE', `${session.path}/participants/${one(owner)?.id}`)).status).toBe(204);
  const from = performance.now();
  expect(await looker.closed).toMatchObject({ reason: expect.stringMatching(/^ShareKicked: /) });
  expect(performance.now() - from).toBeLessThan(1_000);
  await owner.until(() => presenceOf(owner)?.people.length === 1, { what: 'the owner alone' });

  // A replica that is killed holds nobody's place.
  const last = await openLinkAs(servers, 'viewer', secretOf(share));
  await using lost = await streamOf(elsewhere, 'viewer', last, servers.url);
  await owner.until(() => presenceOf(owner)?.people.length === 2, { what: 'the next one' });
  second.kill();
  await lost.closed;
  await owner.until(() => presenceOf(owner)?.people.length === 1, { timeoutMs: 20_000, what: 'nobody of the lost replica' });
  await (await streamOf(servers, 'viewer', last)).close();
});

test('G-53 whoever opened a link with his sign-in is out within two seconds when he signs out', async () => {
  const name = nameFor('sign-out');
  await using session = await runningSession(servers, name, 'member');
  const share = await shareOf(servers, session.path, LINK);
  const visitor = new Visitor(servers);
  const { csrfToken } = await visitor.signIn('viewer');
  const headers = { 'x-csrf-token': csrfToken, accept: 'application/json' };
  const post = async <T>(path: string, json: object): Promise<T> => {
    const response = await visitor.open(`/api/v1${path}`, { json, headers });
    expect(response.status).toBe(201);
    return (await response.json()) as T;
  };
  const visit = await post<VisitCreated>('/share/visits', { secret: secretOf(share) });
  expect(visit).toMatchObject({ guest: false, state: 'Admitted' });
  const ticket = await post<TicketView>('/share/tickets', { pass: visit.pass });
  await using viewer = await openTicket(servers, ticket);
  expect((await visitor.open('/auth/sign-out', { method: 'POST', headers })).status).toBe(200);
  const from = performance.now();
  expect(await viewer.closed).toMatchObject({ reason: expect.stringMatching(/^SignInRequired: /) });
  expect(performance.now() - from).toBeLessThan(2_000);
  // The pass alone opens nothing: it is his, and he is nobody now.
  expect(await refusalOf(servers, null, '/share/tickets', { pass: visit.pass })).toBe('ShareNotForYou');
});
