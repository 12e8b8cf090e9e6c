import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Brake, hashPassword, verifyPassword } from './password.ts';
import { DEMO_PEOPLE, loadPeople } from './people.ts';

let stateDir = '';
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'streamspace-people-'));
});
afterEach(() => rm(stateDir, { recursive: true }));

test('passwords are made once, kept, and for the owner of the folder alone', async () => {
  const first = await loadPeople(stateDir);
  expect(new Set([...first.people.map(({ password }) => password), first.syncPassword, first.changesPassword]).size).toBe(7);
  expect(await loadPeople(stateDir)).toEqual(first);
  expect((await stat(join(stateDir, 'secrets/passwords.json'))).mode & 0o777).toBe(0o600);
});

test('two installations have different passwords', async () => {
  const other = await loadPeople(join(stateDir, 'other'));
  expect(other.people[0]?.password).not.toBe((await loadPeople(stateDir)).people[0]?.password);
});

test('a person who is new in a later version gets a password, the others keep theirs', async () => {
  await mkdir(join(stateDir, 'secrets'));
  await writeFile(join(stateDir, 'secrets/passwords.json'), JSON.stringify({ admin: 'chosen-by-hand' }));
  const { people } = await loadPeople(stateDir);
  expect(people.find(({ name }) => name === 'admin')?.password).toBe('chosen-by-hand');
  expect(Object.keys(JSON.parse(await readFile(join(stateDir, 'secrets/passwords.json'), 'utf8')))).toHaveLength(7);
});

test('a broken file of passwords is named, not replaced', async () => {
  await mkdir(join(stateDir, 'secrets'));
  await writeFile(join(stateDir, 'secrets/passwords.json'), '{');
  await expect(loadPeople(stateDir)).rejects.toMatchObject({
    code: 'SettingInvalid',
    message: expect.stringContaining('passwords.json'),
  });
});

test('admin and lead push, the others read', () => {
  expect(DEMO_PEOPLE.filter(({ mayPush }) => mayPush).map(({ name }) => name)).toEqual(['admin', 'lead']);
});

test('a hash admits its password only, and no password for an unknown name', async () => {
  const hashed = await hashPassword('correct horse');
  expect(hashed).not.toContain('correct');
  expect(await verifyPassword('correct horse', hashed)).toBe(true);
  expect(await verifyPassword('correct horse ', hashed)).toBe(false);
  expect(await verifyPassword('', undefined)).toBe(false);
  expect(await verifyPassword('', ':')).toBe(false);
});

test('P-01-12 five wrong passwords are free, then each makes the next wait longer, up to 30 s, for that name only', () => {
  let now = 1_000_000;
  const brake = new Brake(() => now);
  const waits: number[] = [];
  for (let index = 0; index < 11; index += 1) {
    brake.failed('lead');
    waits.push(brake.waitMs('lead'));
  }
  expect(waits).toEqual([0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  expect(brake.waitMs('member')).toBe(0);
  now += 30_000;
  expect(brake.waitMs('lead')).toBe(0);
});

test('a right password and a quiet quarter of an hour forget the wrong ones', () => {
  let now = 1_000_000;
  const brake = new Brake(() => now);
  for (let index = 0; index < 6; index += 1) brake.failed('lead');
  brake.succeeded('lead');
  expect(brake.waitMs('lead')).toBe(0);
  for (let index = 0; index < 6; index += 1) brake.failed('lead');
  now += 16 * 60_000;
  brake.failed('lead');
  expect(brake.waitMs('lead')).toBe(0);
});
