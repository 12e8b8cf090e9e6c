// GitHub over HTTP: one request, one answer in JSON, with a limit of time and size. What it says of a token or of its own state becomes one
// of our errors; neither tokens nor what it says in words are part of them.
import { StreamSpaceError } from '../../../schemas/errors.ts';

/** For all that is asked about one person, pages and all: a replica has a minute for a person (store/confirmations.ts). */
export const GITHUB_TIMEOUT_MS = 20_000;
/** A page of 100 teams has half a megabyte. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const PER_PAGE = 100;
/** Of one list, so 2,000 organizations or teams: more groups than that are refused anyway. */
const MAX_PAGES = 20;
/** By which GitHub means the answers that its description (`@octokit/openapi`) is of. */
const API_VERSION = '2022-11-28';

export interface GitHubAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** `undefined` for what is no JSON. */
  readonly body: unknown;
}

/** @throws StreamSpaceError `IdentityProviderUnreachable` where there is no answer, or one that is too large */
export async function askGitHub(url: string, init: RequestInit & { readonly signal: AbortSignal }): Promise<GitHubAnswer> {
  try {
    const headers = { accept: 'application/json', 'user-agent': 'streamspace', ...init.headers };
    // A redirect would take the token or the secret along to wherever it leads.
    const response = await fetch(url, { ...init, headers, redirect: 'error' });
    return { status: response.status, headers: response.headers, body: parsed(await textOf(response)) };
  } catch (error) {
    if (error instanceof StreamSpaceError) throw error;
    throw unreachable('GitHub does not answer', error);
  }
}

/** Reads as the person whose token it is. */
export class GitHubReader {
  readonly #apiUrl: string;
  readonly #token: string;
  readonly #signal: AbortSignal;

  constructor(apiUrl: string, token: string, signal: AbortSignal) {
    this.#apiUrl = apiUrl;
    this.#token = token;
    this.#signal = signal;
  }

  /** @throws StreamSpaceError `SignInFailed` for a token or an account that does not count any more; `IdentityProviderUnreachable` */
  async one(path: string): Promise<unknown> {
    return (await this.#get(path)).body;
  }

  /**
   * All pages of a list. The address of the next page is our own: what a `Link` says is only that there is one.
   * @throws as {@link one}; `SignInFailed` for a list without an end
   */
  async all(path: string, query: Readonly<Record<string, string>> = {}): Promise<readonly unknown[]> {
    const items: unknown[] = [];
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const asked = new URLSearchParams({ ...query, per_page: String(PER_PAGE), page: String(page) });
      const { body, headers } = await this.#get(`${path}?${asked.toString()}`);
      if (!Array.isArray(body)) throw unreachable('GitHub answers with something that is no list');
      items.push(...body);
      if (!/;\s*rel="?next"?/.test(headers.get('link') ?? '')) return items;
    }
    throw new StreamSpaceError(
      'SignInFailed',
      `GitHub has more than ${MAX_PAGES * PER_PAGE} entries in one list of this account`,
      {
        facts: { why: 'too-many' },
      },
    );
  }

  async #get(path: string): Promise<GitHubAnswer> {
    const headers = {
      ...{ accept: 'application/vnd.github+json', 'x-github-api-version': API_VERSION },
      authorization: `Bearer ${this.#token}`,
    };
    const answer = await askGitHub(`${this.#apiUrl}${path}`, { headers, signal: this.#signal });
    if (answer.status === 200) return answer;
    throw refusalOf(answer);
  }
}

/**
 * 401 is the token: revoked, or its person or app deleted. 403 has many reasons, of which most pass by themselves (limits of requests, a list of addresses):
 * only the one that is said of the account counts against it.
 */
function refusalOf({ status, body }: GitHubAnswer): StreamSpaceError {
  if (status === 401) return new StreamSpaceError('SignInFailed', 'GitHub does not take this token', { facts: { why: 'token' } });
  const message = typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : '';
  if (status === 403 && /account (was|is|has been) suspended/i.test(message))
    return new StreamSpaceError('SignInFailed', 'GitHub has suspended this account', { facts: { why: 'suspended' } });
  return unreachable(`GitHub answers with the status ${status}`);
}

export function unreachable(message: string, cause?: unknown): StreamSpaceError {
  return new StreamSpaceError('IdentityProviderUnreachable', message, { cause });
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw unreachable(`GitHub answers with more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
