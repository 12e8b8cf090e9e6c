// Recovery codes: 80 random bits each, in the letters of Crockford's base 32, which look like no other.
import { randomInt } from 'node:crypto';
import { sha256 } from '../secrets.ts';

const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 16;
const COUNT = 10;

/** `abcd-efgh-jkmn-pqrs`, ten of them. */
export function newRecoveryCodes(): readonly string[] {
  return Array.from({ length: COUNT }, () => {
    const letters = Array.from({ length: LENGTH }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('');
    return letters.replace(/(.{4})(?=.)/g, '$1-');
  });
}

/** A plain hash is enough for 80 random bits; with the person in it, so that it finds a code of nobody else. */
export function recoveryHash(person: string, typed: string): Buffer {
  const letters = typed.toLowerCase().replace(/[\s-]/g, '').replace(/o/g, '0').replace(/[il]/g, '1');
  return sha256(`recovery code of ${person}: ${letters}`);
}
