// Sharing through the whole: gateway, API server, controller, and a desktop in its pod.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { SessionShare } from '../../schemas/kinds/sessions/session-share.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { apiAs, runningSession } from '../support/api.ts';
import { inDesktop, typeUntil } from '../support/desktop.ts';
import type { RfbClient } from '../support/rfb-client.ts';
import { sharingEvents, sharingPolicy } from '../support/session-rules.ts';
import { openLinkAs, presenceOf, refusalOf, secretOf, shareOf, streamAs, streamOf } from '../support/sharing.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const NAMESPACE = 'team-web';
const ID = randomUUID().slice(0, 6);
let client: OwnedKubeClient;

beforeAll(() => {
  client = createKubeClient({ kubeconfig: servers.kubeconfig });
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
});

const nameFor = (what: string): string => `share-${ID}-${what}`;
const readShare = async (name: string): Promise<SessionShare> =>
  await client.get<SessionShare>(RESOURCES.sessionShares, NAMESPACE, name);
const LINK = { link: true, mode: 'View' } as const;

/** Cut with this code, within a second of what `act` has done. */
async function cutWithinASecond(viewer: RfbClient, code: string, act: () => Promise<unknown>): Promise<void> {
  await act();
  const from = performance.now();
  expect(await viewer.closed).toMatchObject({ code: 1008, reason: expect.stringMatching(new RegExp(`^${code}: `)) });
  expect(performance.now() - from).toBeLessThan(1_000);
}

