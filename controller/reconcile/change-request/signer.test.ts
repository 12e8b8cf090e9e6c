// Signed commits of change requests, as git verifies them.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import { RetryWithin } from '../contract.ts';
import { ADD, BRANCH, type ChangeWorld, type ChangeWorlds, startChangeWorlds } from './change-world.ts';
import { CutOff } from './cut-off.ts';

let worlds: ChangeWorlds;
const world: ChangeWorlds['world'] = (...given) => worlds.world(...given);
beforeAll(async () => {
  worlds = await startChangeWorlds();
});
afterAll(async () => await worlds[Symbol.asyncDispose]());

async function keysFor(given: ChangeWorld, type = 'ed25519') {
  const key = path.join(given.repository.folder, '..', `signing-${path.basename(given.repository.folder)}-${type}`);
  await promisify(execFile)('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', 'streamspace', '-f', key]);
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const signers = `${key}.allowed`;
  await writeFile(signers, `streamspace ${await readFile(`${key}.pub`, 'utf8')}`);
  given.cluster.put(RESOURCES.secrets, {
    metadata: { name: 'trusted', namespace: 'streamspace' },
    data: { allowed_signers: base64(await readFile(signers, 'utf8')) },
  });
  const { bare } = given.repository;
  const config = ['-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${signers}`];
  return {
    give: async (): Promise<void> =>
      void given.cluster.put(RESOURCES.secrets, {
        metadata: { name: 'signing', namespace: 'streamspace' },
        data: { 'ssh-privatekey': base64(await readFile(key, 'utf8')) },
      }),
    /** @throws for a commit whose signature git does not call good */
    verify: async (commit: string): Promise<string> => await given.repository.git('-C', bare, ...config, 'verify-commit', commit),
  };
}

const SIGNED = {
  changes: { signingKeyRef: { name: 'signing' } },
  verify: { mode: 'EveryCommit', keysRef: { kind: 'Secret', name: 'trusted' } },
};

test('S-104 with a key the commit and the merge are signed, as git verifies it, and made twice they are one', async () => {
  const shas = async (crashAt?: number): Promise<readonly string[]> => {
    await using given = await world([ADD], 1, SIGNED);
    const keys = await keysFor(given);
    await keys.give();
    if (crashAt !== undefined) {
      given.crashAt(crashAt); // the branch is pushed, and nobody heard of it
      await expect(given.reconcile()).rejects.toThrow(CutOff);
      given.crashAt(Number.POSITIVE_INFINITY);
    }
    const first = crashAt === undefined ? '' : await given.repository.git('-C', given.repository.bare, 'rev-parse', BRANCH);
    await given.reconcile();
    const { status } = given.read();
    const commit = status?.commit ?? '';
    if (crashAt !== undefined) expect(first).toBe(commit);
    await keys.verify(commit);
    await given.push({ 'other.txt': '2' });
    given.review();
    await given.reconcile();
    const merge = given.read().status?.mergeCommit ?? '';
    expect(given.read().status).toMatchObject({ phase: 'Merged', commit });
    expect(await given.repository.git('-C', given.repository.bare, 'log', '-1', '--format=%P', 'main')).toContain(commit);
    await keys.verify(merge);
    return [commit, merge];
  };
  await shas();
  await shas(1);
});

test('a key that is missing, of the wrong kind or not trusted stops the change until it is there; unsigned ones are made anew', async () => {
  await using given = await world([ADD], 1, { verify: SIGNED.verify });
  await given.reconcile();
  expect(given.read().status?.phase).toBe('Failed');
  expect(given.ready()).toMatchObject({ reason: 'ChangesNotConfigured', message: expect.stringContaining('signingKeyRef') });

  await using other = await world([ADD]);
  await other.reconcile();
  const unsigned = other.read().status?.commit;
  other.review();
  other.sync({}, SIGNED);
  const stuck = async (words: RegExp): Promise<void> => {
    await expect(other.reconcile()).rejects.toThrow(RetryWithin);
    expect(other.ready()).toMatchObject({ reason: 'SigningKeyInvalid', message: expect.stringMatching(words) });
    expect(await other.log()).toEqual(['Start']);
  };
  await stuck(/no Secret signing/);
  await (await keysFor(other, 'ecdsa')).give();
  await stuck(/ECDSA/);
  const keys = await keysFor(other);
  const trusted = other.cluster.read<{ metadata: object }>(RESOURCES.secrets, 'streamspace', 'trusted') ?? expect.unreachable();
  await keys.give();
  await keysFor(other, 'rsa');
  await stuck(/the sync would refuse .* not among the allowed signers/);
  other.cluster.put(RESOURCES.secrets, { ...trusted, metadata: { ...trusted.metadata } });
  await other.reconcile();
  const commit = other.read().status?.commit ?? '';
  expect(commit).not.toBe(unsigned);
  await keys.verify(commit);
  expect(other.read().status).toMatchObject({ phase: 'Open', approvals: [{ standing: 'Stale' }] });
});
