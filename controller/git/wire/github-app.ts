// Installation tokens of a GitHub App: asked for with a JWT that the App's key signs (RS256), kept until shortly before their end.
// Not @octokit/auth-app: it hands a request that is under way to whoever asks for the same installation, whatever key he has.
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { type Dispatcher, request } from 'undici';
import * as z from 'zod';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { fingerprint } from '../clone/fingerprint.ts';

export interface GitHubAppOptions {
  /** Its number, or its client id. */
  readonly appId: string;
  readonly installationId: string;
  /** PEM */
  readonly privateKey: string;
  /** `https://api.github.com`, or `https://github.example.com/api/v3`. */
  readonly apiUrl: string;
}

interface Token {
  readonly text: string;
  readonly expiresAt: number;
}

const answer = z.object({ token: z.string().min(1).max(1024), expires_at: z.iso.datetime({ offset: true }) });

/** GitHub's tokens live for an hour; a fetch that begins with one should end with it. */
const RENEW_BEFORE_MS = 10 * 60_000;
const MAX_TOKENS = 256;
const MAX_ANSWER_BYTES = 256 * 1024;

export class GitHubAppTokens {
  readonly #now: () => number;
  readonly #tokens = new Map<string, Token>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** @throws GitAuthFailed, GitUnreachable */
  async token(app: GitHubAppOptions, dispatcher: Dispatcher, signal: AbortSignal): Promise<string> {
    const key = fingerprint(app);
    const known = this.#tokens.get(key);
    if (known !== undefined && known.expiresAt - this.#now() > RENEW_BEFORE_MS) return known.text;
    this.#tokens.delete(key);
    const token = await this.#ask(app, dispatcher, signal);
    this.#tokens.set(key, token);
    for (const oldest of this.#tokens.keys()) if (this.#tokens.size > MAX_TOKENS) this.#tokens.delete(oldest);
    return token.text;
  }

  /** A server that refuses the token may have revoked it: the next one is asked for anew. */
  forget(app: GitHubAppOptions): void {
    this.#tokens.delete(fingerprint(app));
  }

  async #ask(app: GitHubAppOptions, dispatcher: Dispatcher, signal: AbortSignal): Promise<Token> {
    const url = tokenUrl(app);
    let status: number;
    let text: string;
    try {
      const reply = await request(url, {
        method: 'POST',
        dispatcher,
        signal,
        headers: {
          authorization: `Bearer ${appJwt(app, this.#now())}`,
          accept: 'application/vnd.github+json',
          'x-github-api-version': '2022-11-28',
          'user-agent': 'streamspace',
        },
      });
      status = reply.statusCode;
      text = await boundedText(reply.body);
    } catch (error) {
      if (error instanceof StreamSpaceError) throw error;
      signal.throwIfAborted();
      throw new StreamSpaceError('GitUnreachable', `the API of GitHub at ${app.apiUrl} does not answer`, { cause: error });
    }
    if (status >= 500) throw new StreamSpaceError('GitUnreachable', `the API of GitHub at ${app.apiUrl} answered ${status}`);
    const parsed = status === 201 ? answer.safeParse(parseJson(text)) : undefined;
    if (parsed?.success !== true)
      throw new StreamSpaceError(
        'GitAuthFailed',
        `GitHub gives no token for installation ${app.installationId} of App ${app.appId}: it answered ${status}`,
        { facts: { status } },
      );
    return { text: parsed.data.token, expiresAt: Date.parse(parsed.data.expires_at) };
  }
}

function tokenUrl({ apiUrl, installationId }: GitHubAppOptions): URL {
  const url = URL.parse(`${apiUrl.replace(/\/+$/, '')}/app/installations/${encodeURIComponent(installationId)}/access_tokens`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new StreamSpaceError('GitAuthFailed', 'githubApiUrl is no http or https URL without user and password');
  return url;
}

/** Ten minutes at most; a minute back, for clocks that differ. */
export function appJwt({ appId, privateKey }: GitHubAppOptions, now: number): string {
  const seconds = Math.floor(now / 1000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: seconds - 60, exp: seconds + 540, iss: appId })}`;
  return `${body}.${sign('RSA-SHA256', Buffer.from(body), rsaKey(privateKey)).toString('base64url')}`;
}

function rsaKey(pem: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(pem);
  } catch {
    // Its message may quote the key.
  }
  if (key?.asymmetricKeyType !== 'rsa') throw new StreamSpaceError('GitAuthFailed', 'githubAppPrivateKey is no RSA key in PEM');
  return key;
}

async function boundedText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new StreamSpaceError('GitUnreachable', 'the API of GitHub answers with too much');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
