// The people of the local demonstration: one for every role, with passwords of their own in every installation.
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { AUDITORS_GROUP, PLATFORM_ADMINS_GROUP } from '../../schemas/names.ts';
import { readFileIfThere, writeFileAtomically } from '../state/files.ts';

export interface DemoPerson {
  readonly name: string;
  readonly displayName: string;
  /** As `local.json` says it. */
  readonly role: 'platform admin' | 'team admin' | 'member' | 'viewer' | 'auditor';
  /** Groups of the directory; a role in a team comes from the Team in Git instead. */
  readonly groups: readonly string[];
  /** Everybody reads the configuration repository; these also push to it. */
  readonly mayPush: boolean;
}

export const DEMO_PEOPLE: readonly DemoPerson[] = [
  { name: 'admin', displayName: 'Ada Admin', role: 'platform admin', groups: [PLATFORM_ADMINS_GROUP], mayPush: true },
  { name: 'lead', displayName: 'Lee Lead', role: 'team admin', groups: [], mayPush: true },
  { name: 'member', displayName: 'Mia Member', role: 'member', groups: [], mayPush: false },
  { name: 'viewer', displayName: 'Vic Viewer', role: 'viewer', groups: [], mayPush: false },
  { name: 'auditor', displayName: 'Ann Auditor', role: 'auditor', groups: [AUDITORS_GROUP], mayPush: false },
];

/** The machine user of the Git server: it reads, for the controller. Nobody signs in with it. */
export const SYNC_USER = 'sync';
/** Another one, which pushes what change requests bring: reading and writing are two rights. */
export const CHANGES_USER = 'changes';

export interface LocalPerson extends DemoPerson {
  readonly password: string;
}

export interface LocalPeople {
  readonly people: readonly LocalPerson[];
  readonly syncPassword: string;
  readonly changesPassword: string;
}

const passwordsFile = z.record(z.string(), z.string().min(8));

/** 20 characters, 100 bits; of letters and digits that cannot be mistaken for one another. */
export function makePassword(): string {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789A';
  return [...randomBytes(20)].map((byte) => alphabet.charAt(byte % 32)).join('');
}

/**
 * Reads `secrets/passwords.json` of the state folder (0600) and adds what is missing to it.
 * @throws StreamSpaceError `SettingInvalid` when somebody has broken the file
 */
export async function loadPeople(stateDir: string): Promise<LocalPeople> {
  const path = join(stateDir, 'secrets', 'passwords.json');
  const text = await readFileIfThere(path);
  const kept = text === undefined ? {} : parsePasswords(path, text);
  const names = [...DEMO_PEOPLE.map(({ name }) => name), SYNC_USER, CHANGES_USER];
  const passwords = Object.fromEntries(names.map((name) => [name, kept[name] ?? makePassword()]));
  if (names.some((name) => kept[name] === undefined)) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFileAtomically(path, `${JSON.stringify({ ...kept, ...passwords }, null, 2)}\n`);
  }
  return {
    people: DEMO_PEOPLE.map((person) => ({ ...person, password: passwords[person.name] ?? '' })),
    syncPassword: passwords[SYNC_USER] ?? '',
    changesPassword: passwords[CHANGES_USER] ?? '',
  };
}

function parsePasswords(path: string, text: string): Readonly<Record<string, string>> {
  try {
    return passwordsFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new StreamSpaceError('SettingInvalid', `${path} is not an object of passwords; delete it to have new ones made`, {
      cause,
    });
  }
}
