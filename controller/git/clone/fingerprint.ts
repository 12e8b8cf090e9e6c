// Names a secret setting without keeping it.
import { createHash } from 'node:crypto';

/** Tells two settings apart without keeping either. */
export function fingerprint(value: object): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
