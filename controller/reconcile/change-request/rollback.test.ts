// Commits of rollbacks: of more files than a status lists, and with the modes of files.
import { chmod, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ChangeWorlds, startChangeWorlds } from './change-world.ts';

let worlds: ChangeWorlds;
beforeAll(async () => {
  worlds = await startChangeWorlds();
});
afterAll(async () => await worlds[Symbol.asyncDispose]());

const COUNT = 1_200;
/** In the order of git, the last one is beyond what a status lists. */
const LAST = 'many/z.yaml';
const files = (text: string): Record<string, string> => ({
  ...Object.fromEntries(Array.from({ length: COUNT - 1 }, (_, index) => [`many/a${index}.yaml`, text])),
  [LAST]: text,
});

test('S-106 a rollback of 1,200 files is one commit of all of them; rules and owners hold for those that are not listed, too', async () => {
  const changes = { codeOwners: 'Require', approvalRules: [{ paths: [`/${LAST}`], approvals: 2 }] };
  await using given = await worlds.world([], 1, { changes });
  const before = await given.push({ ...files('one\n'), CODEOWNERS: `* @ada\n/${LAST} @zoe\n` });
  await given.push(files('two\n'));
  given.put({ rollback: { last: 1 } });
  await given.reconcile();
  const { status } = given.read();
  expect(status).toMatchObject({ phase: 'Open', fileCount: COUNT, approvalsNeeded: 2 });
  expect(status?.approvalsReason).toBe(`${LAST} is among /${LAST}`);
  expect(status?.files).toHaveLength(64);
  expect(status?.codeOwners).toMatchObject({ fileCount: COUNT });

  const review = (by: string) => ({
    ...{ by, verdict: 'Approve', commit: status?.commit ?? '', at: '2027-03-01T09:00:00Z' },
  });
  given.put({ rollback: { last: 1 }, reviews: [review('ada'), review('eve')] });
  await given.reconcile();
  expect(given.ready()?.message).toBe(`an owner has to approve ${LAST} of @zoe`);
  // Whose approval is missing stands among what is listed.
  expect(given.read().status?.codeOwners?.files[0]).toEqual({ path: LAST, owners: ['@zoe'], approvedBy: [] });

  // Another commit beside them keeps the approvals; the merge has every file.
  await given.push({ 'other.txt': '2' });
  given.put({ rollback: { last: 1 }, reviews: [review('ada'), review('zoe')] });
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Merged', commit: status?.commit });
  const git = (...args: string[]) => given.repository.git('-C', given.repository.bare, ...args);
  expect(await git('diff', '--name-only', before, 'main')).toBe('other.txt');
}, 120_000);

test('S-106 a file that comes back has the mode that it had, also by the merge of a branch that has moved', async () => {
  await using given = await worlds.world([], 1);
  const { folder, bare } = given.repository;
  const git = (...args: string[]) => given.repository.git('-C', bare, ...args);
  await given.push({ 'run.sh': 'exit 0\n', 'plain.sh': 'exit 0\n' });
  await chmod(path.join(folder, 'run.sh'), 0o755);
  const before = await given.push({ 'other.txt': 'with a mode' });
  await rm(path.join(folder, 'run.sh'));
  await chmod(path.join(folder, 'plain.sh'), 0o755);
  await given.push({ 'other.txt': 'without the file' });
  const wish = { rollback: { last: 1 } };
  given.put(wish);
  await given.reconcile();
  const { commit = '' } = given.read().status ?? {};
  expect(await git('diff', '--raw', before, commit)).toBe('');
  await given.push({ 'beside.txt': 'x' });
  given.put({ ...wish, reviews: [{ by: 'ada', verdict: 'Approve', commit, at: '2027-03-01T09:00:00Z' }] });
  await given.reconcile();
  expect(given.read().status?.phase).toBe('Merged');
  expect(await git('diff', '--name-only', before, 'main')).toBe('beside.txt');
});

test('what a newer commit does to a file that is not listed makes the approvals stale, too', async () => {
  await using given = await worlds.world([], 1);
  await given.push(files('one\n'));
  await given.push(files('two\n'));
  const wish = { rollback: { last: 1 }, requestedBy: { name: 'mina', mayApprove: true } };
  given.put(wish);
  await given.reconcile();
  const { commit = '' } = given.read().status ?? {};
  given.put({ ...wish, reviews: [{ by: 'ada', verdict: 'Approve', commit, at: '2027-03-01T09:00:00Z' }] });
  await given.push({ [LAST]: 'three\n' });
  await given.reconcile();
  expect(given.read().status?.phase).toBe('Open');
  expect(await given.repository.git('-C', given.repository.bare, 'show', `main:${LAST}`)).toBe('three');
}, 120_000);
