import { afterAll, beforeAll, expect, test } from 'vitest';
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { ChangeEdit } from '../../../schemas/kinds/changes/change-edit.ts';
import { ADD, AFTER, type ChangeWorld, type ChangeWorlds, OBJECT, startChangeWorlds, TEAM } from './change-world.ts';
import { CutOff } from './cut-off.ts';

let worlds: ChangeWorlds;
const world: ChangeWorlds['world'] = (...given) => worlds.world(...given);
beforeAll(async () => {
  worlds = await startChangeWorlds();
});
afterAll(async () => await worlds[Symbol.asyncDispose]());

test('a wish becomes one commit on a branch of its own, by whoever asks, and waits; a second call writes nothing', async () => {
  await using given = await world();
  await given.reconcile();
  const { status } = given.read();
  expect(status).toMatchObject({
    ...{ phase: 'Open', branch: 'streamspace/change/uid-1', into: 'main', baseCommit: given.first, approvalsNeeded: 1 },
    files: [{ path: 'teams/web.yaml', action: 'Changed', additions: 2, deletions: 0 }],
  });
  expect(status?.diff).toContain('+    - user: vera');
  const commit = await given.repository.git(
    '-C',
    given.repository.bare,
    'log',
    '-1',
    '--format=%an <%ae>|%cn|%B',
    status?.branch ?? '',
  );
  expect(commit).toBe(
    'Mina <mina@noreply.streamspace.io>|StreamSpace|Vera helps us\n\nStreamSpace-Change: team-web/c\nStreamSpace-Requested-By: mina',
  );
  const writes = given.cluster.writes.length;
  await given.reconcile();
  expect(given.cluster.writes).toHaveLength(writes);
  expect(await given.log()).toEqual(['Start']);
});

test('S-100 only an approval of somebody else, for this commit, merges it; then the branch is gone and what became of it is followed', async () => {
  await using given = await world();
  await given.reconcile();
  given.review({ by: 'mina' });
  await given.reconcile();
  given.review({ commit: given.first });
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Open', approvals: [{ by: 'ada', standing: 'Stale' }] });
  expect(await given.log()).toEqual(['Start']);
  given.review();
  await given.reconcile();
  const { status } = given.read();
  expect(status).toMatchObject({ phase: 'Merged', mergeCommit: status?.commit, approvals: [{ by: 'ada', standing: 'Counts' }] });
  expect(await given.main()).toBe(AFTER);
  expect(await given.branches()).toEqual(['main']);
  given.sync({
    revision: status?.mergeCommit,
    health: 'Healthy',
    conditions: [{ type: 'Ready', status: 'True', reason: 'Synced', message: '' }],
  });
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Applied', result: { revision: status?.mergeCommit, health: 'Healthy' } });
  expect(given.audited.map(({ type }) => type)).toEqual(['change.merged']);
});

test('where none is asked for, what somebody may approve is merged at once, and what others ask for needs one', async () => {
  await using given = await world([ADD], 0);
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Open', approvalsNeeded: 1 });
  given.put({ requestedBy: { name: 'ada', mayApprove: true } });
  await given.reconcile();
  expect(given.read().status?.phase).toBe('Merged');
});

test('a branch that moved beside the change keeps the approval and gets a merge commit; one that moved under it makes it stale', async () => {
  await using given = await world();
  await given.reconcile();
  const approved = given.read().status?.commit;
  const moved = await given.push({ 'other.txt': '2' });
  given.review();
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Merged', commit: approved });
  const parents = await given.repository.git('-C', given.repository.bare, 'log', '-1', '--format=%P', 'main');
  expect(parents).toBe(`${moved} ${approved}`);
  expect(await given.main()).toBe(AFTER);

  await using other = await world();
  await other.reconcile();
  const before = other.read().status?.commit;
  other.review();
  await other.push({ 'teams/web.yaml': TEAM.replace('Web # ours', 'The web # ours') });
  await other.reconcile();
  expect(other.read().status).toMatchObject({ phase: 'Open', approvals: [{ by: 'ada', standing: 'Stale' }] });
  expect(other.read().status?.commit).not.toBe(before);
  other.review();
  await other.reconcile();
  expect(await other.main()).toBe(AFTER.replace('Web # ours', 'The web # ours'));
});

test('what stood open is looked at again before its merge though the branch has not moved; what was made just now is not', async () => {
  await using given = await world();
  await given.reconcile();
  given.review();
  given.refuses(new StreamSpaceError('ApplyForbidden', 'the service account may no longer write Teams'));
  await given.reconcile().catch(() => undefined);
  expect([given.ready()?.reason, await given.log()]).toEqual(['ApplyForbidden', ['Start']]);
  given.refuses(undefined);
  await given.reconcile();
  expect([given.read().status?.phase, given.looks()]).toEqual(['Merged', 3]);

  await using at = await world([ADD], 0);
  at.put({ requestedBy: { name: 'ada', mayApprove: true } });
  await at.reconcile();
  expect([at.read().status?.phase, at.looks()]).toEqual(['Merged', 1]);
});

