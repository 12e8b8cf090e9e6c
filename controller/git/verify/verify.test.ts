// Commits and tags that git, ssh-keygen and gpg signed: fixtures/capture.sh says how.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { keyringOf } from './keyring.ts';
import { parseCommit, parseTag } from './signed-object.ts';
import { parseSshSignature } from './ssh-signature.ts';
import { parseSshKey, SshFormatError } from './ssh-wire.ts';
import type { JudgedAt, Verdict } from './verdict.ts';
import { verifySignature } from './verify.ts';

const FOLDER = new URL('fixtures/', import.meta.url);
const files = new Map<string, Buffer>();
for (const name of await readdir(FOLDER)) files.set(name, await readFile(new URL(name, FOLDER)));
const bytes = (name: string): Buffer => files.get(name) ?? Buffer.alloc(0);
const text = (name: string): string => bytes(name).toString();

const judgedAt = (day: string): JudgedAt => ({ nowMs: Date.parse(day), validityMs: Date.parse(day) });
const IN_TIME = judgedAt('2025-06-10');
const LATER = judgedAt('2025-08-01');

/** @param data as it stands in a Secret; a value that is the name of a fixture is that fixture */
async function judge(object: string | Uint8Array, data: Readonly<Record<string, string>>, at = IN_TIME): Promise<Verdict> {
  const keyring = await keyringOf(
    new Map(Object.entries(data).map(([key, value]) => [key, files.has(value) ? text(value) : value])),
  );
  const content = typeof object === 'string' ? bytes(object) : object;
  return await verifySignature(
    content.subarray(0, 6).toString() === 'object' ? parseTag(content) : parseCommit(content),
    keyring,
    at,
  );
}
const allowed = (name: string, options = ''): { readonly allowed_signers: string } => ({
  allowed_signers: `# people\n\nada@example.com ${options} ${text(`ssh-${name}.pub`)}`,
});

test.each(['ed25519', 'rsa', 'ecdsa256', 'ecdsa384', 'ecdsa521'])(
  'an SSH signature of a key %s is good, and tells whose it is',
  async (name) => {
    const verdict = await judge(`ssh-${name}.commit`, allowed(name));
    expect(verdict).toEqual({ good: true, signer: 'ada@example.com', keyId: expect.stringMatching(/^SHA256:[\w+/]{43}$/) });
  },
);

test.each(['rsa', 'ed', 'sub'])('a PGP signature of a key %s is good, and tells whose it is', async (name) => {
  const verdict = await judge(`pgp-${name}.commit`, { 'keys.asc': `pgp-${name}.asc` });
  expect(verdict).toMatchObject({ good: true, signer: expect.stringMatching(new RegExp(`<${name}@example.com>`)) });
});

test('a key that was made to last longer still vouches for older commits, on a later day', async () => {
  expect(await judge('pgp-renewed.commit', { 'keys.asc': 'pgp-renewed.asc' }, LATER)).toMatchObject({ good: true });
  expect(await judge('pgp-renewed.commit', { 'keys.asc': 'pgp-renewed.asc' }, IN_TIME)).toMatchObject({ good: false });
});

test('tags are good by SSH and by PGP', async () => {
  expect(await judge('ssh.tag', allowed('ed25519'))).toMatchObject({ good: true });
  expect(await judge('pgp.tag', { 'k.asc': 'pgp-ed.asc' })).toMatchObject({ good: true });
  expect(parseTag(bytes('ssh.tag'))).toMatchObject({ name: 'ssh-tag', targetType: 'commit' });
});

test('S-016 what is not signed is told as such', async () => {
  for (const each of ['unsigned.commit', 'unsigned.tag'])
    expect(await judge(each, allowed('rsa'))).toMatchObject({ code: 'SignatureMissing' });
});

test.each([
  ['SignerUnknown', 'ssh-ed25519.commit', () => allowed('rsa')],
  ['SignerUnknown', 'ssh-ed25519.commit', () => allowed('ed25519', 'namespaces="file,!git"')],
  ['SignerExpired', 'ssh-ed25519.commit', () => allowed('ed25519', 'valid-before="20250610Z"')],
  ['SignerExpired', 'ssh-ed25519.commit', () => allowed('ed25519', 'namespaces="git",valid-after="202506100001"')],
  ['SignerRevoked', 'ssh-ed25519.commit', () => ({ ...allowed('ed25519'), revoked_keys: 'ssh-ed25519.pub' })],
  ['SignerUnknown', 'pgp-ed.commit', () => ({ 'a.asc': 'pgp-rsa.asc' })],
  ['SignerUnknown', 'pgp-ed.commit', () => allowed('ed25519')],
  ['SignerRevoked', 'pgp-revoked.commit', () => ({ 'a.asc': 'pgp-revoked.asc', 'b.asc': 'pgp-revoked.revocation.asc' })],
] as const)('S-017 %s is the verdict on %s', async (code, object, data) => {
  expect(await judge(object, data())).toMatchObject({ good: false, code });
});

test('S-017 a PGP key that has expired is told as such, from that moment on', async () => {
  const keys = { 'a.asc': 'pgp-expired.asc' };
  expect(await judge('pgp-expired.commit', keys)).toMatchObject({ good: true });
  expect(await judge('pgp-expired.commit', keys, LATER)).toMatchObject({ code: 'SignerExpired' });
  const kept = { nowMs: LATER.nowMs, validityMs: IN_TIME.nowMs };
  expect(await judge('pgp-expired.commit', keys, kept)).toMatchObject({ good: true });
});

