// A repository at a forge with the reconciler of its pull requests, and a GitSync whose status the test says.
import { createForges } from '../../controller/changes/forge/forges.ts';
import { writeCommit } from '../../controller/git/clone/write-commit.ts';
import { GitSource } from '../../controller/git/source.ts';
import { GitCredentials } from '../../controller/git/wire/credentials.ts';
import { GitTransport } from '../../controller/git/wire/http.ts';
import { push } from '../../controller/git/wire/push.ts';
import type { Reconciler } from '../../controller/reconcile/contract.ts';
import { memoryCluster } from '../../controller/reconcile/memory-cluster.ts';
import type { PullRequestPorts } from '../../controller/reconcile/pull-requests/ports.ts';
import { createPullRequestReconciler } from '../../controller/reconcile/pull-requests/pull-requests.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { GitSyncStatus } from '../../schemas/kinds/git-sync/git-sync.ts';
import { BOT, type ForgeServer } from './forge-server.ts';
import { temporaryFolder } from './recording.ts';

export const TOLD_KEY = { namespace: 'streamspace', name: 'platform' };

export interface ToldRepository extends AsyncDisposable {
  readonly name: string;
  /** Another controller, as after a restart. */
  start(more?: Partial<PullRequestPorts>): Reconciler;
  /** With one file that is new. @returns its number and head */
  open(branch: string): Promise<{ readonly number: number; readonly head: string }>;
  says(status: GitSyncStatus): void;
}

export async function toldRepository(server: ForgeServer, name: string): Promise<ToldRepository> {
  await using made = new AsyncDisposableStack();
  const folder = made.use(await temporaryFolder());
  const transport = made.use(new GitTransport());
  const git = made.use(new GitSource({ directory: folder.path, transport }));
  const url = await server.repository(name);
  const credentials = new GitCredentials({ basic: { username: BOT, password: server.secret } });
  const repository = { url, credentials };
  const { forge, pullRequests } = createForges({ git, transport });
  const place = { type: server.type, ...server.place(url), mergeMethod: 'Merge' as const, people: [] };
  const signal = new AbortController().signal;
  const cluster = memoryCluster();
  const encoded = (text: string): string => Buffer.from(text).toString('base64');
  cluster.put(RESOURCES.secrets, {
    metadata: { name: 'push', namespace: TOLD_KEY.namespace },
    data: { username: encoded(BOT), password: encoded(server.secret) },
  });
  const says = (status: GitSyncStatus): void => {
    cluster.drop(RESOURCES.gitSyncs, TOLD_KEY.namespace, TOLD_KEY.name);
    cluster.put(RESOURCES.gitSyncs, {
      metadata: { ...TOLD_KEY, uid: 's', generation: 1 },
      spec: {
        ...{ url, ref: { branch: 'main' }, credentialsRef: { name: 'push' } },
        changes: { secretRef: { name: 'push' }, forge: { type: server.type, apiUrl: place.apiUrl } },
      },
      status,
    });
  };
  says({});
  const all = made.move();
  return {
    name,
    says,
    start: (more = {}) =>
      createPullRequestReconciler({
        ...{ client: cluster.client, git, forge: pullRequests, now: () => new Date() },
        ...{ plan: async () => ({ changes: [], warnings: [] }), effects: async () => [], changes: () => [] },
        ...more,
      }),
    async open(branch) {
      const { sha: parent, ref } = await git.resolve(repository, { branch: 'main' }, signal);
      await git.fetch(repository, ref, parent, signal);
      const who = { name: 'Ann', mail: 'ann@example.com' };
      const head = await git.inClone(repository, async (clone) => {
        const files = new Map([[`${branch}.yaml`, Buffer.from('new\n')]]);
        const wish = { parent, files, author: who, committer: who, at: new Date(), message: `Add ${branch}\n` };
        const commit = await writeCommit(clone, wish, signal);
        const update = { ref: `refs/heads/${branch}`, from: undefined, to: commit };
        await push({ target: repository, clone, transport, update }, signal);
        return commit;
      });
      const asked = { repository, credentials, branch, into: 'main', title: branch, body: '', place };
      const { number = 0 } = await forge.openRequest(asked, signal);
      return { number, head };
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
