// The HTTP of Git: pooled connections, deadlines on every answer, and credentials that reach the origin of the repository and
// nothing else. A redirect is followed within that origin alone.
import type { Readable } from 'node:stream';
import { type Dispatcher, request } from 'undici';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { Agents } from './agents.ts';
import { basicHeader, type GitCredentials } from './credentials.ts';
import { GitHubAppTokens } from './github-app.ts';

export interface GitHttpLimits {
  /** To connect. Default 5 s. */
  readonly connectMs: number;
  /** To the first byte of an answer, and between two chunks of it. Default 30 s: a server packs large repositories slowly. */
  readonly silenceMs: number;
  /** Of one answer. Default 4 GiB: it goes to disk, not into memory. */
  readonly maxBytes: number;
}

export const GIT_HTTP_LIMITS: GitHttpLimits = { connectMs: 5_000, silenceMs: 30_000, maxBytes: 4 * 1024 ** 3 };

/** What both of git's requests need. */
export interface GitRequest {
  readonly method: 'GET' | 'POST';
  /** Below the repository: `/info/refs?service=git-upload-pack` or `/git-upload-pack`; the same of `git-receive-pack`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | Readable | undefined;
}

export interface GitAnswer {
  readonly contentType: string;
  /** Bounded, and with its errors made ours. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface GitTarget {
  readonly url: string;
  readonly credentials?: GitCredentials | undefined;
}

const MAX_REDIRECTS = 3;
const REFS = '/info/refs?service=git-upload-pack';

/** The pool that all repositories share. Close it at the end. */
export class GitTransport implements AsyncDisposable {
  readonly #agents: Agents;
  readonly #limits: GitHttpLimits;
  readonly #githubApps: GitHubAppTokens;

  constructor(limits: GitHttpLimits = GIT_HTTP_LIMITS, githubApps: GitHubAppTokens = new GitHubAppTokens()) {
    this.#limits = limits;
    this.#agents = new Agents(limits);
    this.#githubApps = githubApps;
  }

  /** @throws GitUrlInvalid */
  remote(target: GitTarget): HttpRemote {
    return new HttpRemote(target, this.#agents.for(target.credentials?.tls), this.#limits, this.#githubApps);
  }

  /** What the API of a forge is asked through, with the same authorities and certificate as its Git. */
  dispatcher(credentials: GitCredentials | undefined): Dispatcher {
    return this.#agents.for(credentials?.tls);
  }

  /** The token that the API of a forge takes. @throws GitAuthFailed, GitUnreachable */
  async token(credentials: GitCredentials, signal: AbortSignal): Promise<string | undefined> {
    const { githubApp, password } = credentials;
    return githubApp === undefined ? password : await this.#githubApps.token(githubApp, this.dispatcher(credentials), signal);
  }

  /** The API refuses it: somebody may have revoked it, and the next one is asked for anew. */
  refusedToken({ githubApp }: GitCredentials): void {
    if (githubApp !== undefined) this.#githubApps.forget(githubApp);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agents[Symbol.asyncDispose]();
  }
}

/** One repository for the time of one piece of work: where a redirect led to is remembered. */
export class HttpRemote {
  readonly #target: GitTarget;
  readonly #origin: string;
  readonly #dispatcher: Dispatcher;
  readonly #limits: GitHttpLimits;
  readonly #githubApps: GitHubAppTokens;
  readonly #first: string;
  #base: string;

  constructor(target: GitTarget, dispatcher: Dispatcher, limits: GitHttpLimits, githubApps: GitHubAppTokens) {
    const url = URL.parse(target.url);
    if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
      throw new StreamSpaceError('GitUrlInvalid', 'the URL is no http or https URL without user and password');
    this.#target = target;
    this.#first = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
    this.#origin = url.origin;
    this.#base = this.#first;
    this.#dispatcher = dispatcher;
    this.#limits = limits;
    this.#githubApps = githubApps;
  }

  /** Whether the repository was found under another URL of the same server. */
  get redirected(): boolean {
    return this.#base !== this.#first;
  }

