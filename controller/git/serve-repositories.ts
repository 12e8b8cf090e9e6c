// For tests: bare repositories behind git's own HTTP server, on a free port of loopback, with faults on demand.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const IDENTITY = [
  '-c',
  'user.name=Ada',
  '-c',
  'user.email=ada@example.com',
  '-c',
  'init.defaultBranch=main',
  '-c',
  'commit.gpgsign=false',
];

export interface GitServer extends AsyncDisposable {
  readonly url: string;
  /** `METHOD path` of every request. */
  readonly requests: string[];
  /** Authorization headers as they came. */
  readonly authorizations: (string | undefined)[];
  /** Answers every request with this status, until set to `undefined`. */
  fault: { readonly status: number; readonly headers?: Readonly<Record<string, string>> } | undefined;
  /** A new bare repository with an empty working copy; `format` is the object format. */
  repository(name: string, format?: 'sha1' | 'sha256'): Promise<WorkingCopy>;
}

export interface WorkingCopy {
  readonly url: string;
  readonly folder: string;
  /** The repository on disk. */
  readonly bare: string;
  git(...args: readonly string[]): Promise<string>;
  /** Writes nothing: commits all there is, pushes `main`, gives the commit id. */
  push(message: string, options?: { readonly force: true }): Promise<string>;
}

export async function serveRepositories(): Promise<GitServer> {
  const root = await mkdtemp(path.join(tmpdir(), 'streamspace-git-'));
  const requests: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const server = http.createServer((req, res) => {
    requests.push(`${req.method} ${req.url}`);
    authorizations.push(req.headers.authorization);
    if (state.fault !== undefined) {
      res.writeHead(state.fault.status, state.fault.headers).end();
      return;
    }
    answer(root, req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const state: GitServer = {
    url,
    requests,
    authorizations,
    fault: undefined,
    repository: async (name, format = 'sha1') => {
      const bare = path.join(root, `${name}.git`);
      const folder = path.join(root, `${name}-work`);
      const git = async (...args: readonly string[]): Promise<string> =>
        (await execute('git', ['-C', folder, ...IDENTITY, ...args])).stdout.trim();
      await execute('git', [...IDENTITY, 'init', '--quiet', '--bare', `--object-format=${format}`, bare]);
      await execute('git', [...IDENTITY, 'init', '--quiet', `--object-format=${format}`, folder]);
      return {
        url: `${url}/${encodeURIComponent(name)}.git`,
        folder,
        bare,
        git,
        push: async (message, options) => {
          await git('add', '--all');
          await git('commit', '--quiet', '--allow-empty', '-m', message);
          await git('push', '--quiet', ...(options === undefined ? [] : ['--force']), bare, 'HEAD:main');
          return await git('rev-parse', 'HEAD');
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(root, { recursive: true, force: true });
    },
  };
  return state;
}

/** CGI, as `git http-backend` speaks it. */
function answer(root: string, req: http.IncomingMessage, res: http.ServerResponse): void {
  const [pathInfo = '', query = ''] = (req.url ?? '').split('?');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathInfo,
      QUERY_STRING: query,
      REQUEST_METHOD: req.method,
      CONTENT_TYPE: req.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: req.headers['content-encoding'] ?? '',
      ...(typeof req.headers['git-protocol'] === 'string' ? { GIT_PROTOCOL: req.headers['git-protocol'] } : {}),
    },
  });
  req.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('close', () => {
    const all = Buffer.concat(chunks);
    const end = all.indexOf('\r\n\r\n');
    for (const line of all.subarray(0, end).toString('latin1').split('\r\n')) {
      const [name = '', value = ''] = line.split(/:\s*(.*)/);
      if (name.toLowerCase() === 'status') res.statusCode = Number.parseInt(value, 10);
      else res.setHeader(name, value);
    }
    res.end(all.subarray(end + 4));
  });
}
