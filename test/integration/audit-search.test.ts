// The search of the audit log in the database: what each key finds, pages that stay while events are written, and what an export is.

import { expect, inject, test } from 'vitest';
import { appendEvents, type StampedEvent } from '../../runtime/audit/append-events.ts';
import type { Database } from '../../runtime/db/database.ts';
import { parseAuditSearch } from '../../schemas/audit-search/parse.ts';
import { countEvents, eachPage, listEvents } from '../../stream-gateway/store/audit.ts';
import type { AuditSearch } from '../../stream-gateway/store/audit-search.ts';
import { deleteAuditView, listAuditViews, saveAuditView } from '../../stream-gateway/store/audit-views.ts';
import { auditEvent } from '../support/audit-world.ts';
import { freshDatabase } from '../support/fresh-database.ts';

const servers = inject('servers');
const NOW = Date.parse('2026-11-28T12:00:00Z');

function search(text: string): AuditSearch {
  const parsed = parseAuditSearch(text);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return { terms: parsed.terms, nowMs: NOW, namespaceOf: (team) => (team === 'blue' ? 'sky' : `team-${team}`) };
}

const EVENTS: readonly StampedEvent[] = [
  auditEvent({
    ...{ actor: 'ann', type: 'session.created', object: 'Session/team-web/demo', sourceAddress: '10.1.2.3' },
    ...{ at: '2026-11-20T08:00:00Z', requestId: 'req-12345678', details: { template: 'terminal' } },
  }),
  auditEvent({
    ...{ actor: 'bob', type: 'session.deleted', object: 'Session/sky/demo', sourceAddress: '2001:db8::7', result: 'refused' },
    at: '2026-11-27T08:00:00Z',
  }),
  auditEvent({
    ...{ actor: 'ann', type: 'gitsync.confirmed', object: 'GitSync/streamspace/platform', sourceAddress: '100.1.2.3' },
    ...{ at: '2026-11-28T08:00:00Z', details: { revision: '12e34567abcdef' } },
  }),
  auditEvent({
    actor: null,
    type: 'signin.failed',
    result: 'failure',
    at: '2026-11-28T09:00:00Z',
    sourceAddress: 'not an address',
  }),
  auditEvent({
    actor: 'Zoë Lee',
    type: 'share.created',
    object: 'Recording/1',
    at: '2026-11-28T10:00:00Z',
    details: { reason: 'a course' },
  }),
];

async function found(db: Database, text: string): Promise<readonly number[]> {
  const events = await listEvents(db, { search: search(text) }, 50);
  return events.map(({ id }) => EVENTS.findIndex((each) => each.id === id)).reverse();
}

test.each(['template0', 'template1'] as const)('P-02-3 each key finds its events, and only those (%s)', async (template) => {
  await using fresh = await freshDatabase(servers, template);
  const { db } = fresh;
  await appendEvents(db, EVENTS);
  const cases: readonly (readonly [string, readonly number[]])[] = [
    ['', [0, 1, 2, 3, 4]],
    ['actor:ann', [0, 2]],
    ['actor:ann actor:bob', [0, 1, 2]],
    ['-actor:ann', [1, 3, 4]],
    ['action:session.*', [0, 1]],
    ['action:session.created', [0]],
    ['-action:session.* -action:share.created', [2, 3]],
    ['result:denied', [1]],
    ['-result:success', [1, 3]],
    ['object:session/demo', [0, 1]],
    ['object:Session/team-web/demo', [0]],
    ['object:recording/1', [4]],
    ['team:web', [0]],
    ['team:blue', [1]],
    ['team:web team:blue', [0, 1]],
    ['address:10.0.0.0/8', [0]],
    ['address:10.1.2.3', [0]],
    ['address:0.0.0.0/0', [0, 2]],
    ['address:2001:db8::/32', [1]],
    ['commit:12e34567', [2]],
    ['commit:34567abc', []],
    ['request:req-12345678', [0]],
    ['since:1d', [2, 3, 4]],
    ['since:2026-11-27 until:2026-11-27', [1]],
    ['"a course"', [4]],
    ['"course a"', []],
    ['zoë', [4]],
    ['course lee', [4]],
    ['termin', [0]],
    ['-termin', [1, 2, 3, 4]],
    [`"x'); drop table audit_events; --"`, []],
  ];
  for (const [text, wanted] of cases) expect([text, await found(db, text)]).toEqual([text, wanted]);
  expect(await countEvents(db, { search: search('actor:ann') }, 1)).toMatchObject({ count: 1 });
});

