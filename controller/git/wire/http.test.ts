// Servers that are slow, wrong, elsewhere or private.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GitServer, serveRepositories, type WorkingCopy } from '../serve-repositories.ts';
import { GitSource } from '../source.ts';
import { GitCredentials, parseCredentials } from './credentials.ts';
import { GitTransport } from './http.ts';
import { createAuthority, type Issued, issueCertificate } from './issue-certificate.ts';

const signal = new AbortController().signal;
const MAIN = { branch: 'main' };
let git: GitServer;
let work: WorkingCopy;
let folder: string;
let transport: GitTransport;
let source: GitSource;

beforeAll(async () => {
  git = await serveRepositories();
  work = await git.repository('r');
  await writeFile(path.join(work.folder, 'a.yaml'), 'a');
  await work.push('One');
  folder = await mkdtemp(path.join(tmpdir(), 'streamspace-clones-'));
  transport = new GitTransport({ connectMs: 1_000, silenceMs: 1_000, maxBytes: 10_000_000 });
  source = new GitSource({ directory: folder, transport, limits: { resolveMs: 1_500 } });
});
afterAll(async () => {
  await source[Symbol.asyncDispose]();
  await transport[Symbol.asyncDispose]();
  await git[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function listening(server: http.Server | https.Server): Promise<AsyncDisposable & { readonly port: number }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const served = (answer: RequestListener) => listening(http.createServer(answer));

/** Speaks for the real server, under its own name. */
const forward: RequestListener = (req, res) => {
  const there = http.request(`${git.url}${req.url}`, { method: req.method, headers: req.headers }, (answer) => {
    res.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(res);
  });
  req.pipe(there);
};

test('a redirect within the server is followed, for the fetch as well; the credentials go with it', async () => {
  const seen: (string | undefined)[] = [];
  await using server = await served((req, res) => {
    seen.push(req.headers.authorization);
    if (req.url?.startsWith('/old') === true) res.writeHead(301, { location: req.url.replace('/old', '/r') }).end();
    else forward(req, res);
  });
  const credentials = new GitCredentials({ basic: { username: 'ada', password: 'secret' } });
  const repository = { url: `http://127.0.0.1:${server.port}/old.git`, credentials };
  const { sha, ref } = await source.resolve(repository, MAIN, signal);
  await source.fetch(repository, ref, sha, signal);
  expect([...(await source.snapshot(repository, ref, sha, '', signal)).files.keys()]).toEqual(['a.yaml']);
  expect(new Set(seen)).toEqual(new Set([credentials.basic]));
});

test('a server of protocol 0, which gives only what a ref names, is asked for the branch when it has moved meanwhile', async () => {
  await using server = await served((req, res) => {
    delete req.headers['git-protocol'];
    forward(req, res);
  });
  const old = await git.repository('old');
  await old.push('One');
  const repository = { url: `http://127.0.0.1:${server.port}/old.git` };
  const { sha, ref } = await source.resolve(repository, MAIN, signal);
  await old.push('Two');
  expect(await source.fetch(repository, ref, sha, signal)).toMatchObject({ message: 'One' });
});

test('credentials never reach another server, and a redirect that does not end is an error', async () => {
  const seen: (string | undefined)[] = [];
  await using other = await served((req, res) => {
    seen.push(req.headers.authorization);
    res.end();
  });
  const credentials = new GitCredentials({ basic: { username: 'ada', password: 'secret' } });
  await using away = await served(
    (req, res) => void res.writeHead(302, { location: `http://127.0.0.1:${other.port}${req.url}` }).end(),
  );
  await using round = await served((req, res) => void res.writeHead(302, { location: req.url }).end());
  for (const { port } of [away, round])
    await expect(source.resolve({ url: `http://127.0.0.1:${port}/r.git`, credentials }, MAIN, signal)).rejects.toMatchObject({
      code: 'GitUrlInvalid',
    });
  expect(seen).toEqual([]);
});

test('a server that says nothing, one that drips, and one that stops in the middle all end in time', async () => {
  const timers = new Set<NodeJS.Timeout>();
  await using silent = await served(() => undefined);
  await using dripping = await served((_req, res) => {
    res.writeHead(200);
    timers.add(setInterval(() => res.write('0'), 200));
  });
  await using stopping = await served((_req, res) => {
    res.writeHead(200, { 'content-length': '1000' }).write('001e# service=git-upload-pack\n');
    setTimeout(() => res.destroy(), 50);
  });
  const started = performance.now();
  const errors = await Promise.all(
    [silent, dripping, stopping].map(({ port }) =>
      source.resolve({ url: `http://127.0.0.1:${port}/r.git` }, MAIN, signal).catch((error: unknown) => error),
    ),
  );
  for (const timer of timers) clearInterval(timer);
  for (const error of errors) expect(error).toMatchObject({ code: expect.stringMatching(/^Git(Unreachable|ProtocolInvalid)$/) });
  expect(performance.now() - started).toBeLessThan(10_000);
});

test('a fetch that the server drips ends with its deadline, and leaves no child behind', async () => {
  const timers = new Set<NodeJS.Timeout>();
  await using server = await served((req, res) => {
    if (
      req.method === 'POST' &&
      req.headers['content-type']?.includes('upload-pack') === true &&
      Number(req.headers['content-length'] ?? 0) > 150
    ) {
      res.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' });
      timers.add(setInterval(() => res.write('0'), 200));
    } else forward(req, res);
  });
  const limits = { fetchMs: 1_500, patienceMs: 10_000 };
  const directory = path.join(folder, 'dripping');
  await using impatient = new GitSource({ directory, transport, limits });
  const repository = { url: `http://127.0.0.1:${server.port}/r.git` };
  const { sha, ref } = await source.resolve(repository, MAIN, signal);
  await expect(impatient.fetch(repository, ref, sha, signal)).rejects.toMatchObject({ code: 'GitUnreachable' });
  for (const timer of timers) clearInterval(timer);
});

test('what is more than the limit of a download is refused', async () => {
  await using small = new GitTransport({ connectMs: 1_000, silenceMs: 1_000, maxBytes: 20_000 });
  const large = await git.repository('large');
  await writeFile(path.join(large.folder, 'a.bin'), randomBytes(50_000));
  await large.push('One');
  await using limited = new GitSource({ directory: path.join(folder, 'small'), transport: small });
  const { sha, ref } = await source.resolve({ url: large.url }, MAIN, signal);
  await expect(limited.fetch({ url: large.url }, ref, sha, signal)).rejects.toMatchObject({ code: 'GitSnapshotTooLarge' });
});

test('a private authority is trusted when the Secret names it, a client certificate is shown, and neither is guessed', async () => {
  const authority = await createAuthority();
  const issued: Issued = await issueCertificate(authority, 'git.example.com', ['127.0.0.1']);
  const mine: Issued = await issueCertificate(authority, 'streamspace', []);
  const tls = { key: issued.key, cert: issued.cert, ca: authority.cert };
  await using open = await listening(https.createServer(tls, forward));
  await using closed = await listening(https.createServer({ ...tls, requestCert: true, rejectUnauthorized: true }, forward));
  const secret = (data: Readonly<Record<string, string>>) =>
    parseCredentials(
      'tls',
      Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
    );
  const ca = { 'ca.crt': authority.cert };
  const at = (port: number, data?: Readonly<Record<string, string>>) =>
    source.resolve(
      { url: `https://127.0.0.1:${port}/r.git`, ...(data === undefined ? {} : { credentials: secret(data) }) },
      MAIN,
      signal,
    );
  await expect(at(open.port)).rejects.toMatchObject({ code: 'GitTlsFailed' });
  await expect(at(open.port, ca)).resolves.toMatchObject({ ref: MAIN });
  await expect(at(closed.port, ca)).rejects.toMatchObject({ code: expect.stringMatching(/^Git(TlsFailed|Unreachable)$/) });
  await expect(at(closed.port, { ...ca, 'tls.crt': mine.cert, 'tls.key': mine.key })).resolves.toMatchObject({ ref: MAIN });
  await expect(at(open.port, { 'ca.crt': 'none' })).rejects.toMatchObject({ code: 'GitAuthFailed' });
});
