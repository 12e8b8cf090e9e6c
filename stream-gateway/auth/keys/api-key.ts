// The text of an API key: `ssk_<id>_<secret>_<checksum>`. The prefix and the checksum let leak scanners find one in a
// text and know it from a look-alike without asking us; they add no safety.
import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Branded } from '../sign-in/branded.ts';

export type ApiKeyId = Branded<string, 'ApiKeyId'>;

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 12;
/** 43 characters of base 62 hold 256 bits. */
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const FORM = new RegExp(`^ssk_([0-9A-Za-z]{${ID_LENGTH}})_([0-9A-Za-z]{${SECRET_LENGTH}})_([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`);

/** Letters and digits only, so that a double click selects the whole key. */
function base62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= 62n) text = (ALPHABET[Number(rest % 62n)] ?? '') + text;
  return text;
}

function random(bytes: number, length: number): string {
  return base62(BigInt(`0x${randomBytes(bytes).toString('hex')}`), length);
}

function checksum(text: string): string {
  return base62(BigInt(crc32(text)), CHECKSUM_LENGTH);
}

export function createApiKeyText(): { readonly id: ApiKeyId; readonly key: string } {
  const id = random(8, ID_LENGTH);
  const body = `ssk_${id}_${random(32, SECRET_LENGTH)}`;
  return { id: id as ApiKeyId, key: `${body}_${checksum(body)}` };
}

/** `undefined` for anything that cannot be a key of ours; whether it is one, the database says. */
export function parseApiKey(text: string): { readonly id: ApiKeyId } | undefined {
  const match = FORM.exec(text);
  const [, id, secret, sum] = match ?? [];
  if (id === undefined || checksum(`ssk_${id}_${secret}`) !== sum) return undefined;
  return { id: id as ApiKeyId };
}

/** What may be shown of a key: enough to find it again in a script. */
export function apiKeyPrefix(id: string): string {
  return `ssk_${id}`;
}
