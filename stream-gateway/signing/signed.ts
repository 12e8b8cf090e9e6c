// Signatures over JSON, for what must be told from a forgery without us: manifests of recordings, checkpoints of the audit log.
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';

export const signature = z.strictObject({ algorithm: z.literal('Ed25519'), keyId: z.string(), value: z.string() });
export type Signature = z.infer<typeof signature>;

/** The first 16 hexadecimal digits of the SHA-256 of the public key (SPKI, DER). @param key public or private */
export function signingKeyId(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
}

/** Over the canonical JSON of `content`. @param privateKey Ed25519 */
export function signatureOf(content: unknown, privateKey: KeyObject): Signature {
  const value = sign(null, Buffer.from(canonicalJson(content)), privateKey).toString('base64');
  return { algorithm: 'Ed25519', keyId: signingKeyId(privateKey), value };
}

/** @param publicKeys those that are trusted */
export function isSignatureOf(content: unknown, { keyId, value }: Signature, publicKeys: readonly KeyObject[]): boolean {
  const bytes = Buffer.from(canonicalJson(content));
  const made = Buffer.from(value, 'base64');
  return publicKeys.some((key) => signingKeyId(key) === keyId && verify(null, bytes, key, made));
}

/** RFC 8785: keys in the order of their code units, no space, numbers and texts as JavaScript writes them. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  // `toSorted` without a function compares code units, which is the order that is wanted.
  const fields = Object.keys(value).toSorted();
  return `{${fields.map((key) => `${JSON.stringify(key)}:${canonicalJson(Reflect.get(value, key))}`).join(',')}}`;
}
