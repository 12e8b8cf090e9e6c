// HTTP to the API server: pooled keep-alive connections, one deadline for headers and body, errors in our two forms.
import { Agent, type Dispatcher } from 'undici';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { delay } from '../shutdown/shutdown.ts';
import type { AuditIds } from './audit-id.ts';
import { statusError } from './kube-status-error.ts';
import type { ClusterTarget } from './kubeconfig.ts';
import { queryString } from './paths.ts';
import type { Impersonation, KubeRequest } from './types.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
/** The longest line of a watch: etcd stores 1.5 MB, JSON may be twice that. */
const MAX_LINE_CHARACTERS = 16 * 1024 * 1024;
/** A 429 was not executed, so it may be sent again; longer waits are for the caller's queue. */
const BUSY_RETRIES = 4;
const BUSY_WAIT_MAX_MS = 5_000;

type Answer = Dispatcher.ResponseData;

/** On which terms a client sends its requests. */
export interface SendTerms {
  readonly who?: Impersonation;
  /** Asked right before each request that is no read. @throws what stops it */
  readonly guard?: () => void;
}

/** One for a process. `close` waits for running requests; streams must have been aborted by their owners. */
export class Transport {
  readonly #target: Promise<ClusterTarget>;
  readonly #userAgent: string;
  readonly #auditIds: AuditIds | undefined;
  #agents: { readonly requests: Agent; readonly streams: Agent } | undefined;

  /** @param auditIds for requests that change something; left out: the API server gives them ids */
  constructor(target: Promise<ClusterTarget>, userAgent: string, auditIds?: AuditIds) {
    this.#target = target;
    this.#userAgent = userAgent;
    this.#auditIds = auditIds;
    // Whoever sends the first request is told; until then it is nobody's error.
    target.catch(() => undefined);
  }

  /** The whole body of a 2xx answer. */
  async text(request: KubeRequest, terms: SendTerms): Promise<string> {
    const timeoutMs = request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    return await withDeadline(timeoutMs, request.signal, async (signal) => {
      for (let attempt = 0; ; attempt += 1) {
        const answer = await this.#sendTwiceIfSafe(request, terms, signal);
        const body = await answer.body.text();
        if (answer.statusCode < 300) return body;
        const error = statusError(answer.statusCode, body, oneOf(answer.headers['retry-after']));
        const waitMs = error.retryAfterMs;
        if (error.statusCode !== 429 || waitMs === undefined || waitMs > BUSY_WAIT_MAX_MS || attempt >= BUSY_RETRIES) throw error;
        await delay(waitMs, signal);
      }
    });
  }

  /** Lines of the body as they come. Leaving the loop ends the request. */
  async *lines(request: KubeRequest, terms: SendTerms): AsyncGenerator<string> {
    const answer = await withDeadline(request.timeoutMs ?? DEFAULT_TIMEOUT_MS, request.signal, async (signal) => {
      const head = await this.#send(request, terms, signal, 'streams');
      if (head.statusCode < 300) return head;
      throw statusError(head.statusCode, await head.body.text(), oneOf(head.headers['retry-after']));
    });
    const { signal } = request;
    const stop = (): void => {
      answer.body.destroy();
    };
    signal?.addEventListener('abort', stop, { once: true });
    try {
      signal?.throwIfAborted();
      yield* splitLines(answer.body);
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : unreachable(error);
    } finally {
      signal?.removeEventListener('abort', stop);
      // A body that is left half read keeps its socket; an error may come from that and means nothing any more.
      answer.body.on('error', () => undefined).destroy();
    }
    signal?.throwIfAborted();
  }