test('where the forge asks for a branch that is up to date, one that is behind is made anew, and approved anew', async () => {
  await using given = await world();
  given.strict();
  await given.reconcile();
  given.review();
  const moved = await given.push({ 'other.txt': '2' });
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Open', baseCommit: moved, approvals: [{ by: 'ada', standing: 'Stale' }] });
  expect(given.ready()?.reason).toBe('AwaitingApproval');
  given.review();
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Merged' });
  expect(await given.log()).toEqual(['Vera helps us', 'Change', 'Start']);
});

test('what can no longer be made is told as a conflict and mended by the branch; what never could is the end', async () => {
  const role: ChangeEdit = {
    action: 'Patch',
    object: OBJECT,
    changes: [{ op: 'Set', path: 'spec.members[user=ada].role', value: '"member"', was: '"admin"' }],
  };
  await using given = await world([role]);
  await given.reconcile();
  await given.push({ 'teams/web.yaml': TEAM.replace('role: admin', 'role: viewer') });
  given.review();
  await given.reconcile();
  expect(given.ready()).toMatchObject({
    status: 'False',
    reason: 'ChangeConflict',
    message: expect.stringContaining('teams/web.yaml:1'),
  });
  expect(findCondition(given.read().status?.conditions, 'Conflict')?.status).toBe('True');
  await given.push({ 'teams/web.yaml': TEAM.replace('displayName: Web', 'displayName: W') });
  await given.reconcile();
  expect(findCondition(given.read().status?.conditions, 'Conflict')?.status).toBe('False');

  await using never = await world([{ ...role, object: { ...OBJECT, name: 'none' } }]);
  await never.reconcile();
  expect(never.read().status).toMatchObject({ phase: 'Failed' });
  expect(never.audited).toMatchObject([{ type: 'change.failed', details: { code: 'ChangeObjectNotInGit' } }]);
  expect(await never.branches()).toEqual(['main']);
});

test('S-101 rejected, withdrawn and expired ones end without a merge, and leave no branch', async () => {
  for (const [act, phase] of [
    [(given: ChangeWorld) => given.review({ verdict: 'Reject', reason: 'no' }), 'Rejected'],
    [(given: ChangeWorld) => given.put({ withdrawn: true }), 'Withdrawn'],
    [(given: ChangeWorld) => given.later(721 * 3_600_000), 'Expired'],
  ] as const) {
    await using given = await world();
    await given.reconcile();
    act(given);
    await given.reconcile();
    expect(given.read().status?.phase).toBe(phase);
    expect(await given.branches()).toEqual(['main']);
    given.review();
    await given.reconcile();
    expect(await given.log()).toEqual(['Start']);
  }
});

test('what was merged right before a crash is merged, though it is withdrawn meanwhile', async () => {
  await using given = await world();
  await given.reconcile();
  given.review();
  given.crashAt(3); // the branch, the status, the merge
  await expect(given.reconcile()).rejects.toThrow(CutOff);
  expect(await given.log()).toEqual(['Vera helps us', 'Start']);
  given.crashAt(Number.POSITIVE_INFINITY);
  given.put({ withdrawn: true });
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Merged', mergeCommit: await given.head() });
});

test('a check that the forge asks for is waited for and named, and looking again writes nothing', async () => {
  await using given = await world();
  await given.reconcile();
  given.review();
  given.checks({ state: 'pending', message: 'what the branch asks for is not there yet: ci' });
  await given.reconcile();
  expect(given.ready()).toMatchObject({ status: 'False', reason: 'ChecksPending', message: expect.stringMatching(/: ci$/) });
  const writes = given.cluster.writes.length;
  await given.reconcile();
  expect([given.cluster.writes.length, await given.log()]).toEqual([writes, ['Start']]);
  given.checks({ state: 'passed', message: '' });
  await given.reconcile();
  expect(given.read().status?.phase).toBe('Merged');
});

test('S-104 cut off after every single step, it makes one branch, one commit and one merge', async () => {
  for (let effect = 1; ; effect += 1) {
    await using given = await world();
    let crashed = false;
    const step = async (): Promise<void> => {
      try {
        await given.reconcile();
      } catch (error) {
        if (!(error instanceof CutOff)) throw error;
        crashed = true;
        given.crashAt(Number.POSITIVE_INFINITY);
      }
    };
    given.crashAt(effect);
    await step();
    await step();
    expect(await given.branches()).toEqual(['main', 'streamspace/change/uid-1']);
    given.review();
    await step();
    await step();
    expect(given.read().status).toMatchObject({ phase: 'Merged', mergeCommit: await given.head() });
    expect(await given.log()).toEqual(['Vera helps us', 'Start']);
    expect(await given.branches()).toEqual(['main']);
    if (!crashed) {
      expect(effect).toBeGreaterThan(5);
      return;
    }
  }
}, 300_000);
