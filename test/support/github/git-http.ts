// Repositories over smart HTTP: `git http-backend`, with a token as the password.
import { spawn } from 'node:child_process';
import type { IncomingMessage } from 'node:http';
import { ApiFailure } from './failure.ts';
import type { Forge } from './forge.ts';
import { environment } from './git.ts';
import type { Account, Credential, Repository } from './state.ts';

export interface GitAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface GitRequest {
  readonly repository: Repository;
  /** Behind the name of the repository: `/info/refs`. */
  readonly rest: string;
  readonly query: string;
  readonly account: Account | undefined;
  /** True for the request that changes refs. */
  readonly receives: boolean;
}

const GIT_PATH = /^\/(?<owner>[^/]+)\/(?<name>[^/]+?)(?:\.git)?(?<rest>\/info\/refs|\/git-upload-pack|\/git-receive-pack)$/;

/** `undefined` for what is no repository's address. @throws ApiFailure 401, 403, 404 in the way of GitHub's git servers */
export function gitRequest(forge: Forge, request: IncomingMessage, url: URL): GitRequest | undefined {
  const { owner = '', name = '', rest = '' } = GIT_PATH.exec(url.pathname)?.groups ?? {};
  if (rest === '') return undefined;
  const credential = gitCredential(forge, request.headers.authorization);
  const pushes = rest === '/git-receive-pack' || url.searchParams.get('service') === 'git-receive-pack';
  const repository = forge.repositories.get(`${owner}/${name}`.toLowerCase());
  const account = credential?.account;
  const readable = repository !== undefined && forge.has(repository, account, 'read');
  if (credential === undefined && (pushes || !readable)) throw new ApiFailure(401, 'Authentication required');
  if (!readable) throw new ApiFailure(404, 'Repository not found.');
  if (pushes && (credential?.access === 'read' || !forge.has(repository, account, 'write'))) {
    throw new ApiFailure(403, `Permission to ${owner}/${name}.git denied to ${account?.login}.`);
  }
  return { repository, rest, query: url.search.slice(1), account, receives: rest === '/git-receive-pack' };
}

/** The name beside the token does not matter. */
function gitCredential(forge: Forge, header: string | undefined): Credential | undefined {
  const [, scheme = '', value = ''] = /^(basic|bearer|token) +(.+)$/i.exec(header ?? '') ?? [];
  if (scheme === '') return undefined;
  if (scheme.toLowerCase() !== 'basic') return forge.credential(value);
  return forge.credential(
    Buffer.from(value, 'base64')
      .toString('utf8')
      .replace(/^[^:]*:/, ''),
  );
}

export async function serveGit(forge: Forge, about: GitRequest, request: IncomingMessage, body: Buffer): Promise<GitAnswer> {
  const { repository, rest, query, account } = about;
  const protocol = request.headers['git-protocol'];
  const child = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      ...environment(),
      GIT_PROJECT_ROOT: forge.root,
      GIT_HTTP_EXPORT_ALL: '1',
      ...(account === undefined ? {} : { REMOTE_USER: account.login }),
      REQUEST_METHOD: request.method,
      PATH_INFO: `/${repository.owner.login}/${repository.name}.git${rest}`,
      QUERY_STRING: query,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      CONTENT_LENGTH: String(body.length),
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      ...(typeof protocol === 'string' ? { GIT_PROTOCOL: protocol } : {}),
    },
  });
  child.stdin.on('error', () => undefined); // it may have its answer before it has read all
  child.stdin.end(body);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  return answerOf(Buffer.concat(chunks));
}

function answerOf(output: Buffer): GitAnswer {
  const end = output.indexOf('\r\n\r\n');
  const lines = output.subarray(0, end).toString('latin1').split('\r\n');
  const pairs = lines
    .map((line) => line.split(/:\s*(.*)/))
    .map(([name = '', value = '']) => [name.toLowerCase(), value] as const);
  const status = Number.parseInt(pairs.find(([name]) => name === 'status')?.[1] ?? '200', 10);
  return { status, headers: Object.fromEntries(pairs.filter(([name]) => name !== 'status')), body: output.subarray(end + 4) };
}