test('G-48 P-10-1 a link that is revoked cuts its live streams within a second; only its hash is stored, and later it says that it was revoked', async () => {
  const name = nameFor('revoke');
  await using session = await runningSession(servers, name, 'member');
  const share = await shareOf(servers, session.path, LINK);
  const secret = secretOf(share);
  expect(secret).toMatch(/^[\w-]{43}$/);
  const stored = await readShare(share.name);
  expect(JSON.stringify(stored)).not.toContain(secret);
  expect(stored.metadata.ownerReferences).toMatchObject([{ kind: 'Session', name }]);
  const visit = await eventually('the link is known', async () => await openLinkAs(servers, 'viewer', secret));
  await using viewer = await streamOf(servers, 'viewer', visit);
  await eventually('the share says who is in', async () => (await readShare(share.name)).status?.viewers === 1);
  await cutWithinASecond(viewer, 'ShareRevoked', async () => {
    expect((await apiAs(servers, 'member').send('DELETE', `${session.path}/shares/${share.name}`)).status).toBe(204);
  });
  expect(await refusalOf(servers, 'viewer', '/share/visits', { secret })).toBe('ShareRevoked');
  expect(await refusalOf(servers, 'viewer', '/share/tickets', { pass: visit.pass })).toBe('ShareRevoked');
  // Unknown and nearly right are the same answer.
  const wrong = [secret.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')), 'x'.repeat(43)];
  for (const guess of wrong) expect(await refusalOf(servers, null, '/share/visits', { secret: guess })).toBe('ShareLinkInvalid');
  const shown = await eventually('the status says so', async () => {
    const { status } = await readShare(share.name);
    return status?.conditions?.[0]?.reason === 'ShareRevoked' && status;
  });
  expect(shown.conditions?.[0]).toMatchObject({ type: 'Ready', status: 'False' });
  const [created] = await sharingEvents(servers, name, 'share.created');
  expect(JSON.stringify(created)).not.toContain(secret);
  expect(created).toMatchObject({ actor: 'member', details: { with: 'link', mode: 'View' } });
  expect((await sharingEvents(servers, name, 'share.used'))[0]).toMatchObject({ actor: 'viewer', details: { guest: false } });
  expect((await sharingEvents(servers, name, 'share.cut'))[0]).toMatchObject({
    actor: 'viewer',
    details: { code: 'ShareRevoked' },
  });
  expect((await sharingEvents(servers, name, 'share.revoked'))[0]).toMatchObject({ actor: 'member' });
});

test('G-48 a link opens as often as it may and no oftener, also when everybody comes at once', async () => {
  const name = nameFor('uses');
  await using session = await runningSession(servers, name, 'member');
  const share = await shareOf(servers, session.path, { ...LINK, maxUses: 3 });
  const secret = secretOf(share);
  const all = Array.from({ length: 10 }, () => refusalOf(servers, 'viewer', '/share/visits', { secret }));
  const outcomes = (await Promise.all(all)).toSorted();
  expect(outcomes).toEqual([...Array.from({ length: 7 }, () => 'ShareUsedUp'), 'opened', 'opened', 'opened']);
  expect((await readShare(share.name)).status?.uses).toBe(3);
});

test('G-48 a link that was opened is not for another person, and in a second browser it is another use', async () => {
  const name = nameFor('other');
  await using session = await runningSession(servers, name, 'member');
  const share = await shareOf(servers, session.path, { ...LINK, maxUses: 1 });
  const visit = await openLinkAs(servers, 'viewer', secretOf(share));
  expect(await refusalOf(servers, 'auditor', '/share/tickets', { pass: visit.pass })).toBe('ShareNotForYou');
  expect(await refusalOf(servers, null, '/share/tickets', { pass: visit.pass })).toBe('ShareNotForYou');
  expect(await refusalOf(servers, 'viewer', '/share/visits', { secret: secretOf(share) })).toBe('ShareUsedUp');
  // The first browser comes back without another use.
  for (let again = 0; again < 2; again += 1) await (await streamOf(servers, 'viewer', visit)).close();
});

test('G-48 a share that ends cuts its live streams within a second, and says that it is over', async () => {
  const name = nameFor('expiry');
  await using session = await runningSession(servers, name, 'member');
  const share = await shareOf(servers, session.path, LINK);
  const visit = await openLinkAs(servers, 'viewer', secretOf(share));
  await using viewer = await streamOf(servers, 'viewer', visit);
  const groups = ['system:serviceaccounts', 'system:authenticated'];
  const gateway = client.as({ user: 'system:serviceaccount:streamspace:streamspace-gateway', groups });
  const expiresAt = new Date(Date.now() + 2_500).toISOString();
  await gateway.mergePatch(RESOURCES.sessionShares, NAMESPACE, share.name, { spec: { expiresAt } });
  expect(await viewer.closed).toMatchObject({ reason: expect.stringMatching(/^ShareExpired: /) });
  const lateMs = Date.now() - Date.parse(expiresAt);
  expect(lateMs).toBeGreaterThanOrEqual(0);
  expect(lateMs).toBeLessThan(1_000);
  expect(await refusalOf(servers, 'viewer', '/share/visits', { secret: secretOf(share) })).toBe('ShareExpired');
  expect(await refusalOf(servers, 'viewer', '/share/tickets', { pass: visit.pass })).toBe('ShareExpired');
});

test('G-48 a share that is downgraded while it is in use loses its input within a second; the picture goes on, and no key stays down', async () => {
  const name = nameFor('downgrade');
  await using session = await runningSession(servers, name, 'member');
  const share = await shareOf(servers, session.path, { subjects: [{ kind: 'User', name: 'auditor' }], mode: 'Control' });
  await using owner = await streamAs(servers, 'member', session.path, 'control');
  await using guest = await eventually('the share is known', () => streamAs(servers, 'auditor', session.path, 'control'));
  await typeUntil(servers, guest, name, 'touch /tmp/by-guest', '/tmp/by-guest');
  guest.key(0xffe1, true); // Shift stays down
  const { status } = await apiAs(servers, 'member').send('PATCH', `${session.path}/shares/${share.name}`, { mode: 'View' });
  expect(status).toBe(200);
  await guest.until(() => presenceOf(guest)?.people.some(({ name: who, right }) => who !== '' && right === 'view') === true, {
    timeoutMs: 1_000,
    what: 'the right to look on',
  });
  guest.type('touch /tmp/by-guest-again\n');
  // With Shift down this would be something else.
  await typeUntil(servers, owner, name, 'touch /tmp/by-owner', '/tmp/by-owner');
  expect((await inDesktop(servers, name, 'ls /tmp')).split('\n')).not.toContain('by-guest-again');
  await guest.until(() => guest.frame === owner.frame, { what: 'one picture for both' });
  expect(await refusalOf(servers, 'auditor', `${session.path}/tickets`, { right: 'control' })).toBe('Forbidden');
  const up = await apiAs(servers, 'member').send('PATCH', `${session.path}/shares/${share.name}`, { mode: 'Control' });
  expect(up.status).toBe(400);
});

test('G-48 a policy that comes later cuts what it does not allow within a second of being in force, and the share says why', async () => {
  const name = nameFor('policy');
  await using session = await runningSession(servers, name, 'member');
  const share = await shareOf(servers, session.path, LINK);
  await using viewer = await streamOf(servers, 'viewer', await openLinkAs(servers, 'viewer', secretOf(share)));
  await using _policy = await sharingPolicy(servers, name, { allow: 'Team' });
  await cutWithinASecond(viewer, 'SharingNotAllowed', async () => undefined);
  await eventually('the share is not ready', async () => {
    const [ready] = (await readShare(share.name)).status?.conditions ?? [];
    return ready?.status === 'False' && ready.reason === 'SharingNotAllowed';
  });
  expect(await refusalOf(servers, 'viewer', '/share/visits', { secret: secretOf(share) })).toBe('SharingNotAllowed');
});

test('each limit of a policy has a code of its own', async () => {
  const name = nameFor('limits');
  await using session = await runningSession(servers, name, 'member');
  const path = `${session.path}/shares`;
  await using _policy = await sharingPolicy(servers, name, {
    ...{ allow: 'People', modes: ['View'], maxTTL: '1h', maxViewers: 1 },
  });
  const viewer = { subjects: [{ kind: 'User', name: 'auditor' }] };
  expect(await refusalOf(servers, 'member', path, LINK)).toBe('SharingNotAllowed');
  expect(await refusalOf(servers, 'member', path, { subjects: [{ kind: 'Team', name: 'web' }], mode: 'View' })).toBe(
    'SharingNotAllowed',
  );
  expect(await refusalOf(servers, 'member', path, { ...viewer, mode: 'Control' })).toBe('ShareModeNotAllowed');
  expect(await refusalOf(servers, 'member', path, { ...viewer, mode: 'View', expiresInMinutes: 61 })).toBe('ShareTooLong');
  expect(await refusalOf(servers, 'viewer', path, { ...viewer, mode: 'View' })).toBe('Forbidden');
  expect(await refusalOf(servers, 'member', path, { ...viewer, mode: 'View', expiresInMinutes: 60 })).toBe('opened');
  await using _first = await eventually('the share is known', () => streamAs(servers, 'auditor', session.path, 'view'));
  await expect(streamAs(servers, 'auditor', session.path, 'view')).rejects.toThrow(/ShareFull/);
  await using _admins = await sharingPolicy(servers, name, { by: 'Admins' });
  expect(await refusalOf(servers, 'member', path, { ...viewer, mode: 'View' })).toBe('ShareAdminsOnly');
  expect(await refusalOf(servers, 'lead', path, { ...viewer, mode: 'View' })).toBe('opened');
});

test('a guest without an account comes in where a policy says so, under his name, once somebody has let him in', async () => {
  const name = nameFor('guest');
  await using session = await runningSession(servers, name, 'member');
  const share = await shareOf(servers, session.path, LINK);
  const secret = secretOf(share);
  expect(await refusalOf(servers, null, '/share/visits', { secret, name: 'Gil' })).toBe('ShareGuestsNotAllowed');
  await using policy = await sharingPolicy(servers, name, { guests: true, requireApproval: true });
  expect(await refusalOf(servers, null, '/share/visits', { secret })).toBe('ShareGuestName');
  expect(await refusalOf(servers, null, '/share/visits', { secret, name: 'a\u202eb' })).toBe('ShareGuestName');
  await using owner = await streamAs(servers, 'member', session.path, 'control');
  const visit = await openLinkAs(servers, null, secret, '  Gil   Guest ');
  expect(visit).toMatchObject({ state: 'Waiting', guest: true, name: 'Gil Guest' });
  expect(await refusalOf(servers, null, '/share/tickets', { pass: visit.pass })).toBe('ShareWaiting');
  await owner.until(() => presenceOf(owner)?.waiting[0]?.name === 'Gil Guest', { what: 'the knock' });
  const waiting = presenceOf(owner)?.waiting[0]?.id;
  const decide = (person: string) =>
    apiAs(servers, person).send('PATCH', `${session.path}/visits/${waiting}`, { state: 'Admitted' });
  expect((await decide('viewer')).status).toBe(403);
  expect((await decide('member')).status).toBe(204);
  await using guest = await streamOf(servers, null, visit);
  await owner.until(() => presenceOf(owner)?.people.some((one) => one.guest && one.name === 'Gil Guest') === true, {
    what: 'the guest among the people',
  });
  expect((await sharingEvents(servers, name, 'stream.opened', 2)).map(({ actor }) => actor)).toContain('guest:Gil Guest');
  expect((await sharingEvents(servers, name, 'guest.admitted'))[0]).toMatchObject({
    actor: 'member',
    details: { guest: 'guest:Gil Guest' },
  });
  // Without the policy nobody may be in as a guest any more.
  await policy[Symbol.asyncDispose]();
  expect(await guest.closed).toMatchObject({ reason: expect.stringMatching(/^ShareGuestsNotAllowed: /) });
});

test('nobody but the gateway makes a share, and it goes with its session', async () => {
  const name = nameFor('owner');
  const session = await runningSession(servers, name, 'member');
  const share = await shareOf(servers, session.path, LINK);
  const { spec } = await readShare(share.name);
  const forged = JSON.stringify({
    apiVersion: API_GROUP_VERSION,
    kind: 'SessionShare',
    metadata: { name: `${name}-forged`, namespace: NAMESPACE },
    spec,
  });
  await expect(client.create(RESOURCES.sessionShares, NAMESPACE, forged)).rejects.toThrow(/shares are made by the gateway/);
  await expect(client.mergePatch(RESOURCES.sessionShares, NAMESPACE, share.name, { spec: { maxUses: 1000 } })).rejects.toThrow(
    /shares are made by the gateway/,
  );
  await session[Symbol.asyncDispose]();
  await eventually(
    'the share is gone',
    async () => (await client.find(RESOURCES.sessionShares, NAMESPACE, share.name)) === undefined,
  );
});