test('a revocation in front of its key, or merged into it, counts', async () => {
  const both = { 'a.asc': `${text('pgp-revoked.revocation.asc')}\n${text('pgp-revoked.asc')}` };
  expect(await judge('pgp-revoked.commit', both)).toMatchObject({ code: 'SignerRevoked' });
  expect(await judge('pgp-revoked.commit', { 'a.asc': 'pgp-revoked.asc' })).toMatchObject({ good: true });
});

test.each(['ssh-ed25519.commit', 'ssh-ecdsa521.commit', 'pgp-ed.commit', 'pgp-rsa.commit', 'ssh.tag', 'pgp.tag'])(
  '%s with any byte changed is never good, unless the change is not signed over',
  async (name) => {
    const whole = bytes(name);
    const data = { ...allowed(name.includes('521') ? 'ecdsa521' : 'ed25519'), 'a.asc': 'pgp-ed.asc', 'b.asc': 'pgp-rsa.asc' };
    const { payload } = name.endsWith('.tag') ? parseTag(whole) : parseCommit(whole);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (index, change) => {
        const changed = Buffer.from(whole);
        changed[index] = (changed[index] ?? 0) ^ change;
        let verdict: Verdict;
        try {
          verdict = await judge(changed, data);
        } catch (error) {
          expect(error).toBeInstanceOf(StreamSpaceError);
          return;
        }
        // Armour has room for nothing of meaning: blanks, comments, the last bits of base64.
        if (verdict.good) expect((name.endsWith('.tag') ? parseTag : parseCommit)(changed).payload).toEqual(payload);
      }),
      { numRuns: 60 },
    );
  },
);

test('the parsers end with our own error or a value, whatever they are given', () => {
  const attempt = (work: () => unknown): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof SshFormatError)) expect(error).toMatchObject({ code: 'SignatureInvalid' });
    }
  };
  const bits = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...files.values()));
  fc.assert(
    fc.property(bits, fc.nat(2000), fc.uint8Array({ maxLength: 8 }), (some, cut, more) => {
      const input = Buffer.concat([some.subarray(0, cut), more, some.subarray(cut)]);
      for (const parse of [parseCommit, parseTag, parseSshKey]) attempt(() => parse(input));
      attempt(() => parseSshSignature(`-----BEGIN SSH SIGNATURE-----\n${input.toString('base64')}\n-----END SSH SIGNATURE-----`));
    }),
  );
});

test('two signatures, or one for another purpose, are not good', async () => {
  const [header = '', ...rest] = text('ssh-ed25519.commit').split('\ngpgsig ');
  await expect(
    judge(Buffer.from(`${header}\ngpgsig x\ngpgsig ${rest.join('\ngpgsig ')}`), allowed('ed25519')),
  ).rejects.toMatchObject({
    code: 'SignatureInvalid',
  });
  const other = text('ssh-ed25519.commit').replace(/gpgsig .*\n( .*\n)+/, 'gpgsig -----BEGIN SIGNED MESSAGE-----\n x\n');
  expect(await judge(Buffer.from(other), allowed('ed25519'))).toMatchObject({ code: 'SignatureInvalid' });
});

/** What an authenticator does: OpenSSH's PROTOCOL.u2f. */
test('a signature of a security key is good', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const string = (part: Buffer | string): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    return Buffer.concat([length, Buffer.from(part)]);
  };
  const hash = (name: string, part: Buffer): Buffer => createHash(name).update(part).digest();
  const type = 'sk-ssh-ed25519@openssh.com';
  const blob = Buffer.concat([type, Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'), 'ssh:'].map(string));
  const payload = parseCommit(bytes('unsigned.commit')).payload;
  const names = [string('git'), string(''), string('sha512')];
  const signed = Buffer.concat([Buffer.from('SSHSIG'), ...names, string(hash('sha512', Buffer.from(payload)))]);
  const counted = Buffer.from([1, ...randomBytes(4)]);
  const statement = Buffer.concat([hash('sha256', Buffer.from('ssh:')), counted, hash('sha256', signed)]);
  const signature = Buffer.concat([string(type), string(sign(null, statement, privateKey)), counted]);
  const all = Buffer.concat([Buffer.from('SSHSIG\0\0\0\x01'), string(blob), ...names, string(signature)]);
  const armored = `-----BEGIN SSH SIGNATURE-----\n${all.toString('base64')}\n-----END SSH SIGNATURE-----`;
  const keyring = await keyringOf(new Map([['allowed_signers', `ada ${type} ${blob.toString('base64')}`]]));
  expect(await verifySignature({ payload, signature: armored }, keyring, IN_TIME)).toMatchObject({ good: true, signer: 'ada' });
});

test.each([
  ['allowed_signers', `ada cert-authority ${text('ssh-rsa.pub')}`, /certificate authorities/],
  ['allowed_signers', `a b\nada no-such-option ${text('ssh-rsa.pub')}`, /public key|option/],
  ['allowed_signers', `ada valid-before="soon" ${text('ssh-rsa.pub')}`, /YYYYMMDD/],
  ['allowed_signers', 'ada ssh-ed25519 AAAA', /cannot be used/],
  ['revoked_keys', 'SSHKRL\n\0', /KRL/],
  ['a.asc', 'nothing', /no armoured/],
  ['a.asc', '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nx\n-----END PGP PRIVATE KEY BLOCK-----', /something else/],
  ['a.asc', text('pgp-revoked.revocation.asc'), /neither a public key/],
  ['other', 'x', /there is no key/],
])('a mistake in the key %s is told, with its place (%#)', async (key, value, message) => {
  await expect(keyringOf(new Map([[key, value]]))).rejects.toMatchObject({
    code: 'SignatureKeysInvalid',
    message: expect.stringMatching(message),
  });
});
