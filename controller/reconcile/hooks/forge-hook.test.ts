import { createHmac } from 'node:crypto';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { KubeClient } from '../../../runtime/kube/types.ts';
import { createForgeHook, HOOK_LIMITS } from './forge-hook.ts';
import { createGitHook, PER_ADDRESS } from './git-hook.ts';
import { HookInbox } from './hook-inbox.ts';

const log = pino({ level: 'silent' });
const SECRET = 'very secret';
const URL_OF_SYNC = 'https://git.example.com/desktops.git';
const sign = (body: string, secret = SECRET): string => createHmac('sha256', secret).update(body).digest('hex');

interface Hooks extends AsyncDisposable {
  readonly woken: string[];
  post(path: string, body: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  readonly port: number;
}

async function served(random = 0): Promise<Hooks> {
  const objects: Record<string, object> = {
    'gitsyncs web/sync': { spec: { url: URL_OF_SYNC, webhookSecretRef: { name: 'hook' } } },
    'gitsyncs web/closed': { spec: { url: URL_OF_SYNC } },
    'gitsyncs web/empty': { spec: { url: URL_OF_SYNC, webhookSecretRef: { name: 'empty' } } },
    'secrets web/hook': { data: { secret: Buffer.from(`${SECRET}\n`).toString('base64') } },
    'secrets web/empty': { data: {} },
  };
  const find = async (resource: { readonly plural: string }, namespace: string | undefined, name: string) =>
    objects[`${resource.plural} ${namespace}/${name}`];
  const woken: string[] = [];
  const router = createForgeHook({
    client: { find: find as KubeClient['find'] },
    inbox: new HookInbox({ look: ({ namespace, name }) => void woken.push(`${namespace}/${name}`), log }),
    random: () => random,
  });
  const server = createServer(express().use(router));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    woken,
    port,
    post: async (path, body, headers = {}) =>
      await fetch(`http://127.0.0.1:${port}/hooks/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const BODY = JSON.stringify({ ref: 'refs/heads/main', after: 'f'.repeat(40) });

test.each([
  ['github', { 'x-hub-signature-256': `sha256=${sign(BODY)}` }],
  ['gitea', { 'x-gitea-signature': sign(BODY) }],
  ['gitlab', { 'x-gitlab-token': SECRET }],
  ['generic', { 'x-signature': `sha256=${sign(BODY)}` }],
])('S-098 a hook of %s with a good signature is a hint, and nothing more', async (forge, headers: Record<string, string>) => {
  await using hooks = await served();
  const response = await hooks.post(`${forge}/web/sync`, BODY, headers);
  expect(response.status).toBe(202);
  await expect.poll(() => hooks.woken).toEqual(['web/sync']);
});

test('S-098 no signature, a wrong one, a secret that is not there and a GitSync that is not there get one and the same 401', async () => {
  await using hooks = await served();
  const good = { 'x-hub-signature-256': `sha256=${sign(BODY)}` };
  const refused = await Promise.all([
    hooks.post('github/web/sync', BODY),
    hooks.post('github/web/sync', BODY, { 'x-hub-signature-256': `sha256=${sign(BODY, 'guessed')}` }),
    hooks.post('github/web/sync', `${BODY} `, good),
    hooks.post('gitea/web/sync', BODY, good),
    hooks.post('gitlab/web/empty', BODY, { 'x-gitlab-token': '' }),
    hooks.post('generic/web/empty', BODY, { 'x-signature': `sha256=${sign(BODY, '')}` }),
    hooks.post('github/web/closed', BODY, good),
    hooks.post('github/web/nowhere', BODY, good),
    hooks.post('github/web%2F..%2Fx/sync', BODY, good),
    hooks.post('gogs/web/sync', BODY, good),
  ]);
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([401]));
  expect(new Set(await Promise.all(refused.map((response) => response.text()))).size).toBe(1);
  expect(hooks.woken).toEqual([]);
});

test('S-098 a body over 1 MB is answered with 413 from its declared length, before a byte of it is read', async () => {
  await using hooks = await served();
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': String(HOOK_LIMITS.bodyBytes + 1) };
    const sent = request({ port: hooks.port, host: '127.0.0.1', method: 'POST', path: '/hooks/github/web/sync', headers });
    sent.on('error', reject).on('response', (response) => {
      resolve(response.statusCode);
      sent.destroy();
    });
    sent.flushHeaders();
  });
  expect(status).toBe(413);
});

test('S-098 another content type is 415, a compressed body too', async () => {
  await using hooks = await served();
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await hooks.post('github/web/sync', 'payload=%7B%7D', form)).status).toBe(415);
  expect((await hooks.post('github/web/sync', BODY, { 'content-encoding': 'gzip' })).status).toBe(415);
});

test('S-098 a delivery that is repeated is answered with 202 and wakes nobody', async () => {
  await using hooks = await served();
  const headers = { 'x-hub-signature-256': `sha256=${sign(BODY)}`, 'x-github-delivery': 'one' };
  expect(await (await hooks.post('github/web/sync', BODY, headers)).json()).toEqual({ outcome: 'noted' });
  await expect.poll(() => hooks.woken.length).toBe(1);
  const again = await hooks.post('github/web/sync', BODY, headers);
  expect([again.status, await again.json()]).toEqual([202, { outcome: 'repeated' }]);
  const other = { ...headers, 'x-github-delivery': 'two' };
  expect(await (await hooks.post('github/web/sync', BODY, other)).json()).toEqual({ outcome: 'noted' });
  await expect.poll(() => hooks.woken.length).toBe(2);
});

test('S-098 a delivery that was refused because there were too many is no repetition when it comes again', async () => {
  await using hooks = await served();
  const headers = { 'x-hub-signature-256': `sha256=${sign(BODY)}` };
  const deliver = async (id: string) => await hooks.post('github/web/sync', BODY, { ...headers, 'x-github-delivery': id });
  for (let at = 0; at < HOOK_LIMITS.perGitSync.points; at += 1) expect((await deliver(`first ${at}`)).status).toBe(202);
  expect((await deliver('late')).status).toBe(429);
  expect((await deliver('late')).status).toBe(429);
  expect(await (await deliver('first 0')).json()).toEqual({ outcome: 'repeated' });
});

test('S-098 a flood with the secret is one look and then 429; one without it does not use up what the forge has', async () => {
  await using hooks = await served(0.2);
  const headers = { 'x-gitlab-token': SECRET };
  for (let at = 0; at < 30; at += 1) expect((await hooks.post('gitlab/web/sync', BODY)).status).toBe(401);
  const statuses: number[] = [];
  for (let at = 0; at < HOOK_LIMITS.perGitSync.points + 2; at += 1)
    statuses.push((await hooks.post('gitlab/web/sync', BODY, headers)).status);
  expect(statuses.filter((status) => status === 202)).toHaveLength(HOOK_LIMITS.perGitSync.points);
  expect(statuses.at(-1)).toBe(429);
  await expect.poll(() => hooks.woken.length).toBeGreaterThan(0);
  expect(hooks.woken.length).toBeLessThan(10);
});

test('S-098 the hook without a secret is braked too: every call may be a question to a Git server', async () => {
  const inbox = new HookInbox({ look: () => undefined, log });
  const router = createGitHook({ revisions: { hint: () => undefined }, gitSyncs: () => [], inbox });
  const server = createServer(express().use(router));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const post = async () =>
    await fetch(`http://127.0.0.1:${port}/hooks/git`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ url: URL_OF_SYNC }),
    });
  try {
    const statuses: number[] = [];
    for (let at = 0; at <= PER_ADDRESS.points; at += 1) statuses.push((await post()).status);
    expect(new Set(statuses.slice(0, -1))).toEqual(new Set([202]));
    expect(statuses.at(-1)).toBe(429);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test('S-098 an address that floods is answered with 429 before its body is read', async () => {
  await using hooks = await served();
  let last: Response | undefined;
  for (let at = 0; at <= HOOK_LIMITS.perAddress.points; at += 1) last = await hooks.post('github/web/sync', BODY);
  expect(last?.status).toBe(429);
  expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
});
