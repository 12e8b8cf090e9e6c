import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTrusted, keysOfHost } from './known-hosts.ts';
import { sshKeyPair } from './serve-ssh.ts';

const pair = sshKeyPair();
const [, base64 = ''] = pair.public.split(' ');
const blob = Buffer.from(base64, 'base64');
const trusts = (file: string, host: string, port = 22): boolean => isTrusted(keysOfHost(file, host, port), blob);

test.each([
  [`git.example.com ${pair.public}`, 'git.example.com', 22, true],
  [`git.example.com ${pair.public}`, 'GIT.example.com', 22, true],
  [`git.example.com ${pair.public}`, 'git.example.com', 2222, false],
  [`[git.example.com]:2222 ${pair.public}`, 'git.example.com', 2222, true],
  [`*.example.com ${pair.public}`, 'git.example.com', 22, true],
  [`*.example.com,!git.example.com ${pair.public}`, 'git.example.com', 22, false],
  [`git?.example.com,10.0.0.1 ${pair.public} a comment`, '10.0.0.1', 22, true],
  [`# git.example.com ${pair.public}`, 'git.example.com', 22, false],
  [`@cert-authority * ${pair.public}`, 'git.example.com', 22, false],
  [`* ssh-rsa ${base64}`, 'git.example.com', 22, false],
  [`git.example.com`, 'git.example.com', 22, false],
])('%s for %s port %i: %s', (file, host, port, expected) => {
  expect(trusts(file, host, port)).toBe(expected);
});

test('a key that is revoked anywhere is not trusted, wherever the line stands', () => {
  const good = `git.example.com ${pair.public}`;
  expect(trusts(`${good}\n@revoked * ${pair.public}`, 'git.example.com')).toBe(false);
  expect(trusts(`@revoked git.example.com ${pair.public}\n${good}`, 'git.example.com')).toBe(false);
});

test('names that ssh-keygen hashed are found', () => {
  // `ssh-keygen -H` of OpenSSH 9.2: git.example.com, [git.example.com]:2222
  const names = [
    '|1|gUH5E3NEuuFIhxhBu4tuyARbj2k=|kDGj81DByEOqseYIZMXiECE2ZrU=',
    '|1|cH7yPCsM5RWnM3B5HpMfxDao17w=|56a3LNePhaStJaq/JhV1xrq52uw=',
  ];
  const hashed = names.map((name) => `${name} ${pair.public}\n`).join('');
  expect(trusts(hashed, 'git.example.com')).toBe(true);
  expect(trusts(hashed, 'git.example.com', 2222)).toBe(true);
  expect(trusts(hashed, 'other.example.com')).toBe(false);
});

test('whatever the file holds, no host is trusted by it that it does not name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (file) => {
      expect(trusts(file, 'git.example.com')).toBe(false);
    }),
  );
  const started = performance.now();
  expect(trusts(`${'*a'.repeat(2000)}b ${pair.public}`, 'a'.repeat(250))).toBe(false);
  expect(performance.now() - started).toBeLessThan(1000);
});
