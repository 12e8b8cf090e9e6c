// Secrets that have to be read again, such as refresh tokens, sealed for the database with a key that is not in it.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** First byte of what is sealed, so that another way of sealing can be told apart one day. */
const VERSION = 1;

/** @returns undefined for what is no key: 32 bytes in base64 (RFC 4648, 4) */
export function parseSealKey(text: string): Buffer | undefined {
  const key = Buffer.from(text.trim(), 'base64');
  return key.length === KEY_BYTES && key.toString('base64') === text.trim() ? key : undefined;
}

export class Seal {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  /** AES-256-GCM. @param owner whose it is: it opens for nobody else, even when rows are swapped */
  close(secret: string, owner: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(owner));
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.from([VERSION]), nonce, cipher.getAuthTag(), sealed]);
  }

  /** @returns undefined where it was changed, is somebody else's, or was sealed with another key */
  open(sealed: Buffer, owner: string): string | undefined {
    const head = 1 + NONCE_BYTES + TAG_BYTES;
    if (sealed.length < head || sealed[0] !== VERSION) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(1, 1 + NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(Buffer.from(owner))
      .setAuthTag(sealed.subarray(1 + NONCE_BYTES, head));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(head)), decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }
}
