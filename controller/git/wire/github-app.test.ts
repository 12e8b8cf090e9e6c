import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type GitHubAppOptions, GitHubAppTokens } from './github-app.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const signal = new AbortController().signal;
const dispatcher = new Agent();
const server = http.createServer((req, res) => {
  asked.push({ path: req.url ?? '', jwt: (req.headers.authorization ?? '').replace('Bearer ', '') });
  const { status, body } = answer;
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});
const asked: { path: string; jwt: string }[] = [];
let answer: { status: number; body: object };
let app: GitHubAppOptions;
let now = Date.parse('2026-01-01T00:00:00Z');

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v3/`;
  app = { appId: '123', installationId: '456', privateKey: pem, apiUrl };
});
afterAll(async () => {
  await dispatcher.close();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  asked.length = 0;
  answer = { status: 201, body: { token: 'ghs_one', expires_at: new Date(now + 3_600_000).toISOString() } };
});

test('a token is asked for with a JWT of the App, kept, and renewed before its end', async () => {
  const tokens = new GitHubAppTokens(() => now);
  expect(await tokens.token(app, dispatcher, signal)).toBe('ghs_one');
  expect(await tokens.token(app, dispatcher, signal)).toBe('ghs_one');
  expect(asked).toHaveLength(1);
  const [{ path, jwt } = { path: '', jwt: '' }] = asked;
  expect(path).toBe('/api/v3/app/installations/456/access_tokens');
  const [head = '', body = '', signature = ''] = jwt.split('.');
  expect(JSON.parse(Buffer.from(body, 'base64url').toString())).toEqual({
    iss: '123',
    iat: now / 1000 - 60,
    exp: now / 1000 + 540,
  });
  expect(
    verify('RSA-SHA256', Buffer.from(`${head}.${body}`), createPublicKey(privateKey), Buffer.from(signature, 'base64url')),
  ).toBe(true);
  now += 51 * 60_000;
  answer = { status: 201, body: { token: 'ghs_two', expires_at: new Date(now + 3_600_000).toISOString() } };
  expect(await tokens.token(app, dispatcher, signal)).toBe('ghs_two');
});

test('another key for the same installation gets no token of somebody else, also while one is being asked for', async () => {
  const tokens = new GitHubAppTokens(() => now);
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs1', format: 'pem' })
    .toString();
  await Promise.all([tokens.token(app, dispatcher, signal), tokens.token({ ...app, privateKey: other }, dispatcher, signal)]);
  expect(asked).toHaveLength(2);
});

test('S-019 a refusal, an answer that is none and a key that is none are errors without a secret in them', async () => {
  const tokens = new GitHubAppTokens(() => now);
  answer = { status: 401, body: { message: 'Bad credentials' } };
  await expect(tokens.token(app, dispatcher, signal)).rejects.toMatchObject({ code: 'GitAuthFailed', facts: { status: 401 } });
  answer = { status: 201, body: { nothing: true } };
  await expect(tokens.token(app, dispatcher, signal)).rejects.toMatchObject({ code: 'GitAuthFailed' });
  answer = { status: 502, body: {} };
  await expect(tokens.token(app, dispatcher, signal)).rejects.toMatchObject({ code: 'GitUnreachable' });
  const bad = { ...app, privateKey: 'secret but no key' };
  const error = await tokens.token(bad, dispatcher, signal).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'GitAuthFailed' });
  expect(`${error}${JSON.stringify(error)}`).not.toContain('secret but');
});
