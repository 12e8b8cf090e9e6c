import { expect, test } from 'vitest';
import { parseAccount } from './account.ts';
import { privately, seenAt } from './private-mount.ts';
import { chooseVersion } from './programs.ts';

test('a new data folder gets the newest PostgreSQL, by number and not by letter', () => {
  expect(chooseVersion(['9', '15', '17', 'common'], undefined)).toBe('17');
  expect(chooseVersion([], undefined)).toBeUndefined();
});

test('a data folder that is there gets the version that wrote it, or none', () => {
  expect(chooseVersion(['15', '17'], '15')).toBe('15');
  expect(chooseVersion(['17'], '15')).toBeUndefined();
});

test('the account is found by its whole name', () => {
  const passwd =
    'root:x:0:0:root:/root:/bin/bash\npostgres-old:x:9:9::/:/bin/sh\npostgres:x:115:123:,,,:/var/lib/postgresql:/bin/bash\n';
  expect(parseAccount(passwd, 'postgres')).toEqual({ name: 'postgres', uid: 115, gid: 123 });
  expect(parseAccount(passwd, 'post')).toBeUndefined();
});

test('without an account the command and the folder stay as they are', () => {
  expect(privately(undefined, '/data', ['postgres', '-D', '/data'])).toEqual(['postgres', '-D', '/data']);
  expect(seenAt(undefined, '/data')).toBe('/data');
});

test('with an account it gives up root and sees the folder where that account may go', () => {
  const account = { name: 'postgres', uid: 115, gid: 123 };
  const command = privately(account, '/root/data', ['postgres', '-D', seenAt(account, '/root/data')]);
  expect(command).toContain('--reuid=115');
  expect(command).toContain('--clear-groups');
  expect(command.slice(-3)).toEqual(['postgres', '-D', '/var/lib/postgresql']);
});
