// The key of one recording, wrapped by the key of the policy: AES-256-GCM with the recording's id bound to it.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { StreamSpaceError } from '../../../schemas/errors.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;

/** As it stands in a manifest. */
export interface WrappedKey {
  readonly algorithm: 'AES-256-GCM';
  /** Of the wrapping key: the first 16 hexadecimal digits of the SHA-256 of `streamspace key ` and its bytes. */
  readonly keyId: string;
  /** Nonce, key, tag; base64. */
  readonly wrapped: string;
}

/** Names a key without telling it: 32 random bytes cannot be found from their hash. */
export function keyIdOf(key: Buffer): string {
  return createHash('sha256').update('streamspace key ').update(key).digest('hex').slice(0, 16);
}

/** 32 bytes, as they are or in base64. @throws RecordingKeyWrong */
export function parseWrappingKey(bytes: Buffer): Buffer {
  if (bytes.length === KEY_BYTES) return bytes;
  const decoded = Buffer.from(bytes.toString('latin1').trim(), 'base64');
  if (decoded.length === KEY_BYTES) return decoded;
  throw new StreamSpaceError('RecordingKeyWrong', `a key of ${bytes.length} bytes; 32 are needed, as they are or in base64`);
}

export function createDataKey(wrappingKey: Buffer, recordingId: string): { readonly key: Buffer; readonly wrapped: WrappedKey } {
  const key = randomBytes(KEY_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', wrappingKey, nonce);
  cipher.setAAD(Buffer.from(recordingId));
  const wrapped = Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]).toString('base64');
  return { key, wrapped: { algorithm: 'AES-256-GCM', keyId: keyIdOf(wrappingKey), wrapped } };
}

/** @throws RecordingKeyWrong */
export function unwrapDataKey({ keyId, wrapped }: WrappedKey, wrappingKey: Buffer, recordingId: string): Buffer {
  const given = keyIdOf(wrappingKey);
  if (given !== keyId)
    throw new StreamSpaceError('RecordingKeyWrong', `the recording was encrypted with key ${keyId}; ${given} was given`);
  const bytes = Buffer.from(wrapped, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', wrappingKey, bytes.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(recordingId));
    decipher.setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -16)), decipher.final()]);
  } catch (error) {
    throw new StreamSpaceError('RecordingKeyWrong', 'the wrapped key of the recording is not as it was written', {
      cause: error,
    });
  }
}
