// The break-glass account: one named identity for when the identity provider is away. What is known of it stands in a file beside
// the gateway, with an argon2id hash (RFC 9106) in place of the password.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hash, verify } from '@node-rs/argon2';
import * as z from 'zod';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { BREAK_GLASS_PREFIX } from '../../../schemas/names.ts';
import { validSubjectName } from '../identity.ts';

const subjectName = z.string().refine(validSubjectName, 'names have 1 to 128 characters without colon and white space');

const breakGlassFile = z.object({
  name: subjectName,
  /** Of the directory, as the identity provider would name them: RBAC gives them their rights. */
  groups: z.array(subjectName).max(20),
  hash: z.string().regex(/^\$argon2id\$/),
  createdAt: z.iso.datetime(),
});
export type BreakGlassFile = z.infer<typeof breakGlassFile>;

/** RFC 9106, 4, second recommended option: about a tenth of a second, and 64 MiB while it lasts. */
const COST = { memoryCost: 64 * 1024, timeCost: 3, parallelism: 4 };
/** 200 random bits in groups that can be read from paper and typed. */
const PASSWORD_BYTES = 25;
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

/** @returns the password, which stands nowhere else */
export async function createBreakGlass(wish: {
  readonly name: string;
  readonly groups: readonly string[];
  readonly now: Date;
}): Promise<{ readonly password: string; readonly file: BreakGlassFile }> {
  const bits = [...randomBytes(PASSWORD_BYTES)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const letters = (bits.match(/.{5}/g) ?? []).map((five) => LETTERS[Number.parseInt(five, 2)] ?? '').join('');
  const password = (letters.match(/.{5}/g) ?? []).join('-');
  const file = { name: wish.name, groups: [...wish.groups], hash: await hash(password, COST), createdAt: wish.now.toISOString() };
  const parsed = breakGlassFile.safeParse(file);
  if (!parsed.success) throw new StreamSpaceError('UsageInvalid', z.prettifyError(parsed.error));
  return { password, file: parsed.data };
}

/** Read at each use, so that another password needs no restart. @throws StreamSpaceError `SettingInvalid` */
export async function readBreakGlass(path: string): Promise<BreakGlassFile> {
  try {
    return breakGlassFile.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new StreamSpaceError(
      'SettingInvalid',
      `${path} (break-glass-file) is missing or no file of streamspace break-glass create`,
      {
        cause,
      },
    );
  }
}

export async function isBreakGlassPassword(file: BreakGlassFile, password: string): Promise<boolean> {
  return await verify(file.hash, password);
}

/** No identity provider can give a name with a colon. */
export function breakGlassName({ name }: Pick<BreakGlassFile, 'name'>): string {
  return `${BREAK_GLASS_PREFIX}${name}`;
}