  /** @throws GitUrlInvalid, GitAuthFailed, GitUnreachable, GitTlsFailed */
  async request(ask: GitRequest, signal: AbortSignal): Promise<GitAnswer> {
    const authorization = await this.#authorization(signal);
    const headers = {
      ...ask.headers,
      'user-agent': 'git/streamspace',
      ...(authorization === undefined ? {} : { authorization }),
    };
    for (let redirects = 0; ; redirects += 1) {
      const answer = await this.#send(ask, headers, signal);
      const { statusCode } = answer;
      if (statusCode === 200) {
        const body = this.#limited(answer.body, signal);
        return { contentType: headerOf(answer, 'content-type'), body };
      }
      await answer.body.dump({ limit: 64 * 1024 }).catch(() => undefined);
      if (statusCode < 300 || statusCode >= 400) throw this.#refusal(statusCode);
      this.#redirected(ask, headerOf(answer, 'location'), redirects);
    }
  }

  async #authorization(signal: AbortSignal): Promise<string | undefined> {
    const { credentials } = this.#target;
    if (credentials?.githubApp === undefined) return credentials?.basic;
    return basicHeader('x-access-token', await this.#githubApps.token(credentials.githubApp, this.#dispatcher, signal));
  }

  async #send(ask: GitRequest, headers: Record<string, string>, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    try {
      return await request(`${this.#base}${ask.path}`, {
        method: ask.method,
        headers,
        body: ask.body ?? null,
        dispatcher: this.#dispatcher,
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw unreachable(this.#target.url, error);
    }
  }

  /** Only where nothing was sent but a question, and only to the same server: elsewhere the credentials have no business. */
  #redirected(ask: GitRequest, location: string, redirects: number): void {
    const { url } = this.#target;
    const target = URL.parse(location, `${this.#base}${ask.path}`);
    const write = (what: string): StreamSpaceError =>
      new StreamSpaceError('GitUrlInvalid', `${url} redirects to ${what}; write that URL instead`, { facts: { url } });
    if (target === null) throw write('no URL');
    const found = `${target.origin}${target.pathname}${target.search}`;
    const elsewhere = found.endsWith(REFS) ? found.slice(0, -REFS.length) : `${target.origin}${target.pathname}`;
    if (ask.path !== REFS || target.origin !== this.#origin || redirects >= MAX_REDIRECTS || !found.endsWith(REFS))
      throw write(elsewhere);
    this.#base = elsewhere;
  }

  #refusal(status: number): StreamSpaceError {
    const { url, credentials } = this.#target;
    const facts = { url, status };
    if (status === 401 || status === 403) {
      if (credentials?.githubApp !== undefined) this.#githubApps.forget(credentials.githubApp);
      const who = credentials === undefined ? 'and there are no credentials' : 'with the credentials it was given';
      return new StreamSpaceError('GitAuthFailed', `the Git server answered ${status} for ${url} ${who}`, { facts });
    }
    if (status === 404) return new StreamSpaceError('GitUnreachable', `there is no repository at ${url} (404)`, { facts });
    return new StreamSpaceError('GitUnreachable', `the Git server answered ${status} for ${url}`, { facts });
  }

  async *#limited(body: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { url } = this.#target;
    let bytes = 0;
    try {
      for await (const chunk of body) {
        bytes += (chunk as Uint8Array).length;
        if (bytes > this.#limits.maxBytes)
          throw new StreamSpaceError(
            'GitSnapshotTooLarge',
            `the repository ${url} sends more than ${this.#limits.maxBytes} bytes`,
          );
        yield chunk as Uint8Array;
      }
    } catch (error) {
      if (error instanceof StreamSpaceError) throw error;
      signal.throwIfAborted();
      throw unreachable(url, error);
    }
  }
}

function headerOf({ headers }: Dispatcher.ResponseData, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

/** OpenSSL's and Node's names for a handshake or a certificate that is refused. */
const TLS = /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|EPROTO|HOSTNAME_MISMATCH)/;

function unreachable(url: string, cause: unknown): StreamSpaceError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const facts = { url };
  if (TLS.test(code)) return new StreamSpaceError('GitTlsFailed', `no secure connection to ${url}: ${reason}`, { facts, cause });
  return new StreamSpaceError('GitUnreachable', `the Git server of ${url} does not answer: ${reason}`, { facts, cause });
}
