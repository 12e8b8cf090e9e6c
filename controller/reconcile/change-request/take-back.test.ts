// What was granted until a time is taken back then.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { AFTER, type ChangeWorld, type ChangeWorlds, START, startChangeWorlds, TEAM } from './change-world.ts';
import { CutOff } from './cut-off.ts';

let worlds: ChangeWorlds;
const world: ChangeWorlds['world'] = (...given) => worlds.world(...given);
beforeAll(async () => {
  worlds = await startChangeWorlds();
});
afterAll(async () => await worlds[Symbol.asyncDispose]());

const UNTIL = '2027-03-05T17:00:00.000Z';
const DAYS_MS = 24 * 3_600_000;

/** Approved, merged and in the cluster. */
async function granted(given: ChangeWorld): Promise<void> {
  given.put({ until: UNTIL });
  await given.reconcile();
  const commit = given.read().status?.commit ?? '';
  given.put({ until: UNTIL, reviews: [{ by: 'ada', verdict: 'Approve', commit, at: '2027-03-01T09:00:00Z' }] });
  await given.reconcile();
  await applied(given);
}

async function applied(given: ChangeWorld, name = 'c'): Promise<void> {
  const conditions = [{ type: 'Ready', status: 'True', reason: 'Synced', message: '' }];
  given.sync({ revision: await given.head(), health: 'Healthy', conditions });
  await given.reconcile(name);
}

const BACK = 'back-uid-1';
const backs = ({ cluster }: ChangeWorld) => cluster.writes.filter((write) => write.startsWith('create'));

test('what was granted until a time is taken back then by one change, which nobody has to approve, and the file is what it was', async () => {
  await using given = await world();
  await granted(given);
  expect(given.read().status?.phase).toBe('Applied');
  expect(await given.main()).toBe(AFTER);
  // It looks again by the time that is left, and in between, should a clock be set or the sync fail.
  expect((await given.reconcile()).requeueAfterMs).toBeLessThanOrEqual(5 * 60_000);
  given.later(Date.parse(UNTIL) - Date.parse(START) - 60_000);
  expect((await given.reconcile()).requeueAfterMs).toBeLessThanOrEqual(60_000);
  expect(backs(given)).toEqual([]);
  given.later(60_000);
  await given.reconcile();
  await given.reconcile();
  expect(backs(given)).toEqual([`create ChangeRequest ${BACK}`]);
  expect(given.read().status).toMatchObject({ phase: 'Applied', takenBackBy: BACK });
  expect(given.ready()).toMatchObject({ status: 'True', reason: 'Applied' });
  expect(given.read(BACK).spec).toMatchObject({
    ...{ requestedBy: { name: 'mina', mayApprove: false }, takesBack: { name: 'c', uid: 'uid-1' } },
    rollback: { commits: [given.read().status?.commit] },
  });
  await given.reconcile(BACK);
  expect(given.read(BACK).status).toMatchObject({ phase: 'Merged', approvalsNeeded: 0 });
  expect(await given.main()).toBe(TEAM.trimEnd());
  await applied(given, BACK);
  expect(given.read(BACK).status?.phase).toBe('Applied');
  expect(given.audited.map(({ type }) => type)).toEqual(['change.merged', 'change.requested', 'change.merged']);
});

test('a controller that was down, or cut off after any step, takes it back once', async () => {
  for (let effect = 1; ; effect += 1) {
    await using given = await world();
    await granted(given);
    given.later(40 * DAYS_MS);
    given.crashAt(effect);
    let crashed = false;
    for (const name of ['c', 'c', BACK, BACK]) {
      try {
        await given.reconcile(name);
      } catch (error) {
        if (!(error instanceof CutOff)) throw error;
        crashed = true;
        given.crashAt(Number.POSITIVE_INFINITY);
      }
    }
    expect(backs(given)).toHaveLength(1);
    expect(given.read().status?.takenBackBy).toBe(BACK);
    expect(given.read(BACK).status?.phase).toBe('Merged');
    expect(await given.log()).toHaveLength(3);
    expect(await given.main()).toBe(TEAM.trimEnd());
    if (!crashed) {
      expect(effect).toBeGreaterThan(4);
      return;
    }
  }
}, 300_000);

