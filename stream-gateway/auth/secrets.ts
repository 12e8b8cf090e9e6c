// Random secrets and the only form in which they are stored.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits, 43 characters of base64url. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** A plain hash is enough: what is hashed has 256 random bits, so there is nothing to guess. */
export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Another secret out of one, for a named use; the one cannot be told from the other. */
export function deriveSecret(secret: string, use: string): string {
  return createHmac('sha256', secret).update(use).digest('base64url');
}

/** Takes the same time wherever the texts differ. */
export function sameSecret(left: string, right: string): boolean {
  return timingSafeEqual(sha256(left), sha256(right));
}