  async close(): Promise<void> {
    await Promise.all([this.#agents?.requests.close(), this.#agents?.streams.destroy()]);
  }

  /** A kept connection that the server closed meanwhile fails at once; reads and applies may then simply be sent again. */
  async #sendTwiceIfSafe(request: KubeRequest, terms: SendTerms, signal: AbortSignal): Promise<Answer> {
    try {
      return await this.#send(request, terms, signal, 'requests');
    } catch (error) {
      const { method, contentType, query } = request;
      const safe = method === 'GET' || contentType === 'application/apply-patch+yaml' || query?.['dryRun'] === 'All';
      if (!safe || signal.aborted || !brokenConnection(error)) throw error;
      return await this.#send(request, terms, signal, 'requests');
    }
  }

  #auditIdOf(request: KubeRequest): readonly string[] {
    if (this.#auditIds === undefined || request.method === 'GET') return [];
    return ['audit-id', this.#auditIds.make(request)];
  }

  async #send(request: KubeRequest, terms: SendTerms, signal: AbortSignal, pool: 'requests' | 'streams'): Promise<Answer> {
    const target = await this.#target;
    const token = await target.token();
    // As late as it can be: whatever was waited for until now, such as a pause that the API server asked for, may have been long.
    if (request.method !== 'GET') terms.guard?.();
    this.#agents ??= { requests: agentFor(target, 32), streams: agentFor(target, null) };
    return await this.#agents[pool].request({
      origin: target.origin,
      path: `${target.prefix}${request.path}${queryString(request.query)}`,
      method: request.method,
      headers: [...headersOf(request, terms.who, token, this.#userAgent), ...this.#auditIdOf(request)],
      signal,
      ...(request.body === undefined ? {} : { body: request.body }),
    });
  }
}

/** Watches have connections of their own, so that however many there are, a request always finds one. */
function agentFor(target: ClusterTarget, connections: number | null): Agent {
  return new Agent({
    connections,
    pipelining: 1,
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 60_000,
    keepAliveMaxTimeout: 80_000,
    connect: {
      timeout: 10_000,
      // Finds a peer that vanished without a word in about 30 s (libuv probes each second, ten times).
      keepAlive: true,
      keepAliveInitialDelay: 20_000,
      rejectUnauthorized: !target.insecure,
      ...(target.ca === undefined ? {} : { ca: target.ca }),
      ...(target.certificate === undefined ? {} : { cert: target.certificate }),
      ...(target.key === undefined ? {} : { key: target.key }),
      ...(target.servername === undefined ? {} : { servername: target.servername }),
    },
  });
}

function headersOf(request: KubeRequest, who: Impersonation | undefined, token: string | undefined, userAgent: string): string[] {
  const headers = ['accept', request.accept ?? 'application/json', 'user-agent', userAgent];
  if (request.body !== undefined) headers.push('content-type', request.contentType ?? 'application/json');
  if (token !== undefined) headers.push('authorization', `Bearer ${token}`);
  if (who !== undefined) {
    headers.push('impersonate-user', headerValue(who.user));
    for (const group of who.groups ?? []) headers.push('impersonate-group', headerValue(group));
  }
  return headers;
}

/** HTTP headers are bytes: Go reads them as UTF-8, Node writes them as Latin-1. */
function headerValue(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function oneOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}

async function* splitLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    let from = rest.length; // what is kept holds no newline: searched once
    rest += decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = rest.indexOf('\n', from); end >= 0; end = rest.indexOf('\n', from)) {
      if (end > start) yield rest.slice(start, end);
      start = end + 1;
      from = start;
    }
    rest = rest.slice(start);
    if (rest.length > MAX_LINE_CHARACTERS) throw new Error(`a line is longer than ${MAX_LINE_CHARACTERS} characters`);
  }
  if (rest !== '') yield rest;
}

function brokenConnection(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}

function unreachable(error: unknown): unknown {
  // undici's errors carry a code; ours and the caller's abort reasons go through as they are.
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (error instanceof StreamSpaceError || !/^(UND_ERR|E[A-Z]+$|ERR_|CERT_|SELF_|DEPTH_|UNABLE_)/.test(code)) return error;
  const what = error instanceof Error ? error.message : code;
  return new StreamSpaceError('ClusterUnreachable', `the API server does not answer: ${what || code}`, { cause: error });
}

/** Runs `work` with a signal that ends by the caller's or by the time limit, and leaves no timer and no listener. */
async function withDeadline<T>(
  timeoutMs: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer?.throwIfAborted();
  const controller = new AbortController();
  const stop = (): void => controller.abort(outer?.reason);
  const timer = setTimeout(
    () =>
      controller.abort(new StreamSpaceError('ClusterUnreachable', `the API server did not answer within ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  outer?.addEventListener('abort', stop, { once: true });
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : unreachable(error);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', stop);
  }
}
