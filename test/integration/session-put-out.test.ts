// Who is put out of a session stays out, whatever he has kept for that case.
import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import type { TicketView } from '../../schemas/api/api.ts';
import { apiAs, runningSession } from '../support/api.ts';
import { databaseOf } from '../support/database.ts';
import type { RfbClient } from '../support/rfb-client.ts';
import { sharingPolicy } from '../support/session-rules.ts';
import {
  openLinkAs,
  openTicket,
  postAs,
  presenceOf,
  refusalOf,
  secretOf,
  shareOf,
  streamAs,
  streamOf,
} from '../support/sharing.ts';

const servers = inject('servers');
const ID = randomUUID().slice(0, 6);
const nameFor = (what: string): string => `out-${ID}-${what}`;
const LINK = { link: true, mode: 'View' } as const;
const KICKED = { reason: expect.stringMatching(/^ShareKicked: /) };

/** Through the list of who is here, as the owner reads it. */
async function putOut(owner: RfbClient, path: string): Promise<void> {
  const other = () => presenceOf(owner)?.people.find(({ owns }) => !owns);
  await owner.until(() => other() !== undefined, { what: 'somebody else' });
  expect((await apiAs(servers, 'member').send('DELETE', `${path}/participants/${other()?.id}`)).status).toBe(204);
}

test('G-48 a guest who was put out does not come back with a ticket from before', async () => {
  const name = nameFor('ticket');
  await using session = await runningSession(servers, name, 'member');
  await using _policy = await sharingPolicy(servers, name, { guests: true, requireApproval: false });
  const share = await shareOf(servers, session.path, LINK);
  await using owner = await streamAs(servers, 'member', session.path, 'control');
  const visit = await openLinkAs(servers, null, secretOf(share), 'Gil');
  await using guest = await streamOf(servers, null, visit);
  const kept = await postAs<TicketView>(servers, null, '/share/tickets', { pass: visit.pass });
  expect(kept.status).toBe(201);
  await putOut(owner, session.path);
  expect(await guest.closed).toMatchObject(KICKED);
  await expect(openTicket(servers, kept.body)).rejects.toThrow(/ShareKicked/);
});

test('G-48 who opened a link twice is put out of both, and neither pass brings him back, however long the share lasts', async () => {
  const name = nameFor('twice');
  await using session = await runningSession(servers, name, 'member');
  const share = await shareOf(servers, session.path, LINK);
  await using owner = await streamAs(servers, 'member', session.path, 'control');
  const [one, two] = [
    await openLinkAs(servers, 'auditor', secretOf(share)),
    await openLinkAs(servers, 'auditor', secretOf(share)),
  ];
  await using first = await streamOf(servers, 'auditor', one);
  await using second = await streamOf(servers, 'auditor', two);
  await putOut(owner, session.path);
  for (const stream of [first, second]) expect(await stream.closed).toMatchObject(KICKED);
  for (const { pass } of [one, two]) expect(await refusalOf(servers, 'auditor', '/share/tickets', { pass })).toBe('ShareKicked');

  const later = await apiAs(servers, 'member').send('PATCH', `${session.path}/shares/${share.name}`, {
    expiresInMinutes: 3 * 24 * 60,
  });
  expect(later.status).toBe(200);
  await using db = databaseOf(servers);
  const [bar] = await db.query<{ kept: boolean }>(
    `select bool_and(expires_at > now() + interval '2 days') as kept from share_visits where session = $1 and state = 'Removed'`,
    [name],
  );
  expect(bar?.kept).toBe(true);
});
