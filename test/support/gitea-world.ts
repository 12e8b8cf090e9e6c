// A world whose repository is at a real Gitea that tells the controller of everything, and people who push and open pull requests there.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GitSyncChanges } from '../../schemas/kinds/git-sync/git-sync-changes.ts';
import { must } from './command.ts';
import { BOT } from './forge-server.ts';
import { type Gitea, startGitea } from './gitea.ts';
import type { Servers } from './servers.ts';
import { eventually } from './wait.ts';
import { freshWorld, type World, type WorldOptions } from './world.ts';

/** Of the repository. */
export const OWNER = 'owner';
export const NAME = 'platform';
const SECRET = 'of-the-hook';
const TOLD_MS = 120_000;

type Files = Readonly<Record<string, string | null>>;

export interface GiteaWorld extends AsyncDisposable {
  readonly gitea: Gitea;
  readonly world: World;
  /** Of the repository in the API of Gitea. */
  readonly path: string;
  git(...args: string[]): Promise<string>;
  /** Commits on a branch of its own, from `main`, as ann or in the fork of somebody. @returns the commit */
  branch(name: string, files: Files, remote?: string): Promise<string>;
  /** Commits on top of what was committed last. */
  commit(name: string, files: Files, remote?: string): Promise<string>;
  /** A fork of this person, as a remote of the clone by the same name. */
  fork(login: string): Promise<void>;
  /** @returns the number */
  open(login: string, head: string, title: string): Promise<number>;
  close(number: number): Promise<void>;
  /** Of ours. */
  comments(number: number): Promise<readonly string[]>;
  /** Waits until a comment of ours says so, and gives it. */
  told(number: number, words: RegExp, timeoutMs?: number): Promise<string>;
  /** Of our status on a commit. */
  stateOf(sha: string): Promise<string | undefined>;
}

export interface GiteaWorldOptions extends WorldOptions {
  readonly changes?: Partial<GitSyncChanges>;
  /** Given where Gitea is, says where the controller finds it. Default: there. */
  readonly through?: (origin: string) => Promise<string>;
}

/** @param files of the first commit */
export async function giteaWorld(servers: Servers, files: Files, options: GiteaWorldOptions = {}): Promise<GiteaWorld> {
  await using made = new AsyncDisposableStack();
  const path = `/repos/${OWNER}/${NAME}`;
  const gitea = made.use(await startGitea(servers));
  const url = await gitea.repository(OWNER, NAME);
  for (const login of [BOT, 'ann']) await gitea.collaborator(OWNER, NAME, login, 'write');
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-forge-'));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  const as = async (login: string, owner: string): Promise<string> =>
    url.replace('://', `://${login}:${await gitea.person(login)}@`).replace(`/${OWNER}/`, `/${owner}/`);
  await must('git', ['clone', '--quiet', await as('ann', OWNER), folder]);
  const git = (...args: string[]): Promise<string> =>
    must('git', ['-C', folder, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...args]);

  const commit: GiteaWorld['commit'] = async (name, changed, remote = 'origin') => {
    for (const [file, text] of Object.entries(changed)) {
      if (text === null) await git('rm', '--quiet', file);
      else await must('sh', ['-c', 'cat > "$1"', 'sh', join(folder, file)], { input: text });
    }
    await git('add', '-A');
    await git('commit', '--quiet', '-m', 'Change');
    await git('push', '--quiet', '--force', remote, `HEAD:${name}`);
    return (await git('rev-parse', 'HEAD')).trim();
  };
  const branch: GiteaWorld['branch'] = async (name, changed, remote) => {
    await git('fetch', '--quiet', 'origin');
    await git('checkout', '--quiet', '-B', name, 'origin/main');
    return await commit(name, changed, remote);
  };
  const comments = async (number: number): Promise<readonly string[]> => {
    const { body } = await gitea.ask('ann', 'GET', `${path}/issues/${number}/comments`);
    return (body as readonly { readonly body: string; readonly user: { readonly login: string } }[])
      .filter(({ user }) => user.login === BOT)
      .map((each) => each.body);
  };

  await branch('main', files);
  const { changes, spec, clusterRules = [], through } = options;
  const found = through === undefined ? url : url.replace(gitea.url, await through(gitea.url));
  const world = made.use(
    await freshWorld(servers, {
      spec: {
        ...{ url: found, credentialsRef: { name: 'forge' }, webhookSecretRef: { name: 'hook' } },
        changes: {
          ...{
            secretRef: { name: 'forge' },
            branchPrefix: 'streamspace/change/',
            requireApprovals: 1,
            codeOwners: 'Show',
            expireAfter: '720h',
          },
          forge: { type: 'Gitea', mergeMethod: 'Merge', people: [{ login: 'ann', user: 'lead' }] },
          ...changes,
        },
        ...spec,
      },
      clusterRules,
    }),
  );
  const credentials = [`--from-literal=username=${BOT}`, `--from-literal=password=${await gitea.person(BOT)}`];
  await world.kubectl(['create', 'secret', 'generic', 'forge', ...credentials]);
  await world.kubectl(['create', 'secret', 'generic', 'hook', `--from-literal=secret=${SECRET}`]);
  await gitea.deliverTo(OWNER, NAME, `${servers.controller.url}/hooks/gitea/${world.namespace}/sync`, SECRET);
  await world.sync();
  await world.until('it is applied', ({ conditions }) => conditions?.[0]?.status === 'True');
  const all = made.move();
  return {
    ...{ gitea, world, path, git, branch, commit, comments },
    async fork(login) {
      await gitea.ask(login, 'POST', `${path}/forks`, {});
      await git('remote', 'add', login, await as(login, login));
    },
    async open(login, head, title) {
      const { status, body } = await gitea.ask(login, 'POST', `${path}/pulls`, { head, base: 'main', title, body: '' });
      if (status !== 201) throw new Error(`opening answered ${status}: ${JSON.stringify(body)}`);
      return (body as { readonly number: number }).number;
    },
    close: async (number) => void (await gitea.ask('ann', 'PATCH', `${path}/pulls/${number}`, { state: 'closed' })),
    async told(number, words, timeoutMs = TOLD_MS) {
      let last: readonly string[] = [];
      const found = async (): Promise<string | undefined> => {
        last = await comments(number);
        return last.find((text) => words.test(text));
      };
      return await eventually(`the comment of ${number} says ${words}`, found, { timeoutMs }).catch((error: unknown) => {
        throw new Error(`${String(error)}; it says ${JSON.stringify(last).slice(0, 4_000)}`);
      });
    },
    async stateOf(sha) {
      const { body } = await gitea.ask('ann', 'GET', `${path}/commits/${sha}/status`);
      const { statuses } = body as { readonly statuses: readonly { readonly context: string; readonly status: string }[] | null };
      return statuses?.find(({ context }) => context === `streamspace/${world.namespace}/sync`)?.status;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
