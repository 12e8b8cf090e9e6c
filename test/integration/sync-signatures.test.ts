// Signatures of commits and tags: what is not signed as asked for is not looked at, and what was applied stays.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { commitSigned, pgpSigner, pushAll, type Signer, sshSigner, tagSigned } from '../support/signing.ts';
import { freshWorld, type World } from '../support/world.ts';

const servers = inject('servers');
const configMap = (value: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { value } });

async function change(world: World, value: string, signer?: Signer, otherParents: readonly string[] = []): Promise<string> {
  await writeFile(join(world.repository.folder, 'a.yaml'), configMap(value));
  return await commitSigned(world.repository, signer, otherParents);
}

async function giveKeys(world: World, data: Readonly<Record<string, string>>): Promise<void> {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'signers' }, stringData: data };
  await world.kubectl(['apply', '-f', '-'], JSON.stringify(secret));
}

async function refused(world: World, reason: string, named: string): Promise<void> {
  await pushAll(world.repository);
  const { revision } = await world.status();
  const status = await world.sync();
  expect(status.conditions?.[0]).toMatchObject({ status: 'False', reason, message: expect.stringContaining(named) });
  expect(status).toMatchObject({ revision, verified: { revision } });
}

async function applied(world: World, sha: string): Promise<void> {
  await pushAll(world.repository);
  const status = await world.sync();
  expect(status).toMatchObject({ revision: sha, verified: { revision: sha }, conditions: [{ status: 'True' }, {}] });
}

const verify = (mode: 'Head' | 'EveryCommit') => ({ verify: { mode, keysRef: { kind: 'Secret' as const, name: 'signers' } } });

test('S-016 an unsigned tip is refused by name, and the last verified revision stays', async () => {
  await using world = await freshWorld(servers, { spec: verify('Head') });
  const ada = sshSigner();
  await giveKeys(world, { allowed_signers: `ada@example.com ${ada.publicKey}\n` });
  await applied(world, await change(world, 'signed', ada));
  expect((await world.status()).verified).toMatchObject({ signer: 'ada@example.com', keyId: expect.stringMatching(/^SHA256:/) });
  await refused(world, 'SignatureMissing', await change(world, 'unsigned'));
  expect(await world.read('configmap', 'a')).toMatchObject({ data: { value: 'signed' } });
  const sha = await change(world, 'signed again', ada);
  await applied(world, sha);
  const before = await world.writes();
  await world.sync();
  const since = (await world.writes()).slice(before.length);
  expect(since.filter((write) => !write.includes('gitsyncs/'))).toEqual([]);
});

test('S-017 an unknown, an expired and a revoked key are refused with three codes', async () => {
  await using world = await freshWorld(servers, { spec: verify('Head') });
  const [ada, old, lost, stranger] = [sshSigner(), sshSigner(), sshSigner(), sshSigner()];
  const [grace, gone] = [await pgpSigner('grace'), await pgpSigner('gone')];
  await giveKeys(world, {
    allowed_signers: [
      `ada namespaces="git" ${ada.publicKey}`,
      `old valid-before="20240101Z" ${old.publicKey}`,
      `lost ${lost.publicKey}`,
    ].join('\n'),
    revoked_keys: lost.publicKey,
    'people.asc': `${grace.publicKey}\n${gone.revoked}`,
  });
  await applied(world, await change(world, '1', ada));
  await refused(world, 'SignerUnknown', await change(world, '2', stranger));
  await refused(world, 'SignerExpired', await change(world, '3', old));
  await refused(world, 'SignerRevoked', await change(world, '4', lost));
  await refused(world, 'SignerRevoked', await change(world, '5', gone));
  await applied(world, await change(world, '6', grace));
  expect((await world.status()).verified?.signer).toBe('grace <grace@example.com>');
  // A revocation of the key that signed what is applied counts at once.
  await giveKeys(world, { allowed_signers: `ada ${ada.publicKey}`, 'people.asc': grace.revoked });
  await refused(world, 'SignerRevoked', 'grace');
  await giveKeys(world, { allowed_signers: 'ada no-key' });
  await refused(world, 'SignatureKeysInvalid', 'allowed_signers:1');
});

test('S-018 an unsigned commit since the last synced revision is refused by name, through every parent', async () => {
  await using world = await freshWorld(servers, { spec: verify('EveryCommit') });
  const ada = sshSigner();
  await giveKeys(world, { allowed_signers: `ada ${ada.publicKey}` });
  await change(world, 'older than the rule');
  const first = await change(world, '1', ada);
  await applied(world, first);
  const unsigned = await change(world, '2');
  await change(world, '3', ada);
  await refused(world, 'SignatureMissing', unsigned);
  await world.repository.git('checkout', '--quiet', '--force', '-B', 'side', first);
  const onSide = await change(world, '4');
  await world.repository.git('checkout', '--quiet', '--force', '-B', 'merged', first);
  await change(world, '5', ada, [onSide]);
  await refused(world, 'SignatureMissing', onSide);
  await world.repository.git('checkout', '--quiet', '--force', '-B', 'good', first);
  await change(world, '6', ada);
  await applied(world, await change(world, '7', ada));
});

test('S-016 of a tag that is followed, the tag itself has to be signed', async () => {
  await using world = await freshWorld(servers, { spec: { ...verify('Head'), ref: { tag: 'v1' } } });
  const ada = sshSigner();
  await giveKeys(world, { allowed_signers: `ada ${ada.publicKey}` });
  const first = await change(world, '1');
  await tagSigned(world.repository, 'v1', ada);
  await applied(world, first);
  const second = await change(world, '2', ada);
  await tagSigned(world.repository, 'v1');
  await refused(world, 'SignatureMissing', 'tag v1');
  await world.repository.git('tag', '--force', 'v1');
  await refused(world, 'SignatureMissing', 'lightweight');
  await tagSigned(world.repository, 'v1', ada);
  await applied(world, second);
});
