// Signs commits with an SSH key (OpenSSH's PROTOCOL.sshsig), as `git commit -S` with `gpg.format=ssh` does: the same commit by the
// same key has the same signature, so that a commit that is made twice is one.
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import ssh2 from 'ssh2';
import { GIT_NAMESPACE, preambleOf, SSHSIG_MAGIC, SSHSIG_VERSION, signedBytes } from '../verify/ssh-signature.ts';
import { parseSshKey, SshFormatError, sshFingerprint, wireNumber, wireString } from '../verify/ssh-wire.ts';

export interface CommitSigner {
  /** `SHA256:...` of the public key. */
  readonly keyId: string;
  /** Armoured, without a newline at its end. */
  readonly sign: (payload: Uint8Array) => string;
}

const HASH = 'sha512';
/** As ssh-keygen breaks lines. */
const LINE = /.{1,70}/g;

/**
 * @param privateKey OpenSSH or PEM, Ed25519 or RSA
 * @throws SshFormatError with words that hold nothing of the key
 */
export function sshSigner(privateKey: string, passphrase?: string): CommitSigner {
  const key = readKey(privateKey, passphrase);
  const { blob, signatureName, digest } = formatsOf(key);
  parseSshKey(blob); // what nobody would take as a good signature is not made: an RSA key that is too short
  const preamble = preambleOf(GIT_NAMESPACE, '', HASH);
  const version = Buffer.alloc(4);
  version.writeUInt32BE(SSHSIG_VERSION);
  const head = Buffer.concat([
    Buffer.from(SSHSIG_MAGIC),
    version,
    ...[blob, Buffer.from(GIT_NAMESPACE), Buffer.alloc(0), Buffer.from(HASH)].map(wireString),
  ]);
  return {
    keyId: sshFingerprint(blob),
    sign: (payload) => {
      const signature = sign(digest, signedBytes({ preamble, hash: HASH }, payload), key);
      const bytes = Buffer.concat([head, wireString(Buffer.concat([wireString(signatureName), wireString(signature)]))]);
      const lines = bytes.toString('base64').match(LINE) ?? [];
      return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----'].join('\n');
    },
  };
}

function readKey(text: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: pemOf(text, passphrase), format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    // Its own words may quote what it was given.
    throw new SshFormatError('it is no private key in OpenSSH or PEM format, or its passphrase does not open it');
  }
}

/** OpenSSH's own format is none that node:crypto reads. */
function pemOf(text: string, passphrase: string | undefined): string {
  if (!text.includes('BEGIN OPENSSH PRIVATE KEY')) return text;
  const parsed = ssh2.utils.parseKey(text, passphrase);
  if (parsed instanceof Error) throw parsed;
  return parsed.getPrivatePEM();
}

interface Formats {
  /** The public key (RFC 4253, 6.6; RFC 8709, 4). */
  readonly blob: Buffer;
  readonly signatureName: string;
  readonly digest: 'sha512' | null;
}

function formatsOf(key: KeyObject): Formats {
  const part = (name: 'x' | 'e' | 'n'): Buffer =>
    Buffer.from(createPublicKey(key).export({ format: 'jwk' })[name] ?? '', 'base64url');
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return {
        blob: Buffer.concat([wireString('ssh-ed25519'), wireString(part('x'))]),
        signatureName: 'ssh-ed25519',
        digest: null,
      };
    case 'rsa':
      return {
        blob: Buffer.concat([wireString('ssh-rsa'), wireNumber(part('e')), wireNumber(part('n'))]),
        signatureName: 'rsa-sha2-512',
        digest: 'sha512',
      };
    case 'ec':
      throw new SshFormatError('an ECDSA key signs the same commit differently each time: use Ed25519 or RSA');
    default:
      throw new SshFormatError('keys of its type are not supported: use Ed25519 or RSA');
  }
}
