// SSH signatures: OpenSSH's PROTOCOL.sshsig, as `git commit -S` with `gpg.format=ssh` makes them.
import { createHash, verify } from 'node:crypto';
import { type AllowedSigner, matchesNamespace, type SshKeys } from './allowed-signers.ts';
import { parseSshKey, SshFormatError, type SshKey, SshReader, sshFingerprint, unsigned, wireString } from './ssh-wire.ts';
import { bad, type JudgedAt, type Verdict } from './verdict.ts';

export const SSHSIG_MAGIC = 'SSHSIG';
export const SSHSIG_VERSION = 1;
const ARMOR = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\s*$/;
/** What git signs under; a signature for another purpose is not one for a commit. */
export const GIT_NAMESPACE = 'git';
const MAX_ARMOR = 32 * 1024;

export interface SshSignature {
  readonly publicKey: Buffer;
  readonly namespace: string;
  readonly hash: 'sha256' | 'sha512';
  readonly signature: Buffer;
  /** What comes before the hash of the message in the bytes that are signed. */
  readonly preamble: Buffer;
}

/** @param names namespace, reserved and the name of the hash */
export function preambleOf(...names: readonly [Buffer | string, Buffer | string, Buffer | string]): Buffer {
  return Buffer.concat([Buffer.from(SSHSIG_MAGIC), ...names.map(wireString)]);
}

/** The bytes that are signed for a message. */
export function signedBytes({ preamble, hash }: Pick<SshSignature, 'preamble' | 'hash'>, payload: Uint8Array): Buffer {
  return Buffer.concat([preamble, wireString(createHash(hash).update(payload).digest())]);
}

/** @throws SshFormatError */
export function parseSshSignature(armored: string): SshSignature {
  const body = armored.length > MAX_ARMOR ? undefined : ARMOR.exec(armored)?.[1];
  if (body === undefined) throw new SshFormatError('its armour is damaged');
  const reader = new SshReader(Buffer.from(body, 'base64'));
  if (reader.take(SSHSIG_MAGIC.length).toString('latin1') !== SSHSIG_MAGIC)
    throw new SshFormatError('it does not begin with SSHSIG');
  const version = reader.uint32();
  if (version !== SSHSIG_VERSION) throw new SshFormatError(`its version is ${version}, not ${SSHSIG_VERSION}`);
  const publicKey = reader.string();
  const namespace = reader.string();
  const reserved = reader.string();
  const hashName = reader.string();
  const signature = reader.string();
  reader.end();
  const hash = hashName.toString('latin1');
  if (hash !== 'sha256' && hash !== 'sha512') throw new SshFormatError('its hash is neither sha256 nor sha512');
  const preamble = preambleOf(namespace, reserved, hashName);
  return { publicKey, namespace: namespace.toString('latin1'), hash, signature, preamble };
}

export function verifySsh(
  payload: Uint8Array,
  armored: string,
  { allowed, revoked }: SshKeys,
  { validityMs }: JudgedAt,
): Verdict {
  try {
    const parsed = parseSshSignature(armored);
    const { publicKey, namespace, signature } = parsed;
    if (namespace !== GIT_NAMESPACE)
      return bad('SignatureInvalid', `the SSH signature is for another purpose than ${GIT_NAMESPACE}`);
    if (!verifies(parseSshKey(publicKey), signedBytes(parsed, payload), signature))
      return bad('SignatureInvalid', 'the SSH signature does not fit');
    const keyId = sshFingerprint(publicKey);
    if (revoked.has(keyId)) return bad('SignerRevoked', `the SSH key ${keyId} is revoked`);
    return judge(
      keyId,
      allowed.filter((signer) => signer.keyId === keyId),
      validityMs,
    );
  } catch (error) {
    if (error instanceof SshFormatError) return bad('SignatureInvalid', `the SSH signature is malformed: ${error.message}`);
    throw error;
  }
}

/** One key may stand in several lines; one that holds now is enough. */
function judge(keyId: string, lines: readonly AllowedSigner[], nowMs: number): Verdict {
  const forGit = lines.filter((line) => matchesNamespace(line, GIT_NAMESPACE));
  if (forGit.length === 0)
    return bad(
      'SignerUnknown',
      `the SSH key ${keyId} is ${lines.length === 0 ? 'not' : 'not for git'} among the allowed signers`,
    );
  const valid = forGit.find(
    ({ afterMs, beforeMs }) => (afterMs ?? nowMs) <= nowMs && nowMs < (beforeMs ?? Number.POSITIVE_INFINITY),
  );
  if (valid !== undefined) return { good: true, signer: valid.principals, keyId };
  return bad('SignerExpired', `the SSH key ${keyId} of ${forGit[0]?.principals} is outside of its time of validity`);
}

function verifies(key: SshKey, signed: Buffer, blob: Buffer): boolean {
  const reader = new SshReader(blob);
  const name = reader.text();
  const signature = reader.string();
  switch (key.type) {
    case 'ed25519':
      reader.end();
      return name === 'ssh-ed25519' && verify(null, signed, key.key, signature);
    case 'rsa': {
      reader.end();
      const hash = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }[name]; // `ssh-rsa` would be SHA-1
      return hash !== undefined && verify(hash, signed, key.key, signature);
    }
    case 'ecdsa':
      reader.end();
      return (
        name === key.name && verify(key.hash, signed, { key: key.key, dsaEncoding: 'ieee-p1363' }, pair(signature, key.size))
      );
    case 'sk-ed25519':
    case 'sk-ecdsa': {
      // A security key signs a statement of its own about the message: PROTOCOL.u2f.
      const counted = reader.take(5);
      reader.end();
      const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
      const statement = Buffer.concat([sha256(key.application), counted, sha256(signed)]);
      if (key.type === 'sk-ed25519') return name === 'sk-ssh-ed25519@openssh.com' && verify(null, statement, key.key, signature);
      const encoded = { key: key.key, dsaEncoding: 'ieee-p1363' } as const;
      return name === 'sk-ecdsa-sha2-nistp256@openssh.com' && verify('sha256', statement, encoded, pair(signature, 32));
    }
  }
}

/** Two mpints to two numbers of a fixed size. */
function pair(signature: Buffer, size: number): Buffer {
  const reader = new SshReader(signature);
  const numbers = [unsigned(reader.string()), unsigned(reader.string())];
  reader.end();
  if (numbers.some((number) => number.length > size)) throw new SshFormatError('a number in it is too large');
  return Buffer.concat(numbers.map((number) => Buffer.concat([Buffer.alloc(size - number.length), number])));
}
