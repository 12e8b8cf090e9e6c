// A real Gitea for tests: on a database of its own of the installation under test, with people, tokens and repositories. Its API and
// its Git are used; its pages are not there.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../local/state/state.ts';
import { giteaFolder } from '../../setup/test-programs.ts';
import { databaseOf, dropDatabase } from './database.ts';
import { temporaryFolder } from './recording.ts';
import type { Servers } from './servers.ts';
import { eventually } from './wait.ts';
import { freePort } from './xvnc.ts';

export interface GiteaAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface Gitea extends AsyncDisposable {
  readonly url: string;
  readonly apiUrl: string;
  /** Makes the person the first time. @returns a token that may do all that he may */
  person(login: string): Promise<string>;
  /** Of an owner, with a first commit in `main`. */
  repository(owner: string, name: string): Promise<string>;
  collaborator(owner: string, name: string, login: string, permission: 'read' | 'write' | 'admin'): Promise<void>;
  /** Deliveries of all that happens there, signed with the secret. */
  deliverTo(owner: string, name: string, url: string, secret: string): Promise<void>;
  ask(login: string, method: string, path: string, body?: object): Promise<GiteaAnswer>;
}

const run = promisify(execFile);
const SECRET = 'a-secret-of-this-test-server-alone';

export async function startGitea(servers: Servers): Promise<Gitea> {
  await using made = new AsyncDisposableStack();
  const folder = made.use(await temporaryFolder());
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const name = `gitea_${port}`;
  const admin = made.use(databaseOf(servers));
  await admin.query(`create database ${name} template template0`);
  made.defer(() => dropDatabase(admin, name));
  const config = join(folder.path, 'app.ini');
  const programs = giteaFolder(cacheFolder(process.env, process.cwd()));
  await mkdir(join(folder.path, 'custom'), { recursive: true });
  await writeFile(config, configOf({ folder: folder.path, programs, port, url, database: new URL(servers.databaseUrl), name }));
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder.path,
    USER: 'root',
    GITEA_WORK_DIR: folder.path,
    GITEA_I_AM_BEING_UNSAFE_RUNNING_AS_ROOT: 'true',
  };
  const gitea = (...args: string[]) => run(join(programs, 'gitea'), ['--config', config, ...args], { env });
  await gitea('migrate');
  const tokens = new Map<string, Promise<string>>();
  const tokenOf = async (login: string): Promise<string> => {
    const more = login === 'root-of-tests' ? ['--admin'] : [];
    await gitea(
      'admin',
      'user',
      'create',
      '--username',
      login,
      '--password',
      `${login}-Password-1`,
      '--email',
      `${login}@example.com`,
      '--must-change-password=false',
      ...more,
    );
    const { stdout } = await gitea(
      'admin',
      'user',
      'generate-access-token',
      '--username',
      login,
      '--token-name',
      'test',
      '--scopes',
      'all',
      '--raw',
    );
    // What it logs stands before it.
    return stdout.trim().split('\n').at(-1) ?? '';
  };
  const server = spawn(join(programs, 'gitea'), ['--config', config, 'web'], { env, stdio: 'ignore' });
  made.defer(async () => {
    server.kill('SIGTERM');
    if (server.exitCode === null) await once(server, 'exit');
  });
  await eventually('Gitea answers', async () => (await fetch(`${url}/api/v1/version`)).ok, { timeoutMs: 60_000 });
  const person = (login: string): Promise<string> => {
    const known = tokens.get(login) ?? tokenOf(login);
    tokens.set(login, known);
    return known;
  };
  const ask: Gitea['ask'] = async (login, method, path, body) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `token ${await person(login)}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  };
  const must = async (...asked: Parameters<Gitea['ask']>): Promise<void> => {
    const { status, body } = await ask(...asked);
    if (status >= 300) throw new Error(`${asked[1]} ${asked[2]} answered ${status}: ${JSON.stringify(body)}`);
  };
  const all = made.move();
  return {
    ...{ url, apiUrl: `${url}/api/v1`, person, ask },
    async repository(owner, repository) {
      await must(owner, 'POST', '/user/repos', { name: repository, auto_init: true, default_branch: 'main' });
      return `${url}/${owner}/${repository}.git`;
    },
    deliverTo: (owner, repository, target, secret) =>
      must(owner, 'POST', `/repos/${owner}/${repository}/hooks`, {
        ...{ type: 'gitea', active: true, config: { url: target, content_type: 'json', secret } },
        events: ['push', 'pull_request', 'pull_request_review', 'pull_request_comment', 'pull_request_sync'],
      }),
    collaborator: (owner, repository, login, permission) =>
      person(login).then(() => must(owner, 'PUT', `/repos/${owner}/${repository}/collaborators/${login}`, { permission })),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function configOf(options: {
  readonly folder: string;
  readonly programs: string;
  readonly port: number;
  readonly url: string;
  readonly database: URL;
  readonly name: string;
}): string {
  const { folder, programs, port, url, database, name } = options;
  const socket = database.searchParams.get('host');
  const host = socket ?? `${database.hostname}:${database.port === '' ? 5432 : database.port}`;
  return `APP_NAME = Gitea
RUN_MODE = prod
RUN_USER = root
WORK_PATH = ${folder}
[server]
PROTOCOL = http
HTTP_ADDR = 127.0.0.1
HTTP_PORT = ${port}
ROOT_URL = ${url}/
DISABLE_SSH = true
OFFLINE_MODE = true
STATIC_ROOT_PATH = ${programs}
[database]
DB_TYPE = postgres
HOST = ${host}
NAME = ${name}
USER = ${decodeURIComponent(database.username)}
PASSWD = \`${decodeURIComponent(database.password)}\`
SSL_MODE = disable
[repository]
ROOT = ${folder}/repositories
DEFAULT_BRANCH = main
[security]
INSTALL_LOCK = true
SECRET_KEY = ${SECRET}
PASSWORD_HASH_ALGO = pbkdf2_v2
[service]
DISABLE_REGISTRATION = true
[webhook]
ALLOWED_HOST_LIST = loopback
[log]
MODE = console
LEVEL = error
[actions]
ENABLED = false
[cron]
ENABLED = false
[indexer]
ISSUE_INDEXER_TYPE = db
`;
}
