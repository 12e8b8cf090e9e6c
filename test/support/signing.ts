// Signs commits and tags as `git commit -S` does, without ssh-keygen and gpg: a machine that runs the tests need not have them.
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createMessage, generateKey, readPrivateKey, revokeKey, sign as signPgp } from 'openpgp';
import type { WorkingCopy } from '../../controller/git/serve-repositories.ts';

export interface Signer {
  /** A line of `authorized_keys`, or an armoured PGP key. */
  readonly publicKey: string;
  /** Armoured. */
  readonly sign: (payload: Buffer) => Promise<string>;
}

/** OpenSSH's PROTOCOL.sshsig, with a fresh Ed25519 key. */
export function sshSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const blob = Buffer.concat(['ssh-ed25519', Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')].map(wire));
  return {
    publicKey: `ssh-ed25519 ${blob.toString('base64')}`,
    sign: async (payload) => {
      const names = ['git', '', 'sha512'].map(wire);
      const message = wire(createHash('sha512').update(payload).digest());
      const signature = sign(null, Buffer.concat([Buffer.from('SSHSIG'), ...names, message]), privateKey);
      const all = Buffer.concat([
        Buffer.from('SSHSIG\0\0\0\x01'),
        wire(blob),
        ...names,
        wire(Buffer.concat(['ssh-ed25519', signature].map(wire))),
      ]);
      const lines = all.toString('base64').match(/.{1,70}/g) ?? [];
      return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n');
    },
  };
}

export interface PgpSigner extends Signer {
  /** The public key after its revocation. */
  readonly revoked: string;
}

export async function pgpSigner(name: string): Promise<PgpSigner> {
  const { privateKey: armoredKey, publicKey } = await generateKey({ userIDs: [{ name, email: `${name}@example.com` }] });
  const privateKey = await readPrivateKey({ armoredKey });
  return {
    publicKey,
    revoked: (await revokeKey({ key: privateKey, format: 'armored' })).publicKey,
    sign: async (payload) =>
      await signPgp({
        message: await createMessage({ binary: new Uint8Array(payload) }),
        signingKeys: privateKey,
        detached: true,
      }),
  };
}

/** Commits all there is, with a signature if a signer is given, on `HEAD` and other parents. Gives the commit id; pushes nothing. */
export async function commitSigned(work: WorkingCopy, signer?: Signer, otherParents: readonly string[] = []): Promise<string> {
  await work.git('add', '--all');
  const tree = await work.git('write-tree');
  const head = await work.git('rev-parse', '--verify', '--quiet', 'HEAD').catch(() => '');
  const parents = [head, ...otherParents].filter((each) => each !== '').flatMap((parent) => ['-p', parent]);
  const plain = await work.git('commit-tree', tree, ...parents, '-m', 'Change');
  const sha = signer === undefined ? plain : await resign(work, plain, signer);
  await work.git('reset', '--quiet', '--soft', sha);
  return sha;
}

/** An annotated tag on HEAD, with a signature if a signer is given. */
export async function tagSigned(work: WorkingCopy, name: string, signer?: Signer): Promise<void> {
  await work.git('tag', '--force', '--annotate', name, '-m', 'Release');
  if (signer === undefined) return;
  const plain = `${await work.git('cat-file', 'tag', name)}\n`;
  const sha = await writeObject(work, 'tag', `${plain}${await signer.sign(Buffer.from(plain))}`);
  await work.git('update-ref', `refs/tags/${name}`, sha);
}

/** To the bare repository beside the working copy; `main` and every tag. */
export async function pushAll(work: WorkingCopy): Promise<void> {
  await work.git('push', '--quiet', '--force', '--tags', work.folder.replace(/-work$/, '.git'), 'HEAD:main');
}

async function resign(work: WorkingCopy, sha: string, signer: Signer): Promise<string> {
  const plain = `${await work.git('cat-file', 'commit', sha)}\n`;
  const signature = (await signer.sign(Buffer.from(plain))).replaceAll('\r', '').trimEnd().replaceAll('\n', '\n ');
  return await writeObject(work, 'commit', plain.replace('\n\n', `\ngpgsig ${signature}\n\n`));
}

async function writeObject(work: WorkingCopy, type: 'commit' | 'tag', text: string): Promise<string> {
  const file = join(work.folder, '.git', 'object-to-write');
  await writeFile(file, text);
  const sha = await work.git('hash-object', '-t', type, '-w', file);
  await rm(file);
  return sha;
}

function wire(part: Buffer | string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(part.length);
  return Buffer.concat([length, Buffer.from(part)]);
}
