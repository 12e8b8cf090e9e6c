// How people arrange displays, over the API of a real gateway with a real PostgreSQL.
import { createHash, randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { findDisplayLayout, MAX_DISPLAY_LAYOUTS, saveDisplayLayout } from '../../stream-gateway/store/display-layouts.ts';
import { savePerson } from '../../stream-gateway/store/people.ts';
import { apiAs } from '../support/api.ts';
import { freshDatabase } from '../support/fresh-database.ts';

const servers = inject('servers');
const monitorsOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const MINE = monitorsOf(randomUUID());
const PATH = `/me/display-layouts/${MINE}`;
const TWO = [
  { column: 0, row: 0, monitor: 0 },
  { column: 1, row: 0, monitor: null },
];

test('a layout is kept by person and monitors, and comes again as it was', async () => {
  const [member, lead] = [apiAs(servers, 'member'), apiAs(servers, 'lead')];
  expect((await member.get(PATH)).body).toEqual({ monitors: MINE, displays: null, savedAt: null });
  expect(await member.send('PUT', PATH, { displays: TWO })).toMatchObject({ status: 200, body: { displays: TWO } });
  expect((await member.get(PATH)).body).toMatchObject({ displays: TWO });
  await member.send('PUT', PATH, { displays: TWO.slice(0, 1) });
  expect((await member.get(PATH)).body).toMatchObject({ displays: TWO.slice(0, 1) });
  expect((await lead.get(PATH)).body).toMatchObject({ displays: null });
  expect((await member.get(`/me/display-layouts/${monitorsOf('others')}`)).body).toMatchObject({ displays: null });
});

test.each([
  ['no display', { displays: [] }],
  ['more than there may be', { displays: Array.from({ length: 17 }, (_, column) => ({ column, row: 0, monitor: null })) }],
  ['two at one place', { displays: [TWO[0], { ...TWO[1], column: 0 }] }],
  ['a place beyond the grid', { displays: [{ ...TWO[0], row: 16 }] }],
  ['something else beside', { displays: TWO, note: 'x'.repeat(1000) }],
  ['a field that there is not', { displays: [{ ...TWO[0], label: 'DELL' }] }],
  ['no list', { displays: 'all' }],
])('%s is refused, with the field', async (_name, body) => {
  const answer = await apiAs(servers, 'member').send('PUT', `/me/display-layouts/${monitorsOf('refused')}`, body);
  expect(answer).toMatchObject({ status: 400, body: { code: 'RequestInvalid' } });
});

test.each(['x', '0'.repeat(63), 'G'.repeat(64), '..%2f..'])('%s names no monitors', async (monitors) => {
  const answer = await apiAs(servers, 'member').send('PUT', `/me/display-layouts/${monitors}`, { displays: TWO });
  expect([answer.status, answer.body]).toMatchObject([400, { code: 'RequestInvalid' }]);
});

test('a person has so many layouts, and the one not saved for longest goes; those of others stay', async () => {
  await using fresh = await freshDatabase(servers);
  const { db } = fresh;
  for (const name of ['ann', 'ben'])
    await savePerson(db, { name, displayName: name, groups: [] }, { issuer: 'https://i.example', subject: name });
  const displays = [{ column: 0, row: 0, monitor: null }];
  await saveDisplayLayout(db, 'ben', monitorsOf('0'), { displays });
  for (let index = 0; index < MAX_DISPLAY_LAYOUTS; index += 1)
    await saveDisplayLayout(db, 'ann', monitorsOf(`${index}`), { displays });
  // The first is used again, so the second is the oldest.
  await saveDisplayLayout(db, 'ann', monitorsOf('0'), { displays });
  await saveDisplayLayout(db, 'ann', monitorsOf('one more'), { displays });
  const kept = async (owner: string, text: string) => (await findDisplayLayout(db, owner, monitorsOf(text))) !== undefined;
  expect([await kept('ann', '0'), await kept('ann', '1'), await kept('ann', '2'), await kept('ann', 'one more')]).toEqual([
    ...[true, false, true, true],
  ]);
  expect(await kept('ben', '0')).toBe(true);
});

test('what another version has written and this one does not understand is as if it were not there', async () => {
  await using fresh = await freshDatabase(servers);
  const { db } = fresh;
  await savePerson(db, { name: 'ann', displayName: 'Ann', groups: [] }, { issuer: 'https://i.example', subject: 'a' });
  await db.query('insert into display_layouts (owner, monitors, displays) values ($1, $2, $3)', [
    'ann',
    MINE,
    '[{"curved": true}]',
  ]);
  expect(await findDisplayLayout(db, 'ann', MINE)).toBeUndefined();
});
