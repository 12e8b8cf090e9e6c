// For tests: GitHub as far as we use it. Its REST API with state behind it, over real repositories served by git itself.
// Every request and every answer is held against the description that GitHub publishes; what differs is in `violations`.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { answerApi } from './api.ts';
import { description } from './description.ts';
import { ApiFailure } from './failure.ts';
import { badAnswer, Faults } from './faults.ts';
import { Forge, type NewRepository } from './forge.ts';
import { gitRequest, serveGit } from './git-http.ts';
import type { NewOAuthApp, OAuthApp } from './oauth-apps.ts';
import { answerPage, isPage } from './pages.ts';
import { PersonHandle } from './person-handle.ts';
import { observe } from './pull-requests.ts';
import { RepositoryHandle } from './repository-handle.ts';
import type { Counts } from './state.ts';
import { type Delivery, Webhooks } from './webhooks.ts';

const API = '/api/v3';
/** GitHub's, for an account in an hour. */
const RATE_LIMIT = 5000;
const HOUR_MS = 3_600_000;

export interface GitHubDoubleOptions {
  /** Default: the real time. */
  readonly now?: () => Date;
}

export interface RegisteredApp {
  /** Of its bot. */
  readonly login: string;
  readonly id: number;
  readonly installationId: number;
  /** PEM */
  readonly privateKey: string;
}

export interface SeenRequest {
  readonly method: string;
  /** With the query. Of the API without `/api/v3`. */
  readonly path: string;
  readonly userAgent: string | undefined;
}

export async function startGitHubDouble(options: GitHubDoubleOptions = {}): Promise<GitHubDouble> {
  const double = new GitHubDouble(await mkdtemp(path.join(tmpdir(), 'streamspace-github-')), options.now ?? (() => new Date()));
  await double.listen();
  return double;
}

