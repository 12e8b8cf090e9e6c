// What is said of a change request, on our page and at the forge, and what stops a merge.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { MAX_REVIEWS } from '../../../schemas/kinds/changes/change-request.ts';
import { ADD, type ChangeWorld, type ChangeWorlds, startChangeWorlds, TEAM } from './change-world.ts';

let worlds: ChangeWorlds;
const world: ChangeWorlds['world'] = (...given) => worlds.world(...given);
beforeAll(async () => {
  worlds = await startChangeWorlds();
});
afterAll(async () => await worlds[Symbol.asyncDispose]());

test('S-100 whoever requests changes at the forge is waited for, whatever others approve, until he approves or it is dismissed', async () => {
  for (const after of [{ verdict: 'Approve', at: '2027-03-01T10:00:00Z' }, { void: 'Dismissed' }] as const) {
    await using given = await world();
    await given.reconcile();
    given.says({ reason: 'not on a Friday' });
    await given.reconcile();
    const WAITS = { status: 'False', reason: 'ChangesRequested', message: expect.stringMatching(/^bob .*: not on a Friday$/) };
    expect(given.ready()).toMatchObject(WAITS);
    given.review();
    await given.reconcile();
    expect(given.read().status).toMatchObject({ phase: 'Open', approvals: [{ by: 'ada' }, { by: 'bob', standing: 'Counts' }] });
    expect(given.ready()).toMatchObject(WAITS);
    expect(findCondition(given.read().status?.conditions, 'Approved')?.status).toBe('False');
    // Another commit is the same wish.
    await given.push({ 'teams/web.yaml': TEAM.replace('Web # ours', 'The web # ours') });
    await given.reconcile();
    given.review();
    await given.reconcile();
    expect([given.ready()?.reason, await given.log()]).toEqual(['ChangesRequested', ['Change', 'Start']]);
    given.says({ reason: 'not on a Friday', ...after });
    await given.reconcile();
    expect(given.read().status?.phase).toBe('Merged');
  }
});

test('a rejection on the page is for good, and one of a stranger at the forge stops nothing', async () => {
  await using given = await world();
  await given.reconcile();
  given.says({ void: 'Unknown' }, { void: 'NoRight' });
  const said = { by: 'ada', commit: given.read().status?.commit ?? '' };
  given.put({
    reviews: [
      { ...said, verdict: 'Reject', at: '2027-03-01T09:00:00Z', reason: 'no' },
      { ...said, verdict: 'Approve', at: '2027-03-01T09:00:01Z' },
    ],
  });
  await given.reconcile();
  expect(given.read().status?.phase).toBe('Rejected');

  await using other = await world();
  await other.reconcile();
  other.says({ void: 'Unknown' }, { by: 'eve', void: 'NoRight' }, { by: 'mina' });
  other.review();
  await other.reconcile();
  expect(other.read().status?.phase).toBe('Merged');
});

test('S-101 what is said while it is looked at before the merge is heard, and nothing is merged over it', async () => {
  const said = ({ read }: ChangeWorld) => ({ by: 'ada', commit: read().status?.commit ?? '', at: '2027-03-01T09:00:00Z' });
  const approval = (given: ChangeWorld) => ({ ...said(given), verdict: 'Approve' });
  for (const [act, phase] of [
    [(given: ChangeWorld) => given.put({ withdrawn: true, reviews: [approval(given)] }), 'Withdrawn'],
    [
      (given: ChangeWorld) => given.put({ reviews: [approval(given), { ...said(given), by: 'bob', verdict: 'Reject' }] }),
      'Rejected',
    ],
    [(given: ChangeWorld) => given.says({}), 'Open'],
    [(given: ChangeWorld) => given.says({ by: 'ada', void: 'Dismissed' }), 'Open'],
  ] as const) {
    await using given = await world();
    await given.reconcile();
    given.review();
    given.meanwhile(() => act(given));
    expect(await given.reconcile()).toEqual({ requeueAfterMs: 0 });
    expect(await given.log()).toEqual(['Start']);
    given.meanwhile(() => undefined);
    await given.reconcile();
    expect([given.read().status?.phase, await given.log()]).toEqual([phase, ['Start']]);
  }
});

test('however many strangers say something, the status has room for what counts, and what is decided is of all of it', async () => {
  await using given = await world([ADD], 2);
  await given.reconcile();
  const strangers = Array.from({ length: 70 }, (_, index) => ({ by: `stranger-${index}`, void: 'Unknown' as const }));
  const often = Array.from({ length: 70 }, (_, second) => ({
    ...{ by: 'zoe', verdict: 'Reject' as const, at: new Date(Date.parse('2027-03-01T08:00:00Z') + 1000 * second).toISOString() },
  }));
  given.says(...strangers, ...often, { by: 'bob', verdict: 'Approve', at: '2027-03-01T10:00:00Z' });
  await given.reconcile();
  const { approvals = [] } = given.read().status ?? {};
  expect(approvals).toHaveLength(MAX_REVIEWS);
  const counts = approvals.filter(({ standing }) => standing === 'Counts').map(({ by, verdict }) => `${by} ${verdict}`);
  expect(counts).toEqual(['zoe Reject', 'bob Approve']);
  expect(approvals.map(({ standing }) => standing)).not.toContain('Repeated');
  expect(given.ready()?.reason).toBe('ChangesRequested');
  given.says(...strangers, { by: 'bob', verdict: 'Approve' });
  given.review();
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Merged' });
  expect(given.read().status?.approvals).toHaveLength(MAX_REVIEWS);
});
