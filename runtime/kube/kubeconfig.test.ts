import { randomUUID } from 'node:crypto';
import { rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readKubeconfig } from './kubeconfig.ts';
import { kubeconfigFor } from './watch/scripted-server.ts';

async function file(content: string): Promise<string> {
  const path = join(tmpdir(), `streamspace-test-${randomUUID()}`);
  await writeFile(path, content);
  onTestFinished(async () => await rm(path, { force: true }));
  return path;
}

test('the server may stand below a path, as behind a proxy', async () => {
  const target = await readKubeconfig(await file(kubeconfigFor('https://rancher.example/k8s/clusters/c-1/')));
  expect(target).toMatchObject({ origin: 'https://rancher.example', prefix: '/k8s/clusters/c-1' });
});

test('a token file is read again once it changed', async () => {
  let time = 0;
  const token = await file('first\n');
  const target = await readKubeconfig(await file(kubeconfigFor('https://x', { tokenFile: token })), { now: () => time });
  expect(await target.token()).toBe('first');
  await writeFile(token, 'second\n');
  await utimes(token, 1, 1);
  expect(await target.token()).toBe('first');
  time += 6_000;
  expect(await target.token()).toBe('second');
  await rm(token);
  time += 6_000;
  expect(await target.token()).toBe('second');
});

test('a credential plugin is refused unless it is asked for, and then run once until its token expires', async () => {
  let time = Date.parse('2026-01-01T00:00:00Z');
  const script = `echo '{"status":{"token":"'$$-$MARK'","expirationTimestamp":"2026-01-01T01:00:00Z"}}'`;
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'sh',
    args: ['-c', script],
    env: [{ name: 'MARK', value: 'm' }],
  };
  const path = await file(kubeconfigFor('https://x', { exec }));
  await expect(readKubeconfig(path)).rejects.toMatchObject({ code: 'SettingInvalid', message: expect.stringContaining('"sh"') });
  const target = await readKubeconfig(path, { execEnv: { PATH: '/usr/bin:/bin' }, now: () => time });
  const first = await target.token();
  expect(first).toMatch(/^\d+-m$/);
  expect(await target.token()).toBe(first);
  time += 3_600_000;
  expect(await target.token()).not.toBe(first);
});

test.each([
  ['a user to act as', kubeconfigFor('https://x', { as: 'root' }), 'user.as'],
  ['basic authentication', kubeconfigFor('https://x', { username: 'a', password: 'b' }), 'user.username'],
  ['a missing context', '{"current-context":"nowhere"}', '"nowhere"'],
  ['no kubeconfig at all', 'just text', 'expected object'],
])('%s is refused with its name', async (_what, content, word) => {
  const path = await file(content);
  await expect(readKubeconfig(path)).rejects.toMatchObject({
    code: 'SettingInvalid',
    message: expect.stringMatching(new RegExp(word, 'i')),
  });
});
