// Held against ssh-keygen, which signs and verifies for git.
import { execFile } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseCommit, withSignature } from '../verify/signed-object.ts';
import { verifySsh } from '../verify/ssh-signature.ts';
import { SshFormatError } from '../verify/ssh-wire.ts';
import { sshSigner } from './ssh-signer.ts';

const execute = promisify(execFile);
const PAYLOAD = Buffer.from('tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nSigned\n');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'streamspace-sign-'));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

let made = 0;
async function keyOf(type: string, { bits = 0, passphrase = '', format = '' } = {}) {
  made += 1;
  const file = path.join(folder, `key-${made}`);
  const options = [...(bits === 0 ? [] : ['-b', String(bits)]), ...(format === '' ? [] : ['-m', format])];
  await execute('ssh-keygen', ['-q', '-t', type, ...options, '-N', passphrase, '-C', 'ada@example.com', '-f', file]);
  return { file, text: await readFile(file, 'utf8') };
}

/** As ssh-keygen signs it. */
async function signedBySshKeygen(key: string): Promise<string> {
  const file = `${key}-payload`;
  await writeFile(file, PAYLOAD);
  await execute('ssh-keygen', ['-Y', 'sign', '-n', 'git', '-f', key, file]);
  return (await readFile(`${file}.sig`, 'utf8')).trimEnd();
}

test.each([
  ['ed25519', {}],
  ['rsa', { bits: 2048 }],
  ['rsa', { bits: 2048, format: 'PEM' }],
  ['rsa', { bits: 2048, format: 'PKCS8' }],
])('a %s key signs what ssh-keygen signs with it, byte for byte %j', async (type, options) => {
  const { file, text } = await keyOf(type, options);
  const signer = sshSigner(text);
  expect(signer.sign(PAYLOAD)).toBe(await signedBySshKeygen(file));
  expect((await execute('ssh-keygen', ['-l', '-f', file])).stdout).toContain(signer.keyId);
});

test('a key in PKCS #8, as openssl writes it, is the same key', async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const plain = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const locked = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open' }).toString();
  const signer = sshSigner(plain);
  expect(sshSigner(locked, 'open').sign(PAYLOAD)).toBe(signer.sign(PAYLOAD));
  const allowed = [{ principals: 'ada', keyId: signer.keyId, namespaces: undefined, afterMs: undefined, beforeMs: undefined }];
  const at = { nowMs: 0, validityMs: 0 };
  expect(verifySsh(PAYLOAD, signer.sign(PAYLOAD), { allowed, revoked: new Set() }, at)).toMatchObject({ good: true });
  expect(() => createPrivateKey(locked)).toThrow(); // so the passphrase is what opened it
});

test('a passphrase opens a key of OpenSSH; a wrong one, or none, does not, and nothing of either is told', async () => {
  const { text } = await keyOf('ed25519', { passphrase: 'a secret word' });
  expect(sshSigner(text, 'a secret word').sign(PAYLOAD)).toMatch(/^-----BEGIN SSH SIGNATURE-----\n/);
  for (const passphrase of [undefined, 'another word'])
    expect(() => sshSigner(text, passphrase)).toThrow(/^it is no private key .* its passphrase does not open it$/);
});

test('keys that sign differently each time, are too weak, or are none are refused', async () => {
  const pem = (key: ReturnType<typeof createPrivateKey>): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
  for (const { text } of [await keyOf('ecdsa'), await keyOf('ecdsa', { format: 'PEM' })])
    expect(() => sshSigner(text)).toThrow(/ECDSA .* use Ed25519 or RSA/);
  expect(() => sshSigner(pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey))).toThrow(/2048 bits/);
  expect(() => sshSigner(pem(generateKeyPairSync('ed448').privateKey))).toThrow(/not supported/);
  const { text } = await keyOf('ed25519');
  for (const none of ['', 'x', text.slice(0, 120), text.replace('b3BlbnNza', 'AAAAAAAAA')])
    expect(() => sshSigner(none)).toThrow(SshFormatError);
});

test('a signature in a commit is read back, and what it covers is the commit without it', () => {
  const lines = fc.array(fc.stringMatching(/^[ -~]{0,40}$/), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(lines, fc.string(), (signature, message) => {
      const head = 'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\n';
      const commit = Buffer.from(`${head}${message}`);
      const armored = ['-----BEGIN SSH SIGNATURE-----', ...signature, '-----END SSH SIGNATURE-----'].join('\n');
      const { payload, signature: read } = parseCommit(withSignature(commit, armored));
      expect({ payload: Buffer.from(payload), read }).toEqual({ payload: commit, read: armored });
    }),
  );
});
