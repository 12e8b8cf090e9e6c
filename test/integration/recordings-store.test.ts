// The index of recordings in a real PostgreSQL: what is told twice is there once, and every list has its order and its limits.
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Database } from '../../runtime/db/database.ts';
import {
  listGaps,
  listMarks,
  listRecordings,
  listSegments,
  namespacesOfRecordings,
} from '../../stream-gateway/store/recordings/read.ts';
import { newRecordingId } from '../../stream-gateway/store/recordings/recording-id.ts';
import { addSegment, amend, begin, finish, gap, joined, listUnfinished } from '../../stream-gateway/store/recordings/write.ts';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database.ts';
import { begunRecording, DAY_MS, foundRecording, RULES, START, segment, timeAt } from '../support/recordings.ts';

let fresh: FreshDatabase;
let db: Database;
beforeAll(async () => {
  fresh = await freshDatabase(inject('servers'));
  db = fresh.db;
});
afterAll(async () => await fresh[Symbol.asyncDispose]());

const begun = async (changes?: Parameters<typeof begunRecording>[1]) => await begunRecording(db, changes);
const found = async (id: string) => await foundRecording(db, id);

describe('what the recorder tells', () => {
  test('everything may be told twice, also after the end, and is there once', async () => {
    const recording = await begun();
    const marks = [
      { atMs: 500, kind: 'input' },
      { atMs: 700, kind: 'clipboard', detail: { direction: 'up', bytes: 12 } },
    ];
    const tell = async (): Promise<void> => {
      await begin(db, recording);
      await addSegment(db, recording.id, segment(1, { events: marks }));
      await gap(db, recording.id, { fromMs: 60_000, toMs: null, code: 'StorageFailed' });
      await gap(db, recording.id, { fromMs: 60_000, toMs: 61_000, code: 'StorageFailed' });
      await finish(db, recording.id, { state: 'Incomplete', reason: 'StorageFailed', endedAt: timeAt(61_000) });
    };
    await tell();
    const once = await found(recording.id);
    await tell();
    expect(await found(recording.id)).toEqual(once);
    expect(once).toMatchObject({
      state: 'Incomplete',
      reason: 'StorageFailed',
      durationMs: 60_000,
      bytes: 1_000,
      segments: 1,
      chain: segment(1).chain,
      retentionUntil: timeAt(61_000 + 30 * DAY_MS),
    });
    expect(await listGaps(db, recording.id)).toEqual([{ fromMs: 60_000, toMs: 61_000, code: 'StorageFailed' }]);
    const first = await listMarks(db, recording.id, { after: undefined, limit: 1 });
    const second = await listMarks(db, recording.id, { after: first[0]?.cursor, limit: 10 });
    expect([...first, ...second].map(({ kind, detail }) => [kind, detail])).toEqual([
      ['input', {}],
      ['clipboard', { direction: 'up', bytes: 12 }],
    ]);
  });

  test('two that write the same segment with other bytes are told apart; one that comes late is not the end of the chain', async () => {
    const { id } = await begun();
    await addSegment(db, id, segment(2));
    await addSegment(db, id, segment(1));
    expect(await found(id)).toMatchObject({ segments: 2, durationMs: 120_000, chain: segment(2).chain });
    expect((await listSegments(db, id, { after: 1, limit: 10 })).map(({ number }) => number)).toEqual([2]);
    await expect(addSegment(db, id, segment(1, { sha256: 'f'.repeat(64) }))).rejects.toMatchObject({ code: 'RecordingConflict' });
    await expect(addSegment(db, newRecordingId(START), segment(1))).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('who comes in while it is recorded is a participant, once; the owner is none, and nobody is after the end', async () => {
    const { id, session } = await begun();
    for (const person of ['guest', 'guest', 'member']) await joined(db, session.uid, person);
    expect((await listUnfinished(db)).map((each) => each.id)).toContain(id);
    await finish(db, id, { state: 'Complete', endedAt: timeAt(1_000) });
    await joined(db, session.uid, 'late');
    expect((await found(id)).participants).toEqual(['guest']);
  });

  test('the rules of its end decide, and a hold that a policy asks for stays when the policy is taken back', async () => {
    const { id } = await begun();
    await amend(db, id, { name: 'streamspace/held', hash: 'h2' }, { ...RULES, legalHold: true, retentionDays: 1 });
    await amend(db, id, { name: 'streamspace/all', hash: 'h' }, { ...RULES, retentionDays: 2 });
    await finish(db, id, { state: 'Complete', endedAt: START });
    await amend(db, id, { hash: 'late' }, { ...RULES, retentionDays: 1 });
    expect(await found(id)).toMatchObject({
      policy: { hash: 'h' },
      retentionUntil: timeAt(2 * DAY_MS),
      hold: { by: 'RecordingPolicy streamspace/held' },
    });
  });
});

describe('the list', () => {
  test('newest first in pages, by every filter, and nobody sees beyond his horizon', async () => {
    const older = await begun({ session: { namespace: 'team-a', name: 's', uid: 'a' }, owner: 'ann', team: 'a', template: 'x' });
    const newer = await begun({
      ...{ id: newRecordingId(timeAt(1)), session: { namespace: 'team-b', name: 's', uid: 'b' } },
      ...{ owner: 'bob', team: 'b', template: 'team-b/x' },
    });
    await joined(db, 'b', 'ann');
    const ids = async (...[filter, horizon = 'everything']: Filtered): Promise<readonly string[]> =>
      (await listRecordings(db, filter, horizon, { before: undefined, limit: 10 })).map(({ id }) => id);
    expect(await ids({ session: 's' })).toEqual([newer.id, older.id]);
    const [first] = await listRecordings(db, { session: 's' }, 'everything', { before: undefined, limit: 1 });
    expect(first?.id).toBe(newer.id);
    const [second] = await listRecordings(db, { session: 's' }, 'everything', { before: first?.id, limit: 1 });
    expect(second?.id).toBe(older.id);
    expect(await ids({ session: 'team-a/s' })).toEqual([older.id]);
    expect(await ids({ template: 'x', person: 'ann' })).toEqual([newer.id, older.id]);
    expect(await ids({ template: 'team-b/x', team: 'b', state: 'Recording', sessionUid: 'b' })).toEqual([newer.id]);
    expect(await ids({ session: 's', to: timeAt(-1) })).toEqual([]);
    expect(await ids({ session: 's', state: 'Complete' })).toEqual([]);
    expect(await ids({ session: 's' }, { namespaces: ['team-b'], person: 'nobody' })).toEqual([newer.id]);
    expect(await ids({ session: 's' }, { namespaces: [], person: 'ann' })).toEqual([newer.id, older.id]);
    expect(await ids({ session: 's' }, { namespaces: [], person: 'stranger' })).toEqual([]);
    expect(await namespacesOfRecordings(db)).toEqual(['team-a', 'team-b', 'team-web']);
  });
});
type Filtered = [filter: Parameters<typeof listRecordings>[1], horizon?: Parameters<typeof listRecordings>[2]];
