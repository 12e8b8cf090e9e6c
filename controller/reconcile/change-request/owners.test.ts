// Whose approvals the files and the kinds of a change ask for.
import { rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import { ADD, type ChangeWorlds, startChangeWorlds } from './change-world.ts';

let worlds: ChangeWorlds;
const world: ChangeWorlds['world'] = (...given) => worlds.world(...given);
beforeAll(async () => {
  worlds = await startChangeWorlds();
});
afterAll(async () => await worlds[Symbol.asyncDispose]());

test('S-100 where owners are required, an approval of nobody who owns the file merges nothing, and whose is missing is said', async () => {
  await using given = await world([ADD], 1, { changes: { codeOwners: 'Require' } });
  const team = {
    metadata: { name: 'web' },
    spec: {
      displayName: 'W',
      members: [
        { user: 'lee', role: 'admin' },
        { group: 'ada', role: 'admin' },
      ],
    },
  };
  given.cluster.put(RESOURCES.teams, team);
  await given.push({ 'docs/CODEOWNERS': '* @ada\n', CODEOWNERS: '/teams/ @mina @org/web\n[x] @ada\n' });
  await given.reconcile();
  const owners = (approvedBy: readonly string[], required = true) => ({
    ...{ file: 'CODEOWNERS', required, skippedLines: [2], fileCount: 1 },
    files: [{ path: 'teams/web.yaml', owners: ['@mina', '@org/web'], approvedBy }],
  });
  expect(given.read().status?.codeOwners).toEqual(owners([]));
  const MISSING = 'an owner has to approve teams/web.yaml of @mina or @org/web';
  expect(given.ready()).toMatchObject({ reason: 'AwaitingApproval', message: `0 of 1 approval; ${MISSING}` });
  given.review({ by: 'mina' });
  await given.reconcile();
  expect(given.ready()?.message).toBe(`0 of 1 approval; ${MISSING}`);
  given.review();
  await given.reconcile();
  expect(given.ready()).toMatchObject({ status: 'False', reason: 'AwaitingCodeOwners', message: MISSING });
  expect(findCondition(given.read().status?.conditions, 'Approved')).toMatchObject({
    status: 'False',
    reason: 'AwaitingCodeOwners',
  });
  const writes = given.cluster.writes.length;
  await given.reconcile();
  expect([given.cluster.writes.length, (await given.log()).length]).toEqual([writes, 2]);
  given.sync({}, { changes: { codeOwners: 'Show' } });
  given.checks({ state: 'pending', message: 'so that it stays open' });
  await given.reconcile();
  expect(given.read().status?.codeOwners).toEqual(owners([], false));
  given.sync({}, { changes: { codeOwners: 'Require' } });
  given.checks({ state: 'passed', message: '' });
  given.review({ by: 'lee' });
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Merged', codeOwners: owners(['lee']) });
});

test('S-100 who is in a team by a group of the last sign-in owns what the team owns', async () => {
  await using given = await world([ADD], 1, { changes: { codeOwners: 'Require' } });
  given.cluster.put(RESOURCES.teams, {
    metadata: { name: 'web' },
    spec: { displayName: 'W', members: [{ group: 'web-admins', role: 'admin' }] },
  });
  await given.push({ CODEOWNERS: '* @org/web\n' });
  await given.reconcile();
  given.groups['ada'] = ['others'];
  given.review();
  await given.reconcile();
  expect(given.ready()?.reason).toBe('AwaitingCodeOwners');
  given.groups['ada'] = ['others', 'web-admins'];
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Merged', codeOwners: { files: [{ approvedBy: ['ada'] }] } });
});

test('where nobody looks at owners, they are not told; a file of them that cannot be read holds the merge where they are required', async () => {
  await using given = await world([ADD], 1, { changes: { codeOwners: 'Ignore' } });
  given.checks({ state: 'pending', message: 'so that it stays open' });
  await given.push({ CODEOWNERS: '* @ada\n' });
  await given.reconcile();
  given.review();
  await given.reconcile();
  expect(given.read().status).not.toHaveProperty('codeOwners');
  given.sync({}, { changes: { codeOwners: 'Require' } });
  await given.reconcile();
  expect(given.ready()?.reason).toBe('ChecksPending');
  expect(given.read().status?.codeOwners?.files).toMatchObject([{ approvedBy: ['ada'] }]);
  const file = path.join(given.repository.folder, 'CODEOWNERS');
  await rm(file);
  await symlink('other.txt', file);
  await given.repository.push('A link');
  await given.reconcile();
  expect(given.ready()).toMatchObject({
    reason: 'AwaitingCodeOwners',
    message: expect.stringMatching(/^CODEOWNERS cannot be read: /),
  });
  given.sync({}, { changes: { codeOwners: 'Ignore' } });
  given.checks({ state: 'passed', message: '' });
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Merged' });
  expect(given.read().status).not.toHaveProperty('codeOwners');
});

test('a rule of paths or kinds asks for more people, and says why; what the files have become on the branch counts before the merge', async () => {
  const approvalRules = [
    { paths: ['/teams/'], approvals: 2 },
    { kinds: ['Quota'], approvals: 3 },
  ];
  await using given = await world([ADD], 1, { changes: { approvalRules } });
  await given.reconcile();
  const review = (...people: readonly string[]): void =>
    given.put({
      reviews: people.map((by) => ({ by, verdict: 'Approve', commit: given.read().status?.commit, at: '2027-03-01T09:00:00Z' })),
    });
  review('ada');
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Open', approvalsNeeded: 2 });
  expect(given.ready()?.message).toBe('1 of 2 approvals, as teams/web.yaml is among /teams/');
  await given.push({ 'other.txt': '2' });
  given.changes('Quota');
  review('ada', 'lee');
  await given.reconcile();
  expect(given.ready()).toMatchObject({ reason: 'AwaitingApproval', message: '2 of 3 approvals, as it changes Quota web' });
  const writes = given.cluster.writes.length;
  await given.reconcile();
  expect(given.cluster.writes).toHaveLength(writes);
  review('ada', 'lee', 'max');
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Merged', approvalsNeeded: 3 });
});
