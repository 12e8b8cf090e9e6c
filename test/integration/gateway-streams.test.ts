// Streams through the whole: gateway, API server, controller, and a desktop in its pod.
import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { apiAs, openDesktop, runningSession, ticketFor, untilPhase } from '../support/api.ts';
import { type AuditRow, databaseOf } from '../support/audit.ts';
import { inDesktop, typeUntil } from '../support/desktop.ts';
import { connectRfb } from '../support/rfb-client.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const ID = randomUUID().slice(0, 6);
const nameOf = (what: string): string => `streams-${ID}-${what}`;
const objectOf = (name: string): string => `Session/team-web/${name}`;
const urlOf = (path: string): string => `${servers.url.replace(/^http/, 'ws')}${path}`;

/** Written behind the answer: `count` is how many have to come. */
function eventsOf(name: string, type: string, count = 1): Promise<readonly AuditRow[]> {
  return eventually(`${count} ${type} of ${name}`, async () => {
    await using db = databaseOf(servers);
    const rows = await db.query<AuditRow & Record<string, unknown>>(
      'select type, actor, result, object, source_address, details from audit_events where object = $1 and type = $2 order by seq limit 50',
      [objectOf(name), type],
    );
    return rows.length >= count && rows;
  });
}

test('a stream with the right to control shows the desktop, and what is typed runs in it', async () => {
  const name = nameOf('control');
  await using _session = await runningSession(servers, name, 'member');
  await using viewer = await openDesktop(servers, 'member', name);
  expect(viewer.width * viewer.height).toBeGreaterThan(0);
  await typeUntil(servers, viewer, name, 'touch /tmp/typed', '/tmp/typed');
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
  await typeUntil(servers, owner, name, 'clear; touch /tmp/by-owner; echo one two three four five', '/tmp/by-owner');
  for (const viewer of [first, second])
    await viewer.until(() => viewer.frame === owner.frame, { what: 'the picture of the owner' });

  first.type('touch /tmp/by-viewer\n');
  first.pointer(5, 5, 1);
  first.pointer(5, 5, 0);
  // Proof that what came before has been judged: the answer to a request that stands behind it in the same stream.
  const seen = first.updates;
  first.requestUpdate({ incremental: false });
  await first.until(() => first.updates > seen, { what: 'the answer to a request behind the keys' });
  await typeUntil(servers, owner, name, 'touch /tmp/by-owner-again', '/tmp/by-owner-again');
  expect((await inDesktop(servers, name, 'ls /tmp')).split('\n')).not.toContain('by-viewer');
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
  expect((await eventsOf(name, 'ticket.refused', 2)).length).toBe(2);
  expect((await eventsOf(name, 'origin.refused', 3)).length).toBe(3);
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
  await typeUntil(servers, before, name, 'echo kept > ~/n && mv ~/n ~/note', '/home/user/note');
  const wish = (desiredState: string) => apiAs(servers, 'member').send('PATCH', session.path, { spec: { desiredState } });
  expect((await wish('Hibernated')).status).toBe(200);
  expect(await before.closed).toEqual({ code: 1008, reason: `SessionNotRunning: session ${name} was hibernated` });
  await untilPhase(servers, 'member', name, 'Hibernated');
  await expect(openDesktop(servers, 'member', name)).rejects.toThrow('SessionNotRunning');
  expect((await wish('Running')).status).toBe(200);
  await untilPhase(servers, 'member', name, 'Running');
  await using after = await openDesktop(servers, 'member', name);
  await typeUntil(servers, after, name, 'cp ~/note /tmp/s && mv /tmp/s /tmp/seen', '/tmp/seen');
  expect((await inDesktop(servers, name, 'cat /tmp/seen')).trim()).toBe('kept');
});
