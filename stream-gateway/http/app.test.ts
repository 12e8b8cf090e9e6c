// The whole of HTTP on port 0, without database and cluster: what a request meets before and after the API.
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Router } from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '../../runtime/log/log.ts';
import { createRegistry } from '../../runtime/metrics/metrics.ts';
import { ERRORS, StreamSpaceError } from '../../schemas/errors.ts';
import { apiRouter } from './api-router.ts';
import { createApp } from './app.ts';
import { createHttpMetrics } from './http-metrics.ts';
import { pageRouter } from './page.ts';
import { errorRoutes } from './routes/errors.ts';
import { bareHeaders } from './security-headers.ts';
import { createHttpServer } from './server.ts';

const PUBLIC_URL = 'https://desktops.example.com';
const INDEX = '<!doctype html><meta property="csp-nonce" nonce="{{style-nonce}}"><title>the page</title>';
const SECRET = 'beside the page, not in it';
const html = { accept: 'text/html' };

interface Got {
  readonly status: number;
  readonly body: string;
  readonly header: (name: string) => string | undefined;
}

let port = 0;
let end: () => Promise<void>;

/** The path goes out as it stands: fetch would tidy it up. */
async function get(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Got> {
  const call = request({ host: '127.0.0.1', port, path, headers, method, agent: false }).end();
  const [response] = await once(call, 'response');
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += String(chunk);
  return { status: response.statusCode, body, header: (name) => response.headers[name] };
}

const nonceOf = (got: Got): string =>
  /style-src 'self' 'nonce-([\w-]+)'/.exec(got.header('content-security-policy') ?? '')?.[1] ?? 'no nonce';

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-page-'));
  await mkdir(join(folder, 'dist/assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), SECRET);
  await writeFile(join(folder, 'dist/index.html'), INDEX);
  await writeFile(join(folder, 'dist/favicon.svg'), '<svg/>');
  await writeFile(join(folder, 'dist/assets/index-Ab12.js'), 'export {};');
  const log = createLogger({ name: 'test', level: 'silent' });
  const app = createApp({
    headers: { publicUrl: PUBLIC_URL, issuers: () => ['https://id.example.com/realm'] },
    guards: [],
    health: Router().get('/metrics', (_req, res) => void res.send('numbers 1')),
    auth: Router().get('/refused', () => {
      throw new StreamSpaceError('NotFound', 'it is <not> so');
    }),
    api: apiRouter({
      routes: errorRoutes(),
      authenticate: async () => undefined,
      audit: async () => undefined,
      waiting: async () => undefined,
      stepUp: async () => undefined,
      limitWrites: async () => undefined,
    }),
    page: pageRouter(join(folder, 'dist')),
    log,
    duration: createHttpMetrics(createRegistry('gateway'), { watchedLists: () => 0 }).duration,
    trustedProxies: [],
  });
  const server = createHttpServer(app, PUBLIC_URL).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  port = address.port;
  end = async () => {
    server.close();
    await once(server, 'close');
    await rm(folder, { recursive: true });
  };
});
afterAll(() => end());

describe('the page', () => {
  test('a hashed file may be kept for ever', async () => {
    const got = await get('/assets/index-Ab12.js');
    expect([got.status, got.body]).toEqual([200, 'export {};']);
    expect(got.header('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(got.header('content-type')).toMatch(/^text\/javascript/);
    expect(got.header('x-content-type-options')).toBe('nosniff');
  });

  test.each(['/', '/catalog', '/namespaces/team-web/sessions/one', '/index.html'])(
    '%s gives index.html, which nobody keeps',
    async (path) => {
      const got = await get(path, html);
      expect([got.status, got.body]).toEqual([200, INDEX.replace('{{style-nonce}}', nonceOf(got))]);
      expect([got.header('cache-control'), got.header('etag'), got.header('last-modified')]).toEqual([
        'no-store',
        undefined,
        undefined,
      ]);
    },
  );

  test('a file beside index.html is itself', async () => {
    expect((await get('/favicon.svg')).body).toBe('<svg/>');
  });

  test.each(['/assets/index-Gone.js', '/assets/', '/assets'])('%s is not found, even for a browser', async (path) => {
    const got = await get(path, html);
    expect(got.status).toBe(404);
    expect(JSON.parse(got.body)).toMatchObject({ code: 'NotFound' });
    expect(got.header('cache-control')).toBe('no-store');
  });

  test('a program that asks for something else than a page is told that there is nothing', async () => {
    const got = await get('/nowhere', { accept: 'application/json' });
    expect([got.status, JSON.parse(got.body).code]).toEqual([404, 'NotFound']);
  });

  test.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/..%5csecret.txt',
    '/assets/%00/../../secret.txt',
  ])('%s does not leave the folder of the page', async (path) => {
    for (const headers of [html, {}]) expect((await get(path, headers)).body).not.toContain(SECRET);
  });

  test('the page loads nothing from elsewhere, and stands in no frame', async () => {
    const policy = (await get('/', html)).header('content-security-policy') ?? '';
    const directives = new Map(policy.split(';').map((part) => [part.trim().split(' ')[0], part.trim().split(' ').slice(1)]));
    expect(directives.get('default-src')).toEqual(["'none'"]);
    expect(directives.get('script-src')).toEqual(["'self'"]);
    expect(directives.get('style-src')).toEqual(["'self'", expect.stringMatching(/^'nonce-[\w-]{22}'$/)]);
    expect([...directives.keys()]).not.toContain('style-src-attr');
    expect(directives.get('connect-src')).toEqual(["'self'", 'wss://desktops.example.com']);
    expect(directives.get('frame-ancestors')).toEqual(["'none'"]);
    expect(directives.get('form-action')).toEqual(["'self'", 'https://id.example.com']);
  });
});

describe('a problem', () => {
  test('links to what its code means, and the link works without signing in', async () => {
    const problem = JSON.parse((await get('/api/v1/nowhere')).body) as { readonly type: string };
    expect(problem.type).toBe(`${PUBLIC_URL}/api/v1/errors/NotFound`);
    const got = await get(new URL(problem.type).pathname);
    expect(got.status).toBe(200);
    expect(JSON.parse(got.body)).toEqual({ code: 'NotFound', status: 404, ...ERRORS.NotFound });
  });

  test.each(['TRACE', 'DELETE', 'OPTIONS'])('%s where it does not belong is told what does', async (method) => {
    const answer = await get('/api/v1/errors', {}, method);
    expect([answer.status, answer.header('allow')]).toEqual([405, 'GET, HEAD']);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'MethodNotAllowed' });
    expect((await get('/api/v1/nothing', {}, method)).status).toBe(404);
  });

  test('every code is listed, with the status that it is answered with', async () => {
    const { items } = JSON.parse((await get('/api/v1/errors')).body) as {
      readonly items: readonly { readonly code: string; readonly status: number }[];
    };
    expect(items.map(({ code }) => code)).toEqual(Object.keys(ERRORS).sort());
    expect(items.find(({ code }) => code === 'RequestTooLarge')?.status).toBe(413);
  });

  test.each(['Nothing', 'toString', '__proto__', 'notfound'])('%s is no code', async (code) => {
    expect((await get(`/api/v1/errors/${code}`)).status).toBe(404);
  });
});