test('what is not merged before its time is over ends, and nothing of it is taken back', async () => {
  await using given = await world();
  given.put({ until: UNTIL });
  await given.reconcile();
  expect(given.read().status?.expiresAt).toBe(UNTIL);
  given.later(Date.parse(UNTIL) - Date.parse(START));
  given.put({
    until: UNTIL,
    reviews: [{ by: 'ada', verdict: 'Approve', commit: given.read().status?.commit ?? '', at: UNTIL }],
  });
  await given.reconcile();
  expect(given.read().status?.phase).toBe('Expired');
  await given.reconcile();
  expect([backs(given), await given.log(), await given.branches()]).toEqual([[], ['Start'], ['main']]);
});

test('what somebody has written over it is told and kept, until it is mended; what somebody took back by hand is done', async () => {
  await using given = await world();
  await granted(given);
  await given.pull();
  await given.push({ 'teams/web.yaml': `${AFTER.replace('role: viewer', 'role: admin')}\n` });
  given.later(5 * DAYS_MS);
  await given.reconcile();
  for (let time = 0; time < 2; time += 1) {
    await given.reconcile(BACK);
    expect(given.read(BACK).status).toMatchObject({ phase: 'Pending', conditions: [{ reason: 'ChangeConflict' }, {}] });
  }
  expect(await given.main()).toMatch(/ role: admin$/);
  await given.push({ 'teams/web.yaml': `${AFTER}\n` });
  await given.reconcile(BACK);
  expect(given.read(BACK).status?.phase).toBe('Merged');

  await using other = await world();
  await granted(other);
  await other.pull();
  await other.push({ 'teams/web.yaml': TEAM });
  other.later(5 * DAYS_MS);
  await other.reconcile();
  await other.reconcile(BACK);
  expect(other.read(BACK).status?.phase).toBe('Withdrawn');
  expect(findCondition(other.read(BACK).status?.conditions, 'Ready')?.reason).toBe('NothingToTakeBack');
});

test('what takes back never ends by itself: it waits as long as something stands against it, and the grant ends then', async () => {
  await using given = await world();
  await granted(given);
  given.later(5 * DAYS_MS);
  await given.reconcile();
  given.checks({ state: 'pending', message: 'what the branch asks for is not there yet: ci' });
  await given.reconcile(BACK);
  expect(given.read(BACK).status?.expiresAt).toBeUndefined();
  given.later(40 * DAYS_MS);
  await given.reconcile(BACK);
  const { status } = given.read(BACK);
  expect([status?.phase, findCondition(status?.conditions, 'Ready')?.reason]).toEqual(['Open', 'ChecksPending']);
  expect(findCondition(status?.conditions, 'Expired')).toMatchObject({ status: 'False', reason: 'Never' });
  given.checks({ state: 'passed', message: '' });
  await given.reconcile(BACK);
  expect(given.read(BACK).status?.phase).toBe('Merged');
  expect(await given.main()).toBe(TEAM.trimEnd());
});

test('one that has a time is kept beyond it, so that what takes it back can look at it', async () => {
  await using given = await world();
  await granted(given);
  given.later(4 * DAYS_MS + 85 * DAYS_MS);
  await given.reconcile();
  expect(given.read().status?.takenBackBy).toBe(BACK);
  given.later(3 * DAYS_MS);
  await given.reconcile();
  expect(given.read().status?.phase).toBe('Applied');
  given.later(3 * DAYS_MS);
  await given.reconcile();
  expect(() => given.read()).toThrow();
});

test('squashed at a forge, the commit that stands in the branch is undone', async () => {
  await using given = await world();
  given.put({ until: UNTIL });
  await given.reconcile();
  const squash = await given.push({ 'teams/web.yaml': `${AFTER}\n` });
  given.squashedAs(squash);
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Merged', mergeCommit: squash });
  await applied(given);
  given.later(5 * DAYS_MS);
  await given.reconcile();
  expect(given.read(BACK).spec.rollback?.commits).toEqual([squash]);
  await given.reconcile(BACK);
  expect(given.read(BACK).status?.phase).toBe('Merged');
  expect(await given.main()).toBe(TEAM.trimEnd());
});
