// PGP signatures with OpenPGP.js. The checks are made one by one, so that an unknown, an expired and a revoked key are told apart.
import {
  createMessage,
  type Key,
  type PublicKey,
  readKeys,
  readSignature,
  revokeKey,
  type SignaturePacket,
  type Subkey,
  verify,
} from 'openpgp';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { bad, type JudgedAt, type Verdict } from './verdict.ts';

const BLOCK = /^-----BEGIN PGP [A-Z ]+-----$[\s\S]*?^-----END PGP [A-Z ]+-----$/gm;
const MAX_ARMOR = 64 * 1024;
/** A commit that was made just now by a clock that is ahead is not from the future. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** Public keys and revocation certificates, armoured, any number in a text. @throws SignatureKeysInvalid with the file */
export async function readPgpKeys(files: ReadonlyMap<string, string>): Promise<readonly Key[]> {
  const keys = new Map<string, Key>();
  const revocations: { readonly file: string; readonly block: string }[] = [];
  for (const [file, text] of files) {
    const blocks = text.replaceAll('\r\n', '\n').match(BLOCK) ?? [];
    if (blocks.length === 0) invalid(file, 'there is no armoured public key in it');
    for (const block of blocks) {
      if (!block.startsWith('-----BEGIN PGP PUBLIC KEY BLOCK-----')) invalid(file, 'it holds something else than public keys');
      const found = await keysIn(block);
      if (found === undefined) revocations.push({ file, block });
      // The same key twice is one key: what the second adds (a revocation, a later expiry) is added.
      for (const key of found ?? []) {
        const known = keys.get(key.getFingerprint());
        keys.set(key.getFingerprint(), known === undefined ? key : await known.update(key as PublicKey));
      }
    }
  }
  for (const { file, block } of revocations) {
    const revoked = await Promise.all([...keys.values()].map((key) => revokedWith(key, block)));
    const key = revoked.find((each) => each !== undefined);
    if (key === undefined) invalid(file, 'it is neither a public key nor the revocation of one that is here');
    else keys.set(key.getFingerprint(), key);
  }
  return [...keys.values()];
}

/** `undefined` where the block has no key in it: it may be a revocation certificate. */
async function keysIn(block: string): Promise<readonly Key[] | undefined> {
  try {
    const keys = await readKeys({ armoredKeys: block });
    return keys.length === 0 ? undefined : keys;
  } catch {
    return undefined;
  }
}

async function revokedWith(key: Key, revocationCertificate: string): Promise<Key | undefined> {
  try {
    return (await revokeKey({ key: key as PublicKey, revocationCertificate, format: 'object' })).publicKey;
  } catch {
    return undefined; // of another key
  }
}

export async function verifyPgp(payload: Uint8Array, armored: string, keys: readonly Key[], at: JudgedAt): Promise<Verdict> {
  try {
    return await judge(payload, armored, keys, at);
  } catch (error) {
    // OpenPGP.js reads damaged packets half and trips over them later (a signature without an issuer, for one).
    const reason = error instanceof Error ? error.message : 'unknown';
    return bad('SignatureInvalid', `the PGP signature cannot be judged: ${reason}`);
  }
}

async function judge(payload: Uint8Array, armored: string, keys: readonly Key[], at: JudgedAt): Promise<Verdict> {
  const packet = await onlyPacket(armored);
  if (typeof packet === 'string') return bad('SignatureInvalid', packet);
  const keyId = packet.issuerKeyID.toHex().toUpperCase();
  const key = keys.find((each) => keyOf(each, packet) !== undefined);
  const signing = key === undefined ? undefined : keyOf(key, packet);
  if (key === undefined || signing === undefined) return bad('SignerUnknown', `the PGP key ${keyId} is not among the given keys`);
  const owner = key.getUserIDs()[0] ?? keyId;
  if (await isRevoked(key, signing, at)) return bad('SignerRevoked', `the PGP key ${keyId} of ${owner} is revoked`);
  const expires = await expiryOf(key, signing, at);
  if (expires <= at.validityMs) {
    const since = new Date(expires).toISOString();
    return bad('SignerExpired', `the PGP key ${keyId} of ${owner} expired at ${since}`);
  }
  const problem = await problemOf(payload, armored, key, at);
  if (problem !== undefined) return bad('SignatureInvalid', `the PGP signature of key ${keyId} does not hold: ${problem}`);
  return { good: true, signer: owner, keyId: signing.getFingerprint().toUpperCase() };
}

/** Git takes exactly one signature: with more, it would be unclear whose word counts. */
async function onlyPacket(armored: string): Promise<SignaturePacket | string> {
  if (armored.length > MAX_ARMOR) return 'the PGP signature is too long';
  try {
    const { packets } = await readSignature({ armoredSignature: armored });
    const [packet] = packets;
    if (packet === undefined || packets.length !== 1) return `there are ${packets.length} PGP signatures, not one`;
    return packet;
  } catch {
    return 'the PGP signature is malformed';
  }
}

/** By the fingerprint where the signature has it: two keys may share a key id. */
function keyOf(key: Key, packet: SignaturePacket): Key | Subkey | undefined {
  const fingerprint = packet.issuerFingerprint === null ? undefined : Buffer.from(packet.issuerFingerprint).toString('hex');
  return key.getKeys(packet.issuerKeyID).find((each) => fingerprint === undefined || each.getFingerprint() === fingerprint);
}

async function isRevoked(key: Key, signing: Key | Subkey, { nowMs }: JudgedAt): Promise<boolean> {
  const now = new Date(nowMs);
  if (await key.isRevoked(undefined, undefined, now)) return true;
  if (!('bindingSignatures' in signing)) return false;
  for (const binding of signing.bindingSignatures) if (await signing.isRevoked(binding, key.keyPacket, now)) return true;
  return false;
}

/** Whichever ends first: the primary key, or the subkey that signed. Milliseconds; infinite for a key that does not expire. */
async function expiryOf(key: Key, signing: Key | Subkey, { nowMs }: JudgedAt): Promise<number> {
  const ofSubkey = 'bindingSignatures' in signing ? signing.getExpirationTime(new Date(nowMs)) : null;
  const ends = await Promise.all([key.getExpirationTime(), ofSubkey]);
  // `null` is a key without a self-signature that holds: the check of the signature itself refuses it.
  return Math.min(...ends.map((end) => (end === null ? Number.POSITIVE_INFINITY : Number(end))));
}

async function problemOf(payload: Uint8Array, armored: string, key: Key, at: JudgedAt): Promise<string | undefined> {
  try {
    const [message, signature] = await Promise.all([
      createMessage({ binary: payload }),
      readSignature({ armoredSignature: armored }),
    ]);
    const result = await verify({
      message,
      signature,
      verificationKeys: key as PublicKey,
      date: new Date(at.nowMs + CLOCK_SKEW_MS),
      format: 'binary',
      // A key whose expiry was moved has a self-signature later than older commits; that it holds now is checked above.
      config: { allowInsecureVerificationWithReformattedKeys: true },
    });
    await result.signatures[0]?.verified;
    return result.signatures.length === 1 ? undefined : 'it is not exactly one';
  } catch (error) {
    return error instanceof Error ? error.message : 'unknown';
  }
}

function invalid(file: string, message: string): never {
  throw new StreamSpaceError('SignatureKeysInvalid', message, { position: { file } });
}
