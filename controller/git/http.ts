// The HTTP of Git: one pooled agent, a deadline on every answer, no redirect followed, and credentials that reach the
// origin of the repository and nothing else.
import type { GitHttpRequest, GitHttpResponse, HttpClient } from 'isomorphic-git';
import { Agent, request } from 'undici';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { GitCredentials } from './commit-sha.ts';

export interface GitHttpOptions {
  /** Only this origin is spoken to. */
  readonly url: string;
  readonly credentials?: GitCredentials | undefined;
  readonly signal: AbortSignal;
}

export interface GitHttpLimits {
  /** To connect. Default 5 s. */
  readonly connectMs: number;
  /** To the first byte of an answer, and between two chunks of it. Default 30 s: a server packs large repositories slowly. */
  readonly silenceMs: number;
  /** Of one answer. Default 1 GiB. */
  readonly maxBytes: number;
}

export const GIT_HTTP_LIMITS: GitHttpLimits = { connectMs: 5_000, silenceMs: 30_000, maxBytes: 1024 ** 3 };

/** The pool that all repositories share. Close it at the end. */
export class GitTransport {
  readonly #agent: Agent;
  readonly #limits: GitHttpLimits;

  constructor(limits: GitHttpLimits = GIT_HTTP_LIMITS) {
    this.#limits = limits;
    this.#agent = new Agent({
      connect: { timeout: limits.connectMs },
      headersTimeout: limits.silenceMs,
      bodyTimeout: limits.silenceMs,
      connections: 8,
      keepAliveTimeout: 10_000,
    });
  }

  /** An `http` plugin for isomorphic-git, bound to one repository. */
  client(options: GitHttpOptions): HttpClient {
    return { request: (ask) => this.#request(options, ask) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.close();
  }

  async #request(options: GitHttpOptions, ask: GitHttpRequest): Promise<GitHttpResponse> {
    const target = new URL(ask.url);
    if (target.origin !== new URL(options.url).origin)
      throw new StreamSpaceError('GitUrlInvalid', `the repository points to another server, ${target.origin}`);
    const headers: Record<string, string> = { ...ask.headers };
    if (options.credentials !== undefined) headers['authorization'] = options.credentials.basic();
    const body = ask.body === undefined ? null : Buffer.concat(await collect(ask.body));
    let answer: Awaited<ReturnType<typeof request>>;
    try {
      answer = await request(target, {
        method: ask.method === 'POST' ? 'POST' : 'GET',
        headers,
        body,
        dispatcher: this.#agent,
        signal: options.signal,
      });
    } catch (error) {
      options.signal.throwIfAborted();
      throw unreachable(options.url, error);
    }
    const { statusCode } = answer;
    if (statusCode >= 400 || (statusCode >= 300 && statusCode < 400)) {
      await answer.body.dump({ limit: 64 * 1024 });
      throw refusal(options, statusCode, answer.headers['location']);
    }
    return {
      url: ask.url,
      method: ask.method ?? 'GET',
      statusCode,
      statusMessage: String(statusCode),
      headers: flat(answer.headers),
      body: limited(answer.body, this.#limits.maxBytes, options),
    };
  }
}

function refusal(options: GitHttpOptions, status: number, location: string | string[] | undefined): StreamSpaceError {
  const facts = { url: options.url, status };
  if (status >= 300 && status < 400)
    return new StreamSpaceError('GitUrlInvalid', `${options.url} redirects to ${String(location)}; write that URL instead`, {
      facts,
    });
  if (status === 401 || status === 403) {
    const who = options.credentials === undefined ? 'and there are no credentials' : 'with the credentials it was given';
    return new StreamSpaceError('GitAuthFailed', `the Git server answered ${status} for ${options.url} ${who}`, { facts });
  }
  if (status === 404) return new StreamSpaceError('GitUnreachable', `there is no repository at ${options.url} (404)`, { facts });
  return new StreamSpaceError('GitUnreachable', `the Git server answered ${status} for ${options.url}`, { facts });
}

function unreachable(url: string, cause: unknown): StreamSpaceError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StreamSpaceError('GitUnreachable', `the Git server of ${url} does not answer: ${reason}`, { facts: { url }, cause });
}

async function* limited(body: AsyncIterable<Uint8Array>, maxBytes: number, options: GitHttpOptions): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > maxBytes)
        throw new StreamSpaceError('GitSnapshotTooLarge', `the repository ${options.url} sends more than ${maxBytes} bytes`);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof StreamSpaceError) throw error;
    options.signal.throwIfAborted();
    throw unreachable(options.url, error);
  }
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return chunks;
}

function flat(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