export class GitHubDouble implements AsyncDisposable {
  readonly faults = new Faults();
  /** What was not as GitHub describes it; empty at the end of every test. */
  readonly violations: string[] = [];
  readonly requests: SeenRequest[] = [];
  readonly #forge: Forge;
  readonly #webhooks = new Webhooks();
  readonly #server = http.createServer((request, response) => void this.#handle(request, response));
  readonly #startedAt: Date;
  #used = 0;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(root: string, now: () => Date) {
    this.#forge = new Forge(root, now, (event) => this.#webhooks.happened(event));
    this.#startedAt = now();
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the double has no port');
    this.#forge.webUrl = `http://127.0.0.1:${address.port}`;
  }

  /** Like a GitHub Enterprise Server's: `http://127.0.0.1:port/api/v3`. */
  get apiUrl(): string {
    return this.#forge.apiUrl;
  }

  get webUrl(): string {
    return this.#forge.webUrl;
  }

  /** Of everything created since the start, by the API and by people. */
  get counts(): Readonly<Counts> {
    return this.#forge.counts;
  }

  get deliveries(): readonly Delivery[] {
    return this.#webhooks.deliveries;
  }

  gitUrl(owner: string, repository: string): string {
    return `${this.webUrl}/${owner}/${repository}.git`;
  }

  /** A new token of this account. `read` limits the token, whatever the account may do. Default: `write`. */
  user(login: string, access: 'read' | 'write' = 'write'): string {
    return this.#forge.issue({ account: this.#forge.account(login), kind: 'user', access });
  }

  /** An App with one installation; rights in a repository are given to its `login` like anybody's. */
  app(slug: string): RegisteredApp {
    const account = this.#forge.account(`${slug}[bot]`, 'Bot');
    const ids = { id: this.#forge.nextId(), installationId: this.#forge.nextId() };
    const { id, installationId, privateKey } = this.#forge.apps.register(account, ids);
    return { login: account.login, id, installationId, privateKey };
  }

  /** An OAuth App, which people sign in through. */
  oauthApp(app: NewOAuthApp): OAuthApp {
    return this.#forge.oauth.register(app);
  }

  /** Somebody with an account, made when first asked for. */
  person(login: string): PersonHandle {
    return new PersonHandle(this.#forge, this.#forge.account(login));
  }

  revoke(token: string): void {
    this.#forge.revoke(token);
  }

  /** The repository of this name, made when first asked for: empty, without a branch. */
  async repository(owner: string, name: string, options: NewRepository = {}): Promise<RepositoryHandle> {
    return await this.#exclusive(async () => {
      const known = this.#forge.repositories.get(`${owner}/${name}`.toLowerCase());
      return this.#handleOf(known ?? (await this.#forge.create(owner, name, options)));
    });
  }

  async fork(owner: string, name: string, byOwner: string): Promise<RepositoryHandle> {
    return await this.#exclusive(async () => {
      const parent = this.#forge.repository(owner, name);
      return this.#handleOf(await this.#forge.create(byOwner, name, {}, parent));
    });
  }

  #handleOf(repository: ConstructorParameters<typeof RepositoryHandle>[1]): RepositoryHandle {
    return new RepositoryHandle(this.#forge, repository, (work) => this.#exclusive(work));
  }

  /** From now on everything that happens is told there, in order. */
  deliverTo(url: string, secret: string): void {
    this.#webhooks.deliverTo(url, secret);
  }

  /** Sends it once more, under the same id. */
  redeliver(id: string): void {
    this.#webhooks.redeliver(id);
  }

  /** Pushes on disk are taken up, and all deliveries have had their answer. */
  async settled(): Promise<void> {
    await this.#exclusive(async () => {
      for (const repository of this.#forge.repositories.values()) await observe(this.#forge, repository);
    });
    await this.#webhooks.settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.#tail;
    await this.#webhooks.settled();
    await rm(this.#forge.root, { recursive: true, force: true });
  }

  /** One thing at a time, so that state and git are looked at together. */
  async #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(async () => {
      const result = await work();
      this.violations.push(...(await this.#webhooks.flush(this.#forge, description)));
      return result;
    });
    this.#tail = turn.catch(() => undefined);
    return await turn;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const url = new URL(request.url ?? '/', this.webUrl);
      const api = url.pathname.startsWith(`${API}/`);
      const name = api ? url.pathname.slice(API.length) : url.pathname;
      const method = request.method ?? 'GET';
      this.requests.push({ method, path: name + url.search, userAgent: request.headers['user-agent'] });
      const body = await buffer(request);
      const fault = this.faults.take(method, name);
      const bad = fault === undefined ? undefined : badAnswer(fault, this.#forge.now());
      if (fault?.kind === 'dropBefore') return void request.socket.destroy();
      if (bad !== undefined) {
        if (typeof bad.body !== 'string') this.violations.push(...description().problemsOfError(bad.status, bad.body));
        return send(response, bad.status, { ...this.#rateLimit(), ...bad.headers }, bad.body);
      }
      const answer = api
        ? await this.#api(request, name, url, body)
        : isPage(url)
          ? answerPage(this.#forge, {
              method,
              url,
              cookie: request.headers.cookie,
              form: new URLSearchParams(body.toString('utf8')),
            })
          : await this.#git(request, url, body);
      if (fault?.kind === 'dropAfter') return void request.socket.destroy();
      send(response, answer.status, answer.headers, answer.body);
    } catch (error) {
      this.violations.push(`${request.method} ${request.url}: ${error instanceof Error ? error.message : 'failed'}`);
      if (!response.headersSent) send(response, 500, {}, new ApiFailure(500, 'the double failed').body);
    }
  }

  async #api(request: IncomingMessage, name: string, url: URL, body: Buffer) {
    const text = body.toString('utf8');
    const raw = { method: request.method ?? 'GET', path: name, query: url.searchParams, headers: request.headers, text };
    const answer = await this.#exclusive(async () => await answerApi(this.#forge, description(), raw));
    this.violations.push(...answer.violations);
    if (answer.status !== 304) this.#used += 1; // what has not changed is free
    return { ...answer, headers: { ...this.#rateLimit(), ...answer.headers } };
  }

  async #git(request: IncomingMessage, url: URL, body: Buffer) {
    try {
      const about = gitRequest(this.#forge, request, url);
      if (about === undefined) return { status: 404, headers: {}, body: 'Not Found' };
      if (!about.receives) {
        await this.#exclusive(async () => await observe(this.#forge, about.repository)); // refs of pull requests are fetched, too
        return await serveGit(this.#forge, about, request, body);
      }
      return await this.#exclusive(async () => {
        await observe(this.#forge, about.repository); // what was pushed before was pushed by somebody else
        if (about.account !== undefined) about.repository.lastPusher = about.account;
        const answer = await serveGit(this.#forge, about, request, body);
        await observe(this.#forge, about.repository);
        return answer;
      });
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      const headers: Record<string, string> = error.status === 401 ? { 'www-authenticate': 'Basic realm="GitHub"' } : {};
      return { status: error.status, headers, body: error.message };
    }
  }

  #rateLimit(): Record<string, string> {
    return {
      'x-github-request-id': randomUUID(),
      'x-github-media-type': 'github.v3; format=json',
      'x-ratelimit-limit': String(RATE_LIMIT),
      'x-ratelimit-remaining': String(Math.max(0, RATE_LIMIT - this.#used)),
      'x-ratelimit-used': String(this.#used),
      'x-ratelimit-reset': String(Math.ceil((this.#startedAt.getTime() + HOUR_MS) / 1000)),
      'x-ratelimit-resource': 'core',
    };
  }
}

function send(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>, body: unknown): void {
  if (body === undefined) return void response.writeHead(status, headers).end();
  if (Buffer.isBuffer(body)) return void response.writeHead(status, headers).end(body);
  const text = typeof body === 'string';
  const type = text ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8';
  response.writeHead(status, { 'content-type': type, ...headers }).end(text ? body : JSON.stringify(body));
}