test('P-02-3 pages of a search stay as they are while events are written', async () => {
  await using fresh = await freshDatabase(servers);
  const { db } = fresh;
  const wanted = Array.from({ length: 25 }, (_, index) => auditEvent({ actor: index % 2 === 0 ? 'ann' : 'bob' }));
  await appendEvents(db, wanted);
  const seen: string[] = [];
  for await (const page of eachPage(db, { search: search('actor:ann') }, 5)) {
    seen.push(...page.map(({ id }) => id));
    await appendEvents(db, [auditEvent({ actor: 'ann' }), auditEvent({ actor: 'bob' })]);
  }
  const ofAnn = wanted.filter(({ actor }) => actor === 'ann').map(({ id }) => id);
  expect(seen).toEqual(ofAnn.toReversed());
});

test('a person keeps fifty searches, each under its name, and nobody else sees them', async () => {
  await using fresh = await freshDatabase(servers);
  const { db } = fresh;
  await db.query("insert into people (name, display_name) values ('ann', 'Ann'), ('bob', 'Bob')");
  for (let index = 0; index < 50; index += 1) await saveAuditView(db, 'ann', `view ${index}`, 'result:denied');
  expect(await saveAuditView(db, 'ann', 'one more', '')).toBeUndefined();
  expect(await saveAuditView(db, 'ann', 'view 7', 'actor:bob')).toMatchObject({ query: 'actor:bob' });
  await deleteAuditView(db, 'ann', 'view 8');
  const kept = await listAuditViews(db, 'ann');
  expect(kept).toHaveLength(49);
  expect(kept.find(({ name }) => name === 'view 7')?.query).toBe('actor:bob');
  expect(await listAuditViews(db, 'bob')).toEqual([]);
});

test('P-02-3 words find the newest events in their order, however frequent they are and whenever their events came', async () => {
  await using fresh = await freshDatabase(servers);
  const { db } = fresh;
  // Months mixed: what waited in a spool is written later than what came after it.
  const events = Array.from({ length: 4_000 }, (_, n) => {
    const month = n < 2_000 ? 1 + (n % 3) : n % 5 === 0 ? 1 + (n % 2) : 4 + (n % 2);
    const note = [
      n % 2 === 0 ? 'often' : '',
      n % 40 === 0 ? 'seldom' : '',
      n % 1_900 === 5 ? 'rare' : '',
      n < 300 ? 'once' : '',
    ].join(' ');
    return auditEvent({ at: `2026-0${month}-10T00:00:00.000Z`, actor: `p${n}`, details: { note } });
  });
  for (let start = 0; start < events.length; start += 500) await appendEvents(db, events.slice(start, start + 500));
  const all = await listEvents(db, {}, 10_000);
  for (const word of ['often', 'seldom', 'rare', 'once', 'never'])
    for (const [limit, before] of [
      [51, undefined],
      [51, 1_500n],
      [7, 2_700n],
      [200, undefined],
      [1, 301n],
    ] as const) {
      const wanted = all.filter(
        ({ seq, details }) => String(details?.['note']).includes(word) && (before === undefined || seq < before),
      );
      const page = await listEvents(db, { search: search(word), before }, limit);
      expect(
        page.map(({ seq }) => seq),
        `${word} ${limit} ${before}`,
      ).toEqual(wanted.slice(0, limit).map(({ seq }) => seq));
    }
});
