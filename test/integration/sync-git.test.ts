// What a push may do to what was there, credentials that come and go, and hooks of a forge: told and survived.
import { createHmac } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { freshWorld, type World } from '../support/world.ts';

const servers = inject('servers');
const configMap = (name: string, value = 'v'): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { k: value } });

async function reason(world: World, type: string, wanted: string, status: string): Promise<string> {
  const found = await world.until(`${type} is ${wanted}`, ({ conditions = [] }) =>
    conditions.some((each) => each.type === type && each.reason === wanted && each.status === status),
  );
  return found.conditions?.find((each) => each.type === type)?.message ?? '';
}

async function events(world: World, name: string): Promise<string> {
  return await world.kubectl(['get', 'events', '--field-selector', `reason=${name}`, '-o', 'jsonpath={.items[*].message}']);
}

async function secret(world: World, name: string, data: Readonly<Record<string, string>>): Promise<void> {
  await world.kubectl(
    ['apply', '-f', '-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: data }),
  );
}

test('S-002 a rewritten branch is refused where the GitSync demands descent; both commits are named and the old one stays', async () => {
  await using world = await freshWorld(servers, { spec: { historyRewrites: 'Refuse' } });
  const { revision = '' } = await world.apply({ 'a.yaml': configMap('a') });
  await world.apply({ 'b.yaml': configMap('b') });
  const { revision: applied = '' } = await world.status();
  await world.repository.git('checkout', '--quiet', '--orphan', 'fresh');
  const rewritten = await world.push({ 'b.yaml': null }, { force: true });
  const message = await reason(world, 'Stalled', 'GitHistoryRewritten', 'True');
  expect(message).toContain(applied);
  expect(message).toContain(rewritten);
  expect(await reason(world, 'Ready', 'GitHistoryRewritten', 'False')).toBe(message);
  expect((await world.status()).revision).toBe(applied);
  expect(await world.read('configmap', 'b')).toBeDefined();
  expect(applied).not.toBe(revision);
  await world.patch({ spec: { historyRewrites: 'Follow' } });
  await world.until('it is followed', (now) => now.revision === rewritten);
  await reason(world, 'Stalled', 'Following', 'False');
  expect(await world.read('configmap', 'b')).toBeUndefined();
  expect(await events(world, 'HistoryRewritten')).toContain(applied);
});

test('S-008 a moved tag is followed with an event that names both commits, or refused', async () => {
  await using world = await freshWorld(servers, { spec: { ref: { tag: 'v1' } } });
  const tag = async (name: string): Promise<void> => {
    await world.repository.git('tag', '--force', name);
    await world.repository.git('push', '--quiet', '--force', world.repository.bare, name);
  };
  const first = await world.push({ 'a.yaml': configMap('a', 'one') });
  await tag('v1');
  await world.sync();
  await world.until('the tag is applied', (now) => now.revision === first);
  const second = await world.push({ 'a.yaml': configMap('a', 'two') });
  await tag('v1');
  await world.sync();
  await world.until('the tag is followed', (now) => now.revision === second);
  await expect.poll(() => events(world, 'TagMoved')).toMatch(new RegExp(`${first}.*${second}`));
  await world.patch({ spec: { movedTags: 'Refuse' } });
  const third = await world.push({ 'a.yaml': configMap('a', 'three') });
  await tag('v1');
  await world.sync();
  expect(await reason(world, 'Stalled', 'GitTagMoved', 'True')).toMatch(new RegExp(`${second}.*${third}`));
  expect(await world.read('configmap', 'a')).toMatchObject({ data: { k: 'two' } });
  await tag('v2');
  await world.patch({ spec: { ref: { tag: 'v2' } } });
  await world.until('another tag is another place', (now) => now.revision === third);
});

test('the highest tag in a range is followed, and the status says which it was', async () => {
  await using world = await freshWorld(servers, { spec: { ref: { semver: '^1.0' }, interval: '2s' } });
  const release = async (name: string): Promise<string> => {
    const sha = await world.push({ 'a.yaml': configMap('a', name) });
    await world.repository.git('tag', '-a', '-m', name, name);
    await world.repository.git('push', '--quiet', world.repository.bare, name);
    return sha;
  };
  await release('v1.2.0');
  const newest = await release('v1.10.0');
  await release('v2.0.0');
  await release('v1.11.0-rc.1');
  const status = await world.until('the range is resolved', (now) => now.revision === newest);
  expect(status.source?.ref).toBe('tag v1.10.0');
  const next = await release('v1.11.0');
  await world.until('the next release is found by the poll', (now) => now.revision === next);
});

test('S-019 credentials that are revoked prune nothing, and a corrected Secret heals it without a restart', async () => {
  await using world = await freshWorld(servers, { spec: { credentialsRef: { name: 'git' }, interval: '2s' } });
  await secret(world, 'git', { username: 'ada', password: 'right' });
  await world.apply({ 'a.yaml': configMap('a') });
  world.server.fault = { status: 401 };
  await reason(world, 'Ready', 'GitAuthFailed', 'False');
  expect(await world.read('configmap', 'a')).toBeDefined();
  const text = JSON.stringify(await world.status()) + (await events(world, 'GitAuthFailed'));
  expect(text).not.toContain('right');
  await secret(world, 'git', { username: 'ada', password: 'newer' });
  world.server.authorizations.length = 0;
  world.server.fault = undefined;
  await reason(world, 'Ready', 'Synced', 'True');
  expect(world.server.authorizations).toContain(`Basic ${Buffer.from('ada:newer').toString('base64')}`);
});

test('S-014 S-015 a Git LFS pointer and a repository with SHA-256 names are named as such, and nothing is planned', async () => {
  await using world = await freshWorld(servers);
  await world.apply({ 'a.yaml': configMap('a') });
  await world.push({ 'big.yaml': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n' });
  expect(await reason(world, 'Ready', 'GitLfsPointer', 'False')).toContain('big.yaml');
  const other = await world.server.repository('sha256', 'sha256');
  await other.push('One');
  const { plan } = await world.status();
  await world.patch({ spec: { url: other.url } });
  expect(await reason(world, 'Ready', 'GitObjectFormat', 'False')).toContain('SHA-256');
  expect((await world.status()).plan).toEqual(plan);
  expect(await world.read('configmap', 'a')).toBeDefined();
});

test('a GitSync whose objects are refused meets the next commit at its next poll, without a hook', async () => {
  await using world = await freshWorld(servers, { spec: { interval: '3s' } });
  await world.apply({ 'a.yaml': configMap('a') });
  await world.push({ 'b.yaml': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b","namespace":"default"}}' });
  await reason(world, 'Ready', 'ApplyForbidden', 'False');
  // Long enough for the backoff of its errors to be longer than the poll.
  const asked = world.server.requests.length;
  await expect.poll(() => world.server.requests.length, { timeout: 90_000 }).toBeGreaterThan(asked + 8);
  await world.repository.git('rm', '--quiet', 'b.yaml');
  const sha = await world.repository.push('Mend');
  await world.until('the next poll finds it', (now) => now.revision === sha, 30_000);
});

test('S-098 a signed hook makes a GitSync look at once, and an unsigned one does not', async () => {
  await using world = await freshWorld(servers, { spec: { webhookSecretRef: { name: 'hook' }, interval: '1h' } });
  await secret(world, 'hook', { secret: 'between us' });
  await world.apply({ 'a.yaml': configMap('a') });
  await world.repository.git('commit', '--quiet', '--allow-empty', '-m', 'Nothing');
  const sha = await world.repository.push('More');
  const body = JSON.stringify({ after: '0'.repeat(40) });
  const post = async (signature: string): Promise<number> => {
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature };
    return (await fetch(`${servers.controller.url}/hooks/github/${world.namespace}/sync`, { method: 'POST', headers, body }))
      .status;
  };
  expect(await post('sha256=00')).toBe(401);
  expect((await world.status()).revision).not.toBe(sha);
  expect(await post(`sha256=${createHmac('sha256', 'between us').update(body).digest('hex')}`)).toBe(202);
  await world.until('the hint is followed, whatever the body says', (now) => now.revision === sha);
});
