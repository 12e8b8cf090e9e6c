// JSON over HTTP to the API of a forge: one answer or one error of ours, never a token in either.
import { type Dispatcher, request } from 'undici';
import type * as z from 'zod';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { GitTransport } from '../../git/wire/http.ts';
import type { ForgeRepository } from './pull-request-api.ts';

export interface ForgeAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface ForgeAsk {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Below the URL of the API. */
  readonly path: string;
  readonly body?: object;
  /** Answers that are none of the usual errors: whoever asks knows what to make of them. */
  readonly expected?: readonly number[];
}

const TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 32 * 1024 ** 2;
/** Of what a forge says in an error. */
const MAX_WORDS = 500;

export class ForgeHttp {
  readonly #transport: Pick<GitTransport, 'dispatcher' | 'token'>;
  /** How the token is named in front of it. */
  readonly #scheme: string;

  constructor(transport: Pick<GitTransport, 'dispatcher' | 'token'>, scheme: string) {
    this.#transport = transport;
    this.#scheme = scheme;
  }

  /** @throws ForgeAuthFailed, ForgeUnreachable, ForgeRateLimited, ForgeRefused */
  async ask({ place, credentials, signal }: ForgeRepository, ask: ForgeAsk): Promise<ForgeAnswer> {
    const token = await this.#transport.token(credentials, signal);
    if (token === undefined)
      throw new StreamSpaceError('ForgeAuthFailed', `there is no token for the API of the forge at ${place.apiUrl}`);
    const {
      statusCode: status,
      headers,
      text,
    } = await this.#send(place.apiUrl, ask, token, {
      dispatcher: this.#transport.dispatcher(credentials),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw unreachable(place.apiUrl, error);
    });
    const body = jsonOf(text);
    if (status < 300 || ask.expected?.includes(status) === true) return { status, body };
    throw refusal({ apiUrl: place.apiUrl, status, body, headers });
  }

  async #send(
    apiUrl: string,
    { method, path, body }: ForgeAsk,
    token: string,
    options: { readonly dispatcher: Dispatcher; readonly signal: AbortSignal },
  ) {
    const {
      statusCode,
      headers,
      body: stream,
    } = await request(`${apiUrl}${path}`, {
      ...options,
      method,
      headers: {
        authorization: `${this.#scheme} ${token}`,
        accept: 'application/json',
        'user-agent': 'streamspace',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) throw new Error('its answer is too long');
      chunks.push(chunk);
    }
    return { statusCode, headers, text: Buffer.concat(chunks).toString('utf8') };
  }
}

/** @throws ForgeUnreachable for an answer that is not what the API is known to give */
export function parsedAs<T>(schema: z.ZodType<T>, { place: { apiUrl } }: ForgeRepository, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new StreamSpaceError(
    'ForgeUnreachable',
    `the API at ${apiUrl} answers otherwise than its kind does (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`,
  );
}

/** With which the URL of an issue or pull request ends; 0: it has none. */
export function numberIn(url: string): number {
  return Number.parseInt(/\/(\d+)$/.exec(url)?.[1] ?? '0', 10);
}

export interface Refused {
  readonly apiUrl: string;
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
}

export function refusal({ apiUrl, status, body, headers }: Refused): StreamSpaceError {
  const words = wordsOf(body);
  const said = `the API of the forge at ${apiUrl} answered ${status}${words === '' ? '' : `: ${words}`}`;
  const waitMs = waitOf(status, headers, words);
  if (waitMs !== undefined) return new StreamSpaceError('ForgeRateLimited', said, { retryAfterMs: waitMs });
  if (status === 401 || status === 403) return new StreamSpaceError('ForgeAuthFailed', said);
  if (status >= 500 || status === 404) return new StreamSpaceError('ForgeUnreachable', said);
  return new StreamSpaceError('ForgeRefused', said);
}

export function unreachable(apiUrl: string, cause: unknown): StreamSpaceError {
  if (cause instanceof StreamSpaceError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StreamSpaceError('ForgeUnreachable', `the API of the forge at ${apiUrl} does not answer: ${reason}`, { cause });
}

const MAX_WAIT_MS = 3_600_000;
const SHORT_WAIT_MS = 60_000;

/** As GitHub says it (REST API, rate limits): `retry-after`, or when the window begins anew. */
function waitOf(status: number, headers: Refused['headers'], words: string): number | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const numberOf = (name: string): number => Number.parseFloat(String(headers[name] ?? ''));
  const after = numberOf('retry-after');
  if (Number.isFinite(after)) return Math.min(1000 * after, MAX_WAIT_MS);
  if (numberOf('x-ratelimit-remaining') === 0) {
    const reset = 1000 * numberOf('x-ratelimit-reset') - Date.now();
    return Number.isFinite(reset) ? Math.min(Math.max(reset, 1_000), MAX_WAIT_MS) : SHORT_WAIT_MS;
  }
  return status === 429 || /rate limit/i.test(words) ? SHORT_WAIT_MS : undefined;
}

function wordsOf(body: unknown): string {
  if (typeof body !== 'object' || body === null) return '';
  const { message, errors } = body as { readonly message?: unknown; readonly errors?: unknown };
  const more = Array.isArray(errors) ? errors.map((each: unknown) => (typeof each === 'string' ? each : messageIn(each))) : [];
  return [typeof message === 'string' ? message : '', ...more]
    .filter((each) => each !== '')
    .join('; ')
    .slice(0, MAX_WORDS);
}

function messageIn(value: unknown): string {
  const message = typeof value === 'object' && value !== null && 'message' in value ? value.message : undefined;
  return typeof message === 'string' ? message : '';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