describe('what a browser obeys', () => {
  test.each([
    ['the page', '/', html, 'GET', 200],
    ['a script', '/assets/index-Ab12.js', {}, 'GET', 200],
    ['a file that is not there', '/assets/gone.js', {}, 'GET', 404],
    ['an answer of the API', '/api/v1/errors', {}, 'GET', 200],
    ['a route that is not there', '/api/v1/nowhere', {}, 'GET', 404],
    ['a method that is not there', '/api/v1/errors', {}, 'DELETE', 405],
    ['an address that cannot be read', '/%zz', {}, 'GET', 400],
    ['the numbers', '/metrics', {}, 'GET', 200],
    ['the numbers behind a proxy', '/metrics', { forwarded: 'for=10.0.0.1' }, 'GET', 404],
  ] as const)('%s has all headers', async (_what, path, headers, method, status) => {
    const got = await get(path, headers, method);
    expect(got.status).toBe(status);
    expect(got.header('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(got.header('strict-transport-security')).toBe('max-age=31536000; includeSubDomains');
    expect(got.header('x-content-type-options')).toBe('nosniff');
    expect(got.header('referrer-policy')).toBe('same-origin');
    expect(got.header('cross-origin-opener-policy')).toBe('same-origin');
    expect(got.header('cross-origin-resource-policy')).toBe('same-origin');
    expect(got.header('access-control-allow-origin')).toBeUndefined();
    expect(got.header('x-powered-by')).toBeUndefined();
  });

  test('scripts stand in files, objects and other bases nowhere', async () => {
    const policy = (await get('/', html)).header('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("object-src 'none'");
    expect(policy).toContain("base-uri 'none'");
    expect(policy).not.toContain('unsafe-');
  });

  test('a style in the page needs the nonce of its own answer', async () => {
    const answers = [await get('/', html), await get('/', html), await get('/catalog', html), await get('/auth/refused', html)];
    expect(new Set(answers.map(nonceOf)).size).toBe(4);
    for (const answer of answers) {
      expect(answer.body).toContain(`nonce="${nonceOf(answer)}"`);
      expect(answer.header('cache-control')).toBe('no-store');
    }
  });

  test('what was in the cache of a browser is answered anew, with another nonce', async () => {
    const got = await get('/', { ...html, 'if-none-match': '*', 'if-modified-since': new Date().toUTCString() });
    expect([got.status, got.body]).toEqual([200, INDEX.replace('{{style-nonce}}', nonceOf(got))]);
  });

  test('the page of an error has its style in an element with the nonce, and none in attributes', async () => {
    const got = await get('/auth/refused', html);
    expect(got.body).toContain('it is &#60;not&#62; so');
    expect(got.body).not.toMatch(/\sstyle=/);
  });

  test.each(['/assets/index-Ab12.js', '/favicon.svg', '/api/v1/errors'])('%s is no page and has no nonce', async (path) => {
    const policy = (await get(path)).header('content-security-policy');
    expect(policy).toContain("style-src 'self';");
    expect(policy).not.toMatch(/nonce|unsafe/);
  });

  test('what is refused before there is a response has them too', async () => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\nNo header\r\n\r\n'));
    let text = '';
    for await (const chunk of socket.setEncoding('utf8')) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    for (const [name, value] of Object.entries(bareHeaders(PUBLIC_URL))) expect(text).toContain(`${name}: ${value}`);
  });
});

test('the numbers are not for whoever comes through a proxy', async () => {
  expect((await get('/metrics')).body).toBe('numbers 1');
  for (const headers of [{ 'x-forwarded-for': '10.0.0.1' }, { forwarded: 'for=10.0.0.1' }])
    expect((await get('/metrics', headers)).status).toBe(404);
});
