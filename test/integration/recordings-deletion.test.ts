// The end of recordings with a real PostgreSQL: what is deleted is gone with a proof, whatever crashes in between.
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Database } from '../../runtime/db/database.ts';
import { createLogger } from '../../runtime/log/log.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import { type DeletionPorts, deleteDue } from '../../stream-gateway/recording/library/deletion.ts';
import { listSegments } from '../../stream-gateway/store/recordings/read.ts';
import { hold, markDeleted, release } from '../../stream-gateway/store/recordings/retention.ts';
import { listViews, noteView } from '../../stream-gateway/store/recordings/views.ts';
import { addSegment, type NewRecording } from '../../stream-gateway/store/recordings/write.ts';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database.ts';
import { begunRecording, DAY_MS, endedRecording, foundRecording, RULES, START, segment, timeAt } from '../support/recordings.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const signal = new AbortController().signal;

let fresh: FreshDatabase;
let db: Database;
beforeAll(async () => {
  fresh = await freshDatabase(inject('servers'));
  db = fresh.db;
});
afterAll(async () => await fresh[Symbol.asyncDispose]());

const begun = async (changes?: Parameters<typeof begunRecording>[1]) => await begunRecording(db, changes);
const found = async (id: string) => await foundRecording(db, id);
const ended = async (changes?: Parameters<typeof endedRecording>[1]) => await endedRecording(db, changes);

/** Objects in memory, that can be made to fail, and the events. */
function deletion(now: Date, keys: Iterable<string>) {
  const left = new Set(keys);
  const events: AuditEvent[] = [];
  const broken = { deleting: false, audit: false };
  const ports: DeletionPorts = {
    ...{ db, log, now: () => now },
    objects: {
      async *list(prefix) {
        for (const key of left) if (key.startsWith(`${prefix}/`)) yield { key };
      },
      async delete(key) {
        if (broken.deleting && key.endsWith('2.rec')) throw new Error('the disk is gone');
        left.delete(key);
      },
    },
    audit: async (event) => {
      if (broken.audit) throw new Error('killed');
      events.push(event);
    },
  };
  return { left, events, broken, ports, run: async () => await deleteDue(ports, signal) };
}
const keysOf = ({ keyPrefix }: NewRecording): readonly string[] =>
  ['manifest.json', 'segment-1.rec', 'segment-2.rec'].map((file) => `${keyPrefix}/${file}`);

test('G-60 a recording is deleted when its retention is over and not before; what crashes in between ends with object and row gone, and an event', async () => {
  const [gone, kept] = [await ended(), await ended({ rules: { ...RULES, retentionDays: 31 } })];
  const world = deletion(timeAt(120_000 + 30 * DAY_MS), [...keysOf(gone), ...keysOf(kept)]);
  const early = deletion(timeAt(120_000 + 30 * DAY_MS - 1), keysOf(gone));
  expect(await early.run()).toBe(0);
  // Half of the objects are gone when the storage fails, and all of them when the process ends before the row.
  world.broken.deleting = true;
  expect(await world.run()).toBe(0);
  expect(world.left).toContain(keysOf(gone)[2]);
  expect((await found(gone.id)).deletingAt).not.toBeNull();
  const later = deletion(timeAt(121_000 + 30 * DAY_MS + 60_000), world.left);
  later.broken.audit = true;
  expect(await later.run()).toBe(0);
  expect([...later.left].filter((key) => key.startsWith(gone.keyPrefix))).toEqual([]);
  expect((await found(gone.id)).state).toBe('Complete');
  const again = deletion(timeAt(122_000 + 30 * DAY_MS + 120_000), later.left);
  expect(await again.run()).toBe(1);
  expect(again.left).toEqual(new Set(keysOf(kept)));
  expect(await found(gone.id)).toMatchObject({ state: 'Deleted', segments: 2, chain: segment(2).chain, deletedBy: null });
  expect(await listSegments(db, gone.id, { after: 0, limit: 10 })).toEqual([]);
  expect(again.events).toMatchObject([
    {
      type: 'recording.deleted',
      actor: null,
      object: `Recording/team-web/${gone.id}`,
      details: { chain: segment(2).chain, policy: 'streamspace/all', reason: 'its retention is over' },
    },
  ]);
  expect(await again.run()).toBe(0);
  expect((await found(kept.id)).state).toBe('Complete');
});

