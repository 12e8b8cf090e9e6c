// SSH's wire format (RFC 4251, 5), public keys in it (RFC 4253, 8709, 5656; OpenSSH PROTOCOL.u2f), as node:crypto keys.
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';

export class SshFormatError extends Error {
  override readonly name = 'SshFormatError';
}

/** Reads strings and numbers; a length is judged before it is believed. */
export class SshReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  take(length: number): Buffer {
    if (length > this.#bytes.length - this.#offset) throw new SshFormatError('it ends too early');
    const taken = this.#bytes.subarray(this.#offset, this.#offset + length);
    this.#offset += length;
    return taken;
  }

  uint32(): number {
    return this.take(4).readUInt32BE(0);
  }

  string(): Buffer {
    return this.take(this.uint32());
  }

  text(): string {
    return this.string().toString('latin1');
  }

  end(): void {
    if (this.#offset !== this.#bytes.length) throw new SshFormatError('bytes are left over at its end');
  }
}

/** A string: its length, then its bytes. */
export function wireString(bytes: Uint8Array | string): Buffer {
  const content = Buffer.from(bytes);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}

/** An mpint that is not negative: a first bit that is set would make it so. */
export function wireNumber(bytes: Buffer): Buffer {
  const number = unsigned(wireOfSign(bytes));
  return wireString((number[0] ?? 0) >= 0x80 ? wireOfSign(number) : number);
}

const wireOfSign = (bytes: Buffer): Buffer => Buffer.concat([Buffer.alloc(1), bytes]);

const CURVES: Readonly<Record<string, { readonly crv: string; readonly bytes: number; readonly hash: string }>> = {
  nistp256: { crv: 'P-256', bytes: 32, hash: 'sha256' },
  nistp384: { crv: 'P-384', bytes: 48, hash: 'sha384' },
  nistp521: { crv: 'P-521', bytes: 66, hash: 'sha512' },
};
/** NIST SP 800-131A. */
const MIN_RSA_BITS = 2048;

export type SshKey =
  | { readonly type: 'ed25519' | 'rsa'; readonly key: KeyObject }
  | { readonly type: 'ecdsa'; readonly key: KeyObject; readonly name: string; readonly size: number; readonly hash: string }
  | { readonly type: 'sk-ed25519' | 'sk-ecdsa'; readonly key: KeyObject; readonly application: Buffer };

/** @throws SshFormatError for what is no key, no whole key, too weak, or a certificate */
export function parseSshKey(blob: Uint8Array): SshKey {
  const reader = new SshReader(blob);
  const name = reader.text();
  const parsed = keyNamed(name, reader);
  reader.end();
  return parsed;
}

function keyNamed(name: string, reader: SshReader): SshKey {
  switch (name) {
    case 'ssh-ed25519':
      return { type: 'ed25519', key: ed25519(reader.string()) };
    case 'sk-ssh-ed25519@openssh.com': {
      const key = ed25519(reader.string());
      return { type: 'sk-ed25519', key, application: reader.string() };
    }
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521': {
      const { key, bytes, hash } = ecdsa(name.slice('ecdsa-sha2-'.length), reader);
      return { type: 'ecdsa', key, name, size: bytes, hash };
    }
    case 'sk-ecdsa-sha2-nistp256@openssh.com': {
      const { key } = ecdsa('nistp256', reader);
      return { type: 'sk-ecdsa', key, application: reader.string() };
    }
    case 'ssh-rsa': {
      const e = unsigned(reader.string());
      const n = unsigned(reader.string());
      if (n.length * 8 < MIN_RSA_BITS) throw new SshFormatError(`an RSA key needs ${MIN_RSA_BITS} bits`);
      return { type: 'rsa', key: fromJwk({ kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') }) };
    }
    default:
      throw new SshFormatError(
        name.includes('-cert-')
          ? 'it is a certificate; certificate authorities are not supported'
          : 'keys of its type are not supported',
      );
  }
}

function ed25519(point: Buffer): KeyObject {
  if (point.length !== 32) throw new SshFormatError('an Ed25519 key has 32 bytes');
  return fromJwk({ kty: 'OKP', crv: 'Ed25519', x: point.toString('base64url') });
}

function ecdsa(curve: string, reader: SshReader): { readonly key: KeyObject; readonly bytes: number; readonly hash: string } {
  const known = CURVES[curve];
  if (known === undefined || reader.text() !== curve) throw new SshFormatError('its curve is not the one of its type');
  const point = reader.string();
  const { crv, bytes, hash } = known;
  if (point.length !== 1 + 2 * bytes || point[0] !== 4)
    throw new SshFormatError('its point is no uncompressed point of its curve');
  const x = point.subarray(1, 1 + bytes).toString('base64url');
  const y = point.subarray(1 + bytes).toString('base64url');
  return { key: fromJwk({ kty: 'EC', crv, x, y }), bytes, hash };
}

function fromJwk(jwk: Record<string, string>): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    throw new SshFormatError('its numbers are no key');
  }
}

/** An mpint (RFC 4251, 5) that is not negative, without leading zeros. */
export function unsigned(mpint: Buffer): Buffer {
  if (mpint.length > 0 && (mpint[0] ?? 0) >= 0x80) throw new SshFormatError('a number in it is negative');
  let start = 0;
  while (start < mpint.length && mpint[start] === 0) start += 1;
  return mpint.subarray(start);
}

/** `SHA256:...` without padding, as `ssh-keygen -l` prints it. */
export function sshFingerprint(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}
