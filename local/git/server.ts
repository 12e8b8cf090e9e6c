// The local Git server: smart HTTP for one repository, read by every account, pushed to by some.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from '../../runtime/log/log.ts';
import { type Account, Accounts } from './accounts.ts';
import { serveGit } from './backend.ts';
import { type GitServerConfig, REPOSITORY } from './config.ts';

type Service = 'git-upload-pack' | 'git-receive-pack';

export interface GitServerPorts {
  readonly log: Logger;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** Each is a process or two of git. More clients than this at once wait for nobody: they are told to come again. */
const MAX_AT_ONCE = 16;
/** A clone of a very large repository on a slow line; whoever takes longer is stuck. */
const MAX_REQUEST_MS = 15 * 60_000;

function answer(response: ServerResponse, status: number, words: string, headers: Readonly<Record<string, string>> = {}): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // Plain text: git shows it to the person, each line after "remote:".
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...headers });
  response.end(`${words}\n`);
}

/** The smart protocol has three requests; everything else, dumb protocol included, is not here. */
export function serviceOf(method: string | undefined, url: URL): Service | undefined {
  const service = method === 'GET' && url.pathname === `/${REPOSITORY}/info/refs` ? url.searchParams.get('service') : undefined;
  if (service === 'git-upload-pack' || service === 'git-receive-pack') return service;
  if (method !== 'POST') return undefined;
  if (url.pathname === `/${REPOSITORY}/git-upload-pack`) return 'git-upload-pack';
  if (url.pathname === `/${REPOSITORY}/git-receive-pack`) return 'git-receive-pack';
  return undefined;
}

export function createGitServer(config: GitServerConfig, ports: GitServerPorts): Server {
  const accounts = new Accounts(config.users, ports.now);
  const pushers = config.users.filter(({ mayPush }) => mayPush).map(({ name }) => name);
  let running = 0;

  async function admitted(request: IncomingMessage, response: ServerResponse): Promise<Account | undefined> {
    const admission = await accounts.admit(request.headers.authorization);
    switch (admission.kind) {
      case 'admitted':
        return admission.account;
      case 'anonymous':
      case 'wrong': {
        const words = admission.kind === 'wrong' ? 'The name or the password is wrong.' : 'Sign in with your name and password.';
        answer(response, 401, words, {
          'www-authenticate': 'Basic realm="StreamSpace Git (local demonstration)", charset="UTF-8"',
        });
        return undefined;
      }
      case 'wait': {
        const seconds = Math.ceil(admission.waitMs / 1000);
        answer(response, 429, `Too many wrong passwords. Try again in ${seconds} s.`, { 'retry-after': String(seconds) });
        return undefined;
      }
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = URL.parse(request.url ?? '/', 'http://localhost');
    if (url?.pathname === '/healthz') return answer(response, 200, 'ok');
    const service = url === null ? undefined : serviceOf(request.method, url);
    if (url === null || service === undefined) return answer(response, 404, `Not here. The repository is ${config.url}`);
    const account = await admitted(request, response);
    if (account === undefined) return;
    if (service === 'git-receive-pack' && !account.mayPush) {
      return answer(response, 403, `${account.name} may read this repository but not push to it; ${pushers.join(' and ')} may.`);
    }
    if (running >= MAX_AT_ONCE)
      return answer(response, 503, 'Too many clients at once. Try again in a moment.', { 'retry-after': '2' });
    running += 1;
    const startedAt = ports.now();
    const gone = new AbortController();
    response.once('close', () => gone.abort(new Error('the client went away')));
    try {
      const signal = AbortSignal.any([ports.signal, gone.signal, AbortSignal.timeout(MAX_REQUEST_MS)]);
      await serveGit(request, response, {
        root: config.root,
        user: account.name,
        path: url.pathname,
        query: url.search.slice(1),
        signal,
      });
    } finally {
      running -= 1;
    }
    ports.log.info({ user: account.name, service, method: request.method, ms: ports.now() - startedAt }, 'served');
  }

  return createServer({ requestTimeout: MAX_REQUEST_MS, headersTimeout: 10_000 }, (request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (response.destroyed && !response.writableFinished) ports.log.debug({ err: error }, 'client went away');
      else ports.log.error({ err: error }, 'request failed');
      answer(response, 500, 'The Git server could not serve this request; its log says why.');
    });
  });
}