test('P-03-2 what is held is kept beyond its retention, by policy or by hand, and goes when the hold is lifted', async () => {
  const recording = await ended();
  await hold(db, recording.id, { by: 'auditor', reason: 'case 7', at: START });
  await hold(db, recording.id, { by: 'other', reason: 'case 8', at: START });
  const world = deletion(timeAt(400 * DAY_MS), keysOf(recording));
  await world.run();
  expect(world.left.size).toBe(3);
  const byHand = markDeleted(db, recording.id, { by: 'admin', reason: 'gone', at: START });
  await expect(byHand).rejects.toMatchObject({ code: 'RecordingHeld' });
  expect((await release(db, recording.id)).lifted).toMatchObject({ by: 'auditor', reason: 'case 7' });
  await world.run();
  expect(world.left.size).toBe(0);
  expect(world.events.some(({ object }) => object?.endsWith(recording.id))).toBe(true);
  await expect(hold(db, recording.id, { by: 'a', reason: 'b', at: START })).rejects.toMatchObject({ code: 'RecordingDeleted' });
});

test('P-03-4 a deletion by hand proves itself: the object is gone, and row and event say who, why, and the hash', async () => {
  const live = await begun();
  const who = { by: 'admin', reason: 'asked for by the person', at: START };
  await expect(markDeleted(db, live.id, who)).rejects.toMatchObject({ code: 'RecordingLive' });
  const recording = await ended();
  await markDeleted(db, recording.id, who);
  await expect(markDeleted(db, recording.id, who)).rejects.toMatchObject({ code: 'RecordingDeleted' });
  await expect(addSegment(db, recording.id, segment(3))).rejects.toMatchObject({ code: 'RecordingDeleted' });
  const world = deletion(timeAt(DAY_MS), keysOf(recording));
  expect(await world.run()).toBe(1);
  expect(world.left.size).toBe(0);
  const proof = { reason: who.reason, chain: segment(2).chain, segments: 2, bytes: 2_000, objects: 3 };
  expect(world.events).toMatchObject([{ type: 'recording.deleted', actor: 'admin', details: proof }]);
  expect(await found(recording.id)).toMatchObject({
    ...{ state: 'Deleted', deletedBy: 'admin', deletedReason: who.reason, deletedAt: timeAt(DAY_MS) },
    chain: segment(2).chain,
  });
});

test('two replicas do not delete the same recording at a time', async () => {
  const recording = await ended();
  await markDeleted(db, recording.id, { by: 'admin', reason: 'r', at: START });
  const worlds = [deletion(timeAt(DAY_MS), keysOf(recording)), deletion(timeAt(DAY_MS), keysOf(recording))];
  const counts = await Promise.all(worlds.map(({ run }) => run()));
  expect(counts.toSorted()).toEqual([0, 1]);
});

test('a segment that is read in pieces is one view; who watched is told by person and day, and outlives the recording', async () => {
  const { id } = await ended();
  const view = { person: 'auditor', segment: 1, startMs: 0, endMs: 60_000, download: false, at: START };
  expect(await noteView(db, id, view)).toBe(true);
  expect(await noteView(db, id, { ...view, at: timeAt(599_000) })).toBe(false);
  expect(await noteView(db, id, { ...view, segment: 2, startMs: 60_000, endMs: 120_000, at: timeAt(1_000) })).toBe(true);
  expect(await noteView(db, id, { ...view, at: timeAt(DAY_MS) })).toBe(true);
  await markDeleted(db, id, { by: 'admin', reason: 'r', at: START });
  await deletion(timeAt(DAY_MS), []).run();
  expect(await listViews(db, id, 10)).toEqual([
    {
      person: 'auditor',
      firstAt: timeAt(DAY_MS),
      lastAt: timeAt(DAY_MS),
      startMs: 0,
      endMs: 60_000,
      segments: 1,
      download: false,
    },
    { person: 'auditor', firstAt: START, lastAt: timeAt(1_000), startMs: 0, endMs: 120_000, segments: 2, download: false },
  ]);
});
