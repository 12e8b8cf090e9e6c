// A change request over a real repository, by plain Git, with a cluster in memory and whatever else it asks for as the test says.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { AuditEvent } from '../../../schemas/events.ts';
import type { ChangeEdit } from '../../../schemas/kinds/changes/change-edit.ts';
import type { ChangeRequest, ChangeRequestStatus, ChangeReview } from '../../../schemas/kinds/changes/change-request.ts';
import { applyEdits } from '../../changes/apply-edits.ts';
import type { Forge, ForgeChecks, ForgeReview } from '../../changes/forge/forge.ts';
import { createPlainGitForge } from '../../changes/forge/plain-git.ts';
import { rollbackFiles } from '../../changes/rollback.ts';
import { parseCommitSha } from '../../git/commit-sha.ts';
import { type GitServer, serveRepositories } from '../../git/serve-repositories.ts';
import { GitSource } from '../../git/source.ts';
import { GitTransport } from '../../git/wire/http.ts';
import { renderYaml } from '../../render/yaml/yaml.ts';
import { memoryCluster } from '../memory-cluster.ts';
import { NO_CHANGE_METRICS } from './change-metrics.ts';
import { createChangeRequestReconciler } from './change-request.ts';
import { CutsOff } from './cut-off.ts';
import type { ChangeRequestPorts } from './ports.ts';

const signal = new AbortController().signal;
export const TEAM =
  'apiVersion: streamspace.io/v1alpha1\nkind: Team\nmetadata: {name: web}\nspec:\n  displayName: Web # ours\n  members:\n    - {user: ada, role: admin}\n';
export const OBJECT = { apiVersion: 'streamspace.io/v1alpha1', kind: 'Team', name: 'web' };
export const ADD: ChangeEdit = {
  action: 'Patch',
  object: OBJECT,
  changes: [{ op: 'Set', path: 'spec.members[]', value: '{"user":"vera","role":"viewer"}' }],
};
export const START = '2027-03-01T08:00:00Z';
export const BRANCH = 'streamspace/change/uid-1';

/** Change requests over real repositories, with everything else in memory. */
export async function startChangeWorlds() {
  const server = await serveRepositories();
  const transport = new GitTransport();
  let made = 0;
  return {
    world: async (...given: Given) => {
      made += 1;
      return await changeWorld({ server, transport, name: `c${made}` }, ...given);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await transport[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

export type ChangeWorlds = Awaited<ReturnType<typeof startChangeWorlds>>;
export type ChangeWorld = Awaited<ReturnType<typeof changeWorld>>;
interface Servers {
  readonly server: GitServer;
  readonly transport: GitTransport;
  readonly name: string;
}
interface Settings {
  readonly changes?: object;
  readonly verify?: object;
}
type Given = readonly [edits?: readonly ChangeEdit[], requireApprovals?: number, settings?: Settings];

async function changeWorld(
  { server, transport, name: repositoryName }: Servers,
  edits: readonly ChangeEdit[] = [ADD],
  requireApprovals = 1,
  given: Settings = {},
) {
  const folder = await mkdtemp(path.join(tmpdir(), 'streamspace-changes-'));
  const repository = await server.repository(repositoryName);
  await repository.git('-C', repository.bare, 'config', 'http.receivepack', 'true');
  const push = async (files: Readonly<Record<string, string>>, message = 'Change'): Promise<string> => {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(repository.folder, file)), { recursive: true });
      await writeFile(path.join(repository.folder, file), text);
    }
    return await repository.push(message);
  };
  const first = await push({ 'teams/web.yaml': TEAM, 'other.txt': '1' }, 'Start');
  const git = new GitSource({ directory: folder, transport });
  const cluster = memoryCluster();
  cluster.put(RESOURCES.secrets, {
    metadata: { name: 'push', namespace: 'streamspace' },
    data: { password: Buffer.from('x').toString('base64') },
  });
  const sync = (status: object = {}, { changes, ...spec }: typeof given = given): void =>
    void cluster.put(RESOURCES.gitSyncs, {
      metadata: { name: 'platform', namespace: 'streamspace', uid: 's' },
      spec: {
        ...{ url: repository.url, ref: { branch: 'main' }, ...spec },
        changes: { secretRef: { name: 'push' }, requireApprovals, ...changes },
      },
      status,
    });
  sync();
  const put = (spec: object = {}): void => {
    const { status } = cluster.read<ChangeRequest>(RESOURCES.changeRequests, 'team-web', 'c') ?? {};
    cluster.put(RESOURCES.changeRequests, {
      metadata: { name: 'c', namespace: 'team-web', uid: 'uid-1', generation: 1, creationTimestamp: START },
      spec: {
        ...{ requestedBy: { name: 'mina', displayName: 'Mina', mayApprove: false }, reason: 'Vera helps us' },
        ...{ target: { namespace: 'streamspace', name: 'platform' }, edits, reviews: [], withdrawn: false },
        ...spec,
      },
      ...(status === undefined ? {} : { status }),
    });
  };
  put();
  let time = Date.parse(START);
  /** Everything that leaves something behind. */
  const cuts = new CutsOff();
  let objects: NonNullable<ChangeRequestStatus['objects']> = [{ ...OBJECT, action: 'Configure' }];
  let checks: ForgeChecks = { state: 'passed', message: '' };
  let said: readonly ForgeReview[] = [];
  let refused: Error | undefined;
  let looks = 0;
  let strict = false;
  let meanwhile = (): void => undefined;
  let failed: readonly string[] = [];
  const events: string[] = [];
  const groups: Record<string, readonly string[]> = {};
  let hints = 0;
  let squashed: string | undefined;
  const plain = createPlainGitForge({ git, transport });
  const forge: Forge = {
    ...plain,
    ensureBranch: cuts.after(plain.ensureBranch),
    merge: cuts.after(async (request, wish, stop) => {
      const parents = await git.inClone(request.repository, (clone) => clone.parentsOf(wish.commit));
      return strict && !parents.includes(wish.tip) ? 'Behind' : await plain.merge(request, wish, stop);
    }),
    close: cuts.after(plain.close),
    checks: async () => {
      meanwhile();
      return checks;
    },
    reviews: async () => said,
    findRequest: async (request, stop) =>
      squashed === undefined || !request.branch.endsWith('uid-1')
        ? await plain.findRequest(request, stop)
        : { state: 'Merged', mergeCommit: squashed },
  };
  const audited: AuditEvent[] = [];
  const apply = cuts.after(cluster.client.apply as (...given: Parameters<typeof cluster.client.apply>) => Promise<unknown>);
  const create = cuts.after(async (...[resource, namespace, body]: Parameters<typeof cluster.client.create>) => {
    const object = JSON.parse(String(body)) as { readonly metadata: object };
    const metadata = { ...object.metadata, creationTimestamp: new Date(time).toISOString() };
    return await cluster.client.create(resource, namespace, JSON.stringify({ ...object, metadata }));
  });
  const ports: ChangeRequestPorts = {
    client: {
      ...cluster.client,
      apply: apply as typeof cluster.client.apply,
      create: create as typeof cluster.client.create,
    },
    git,
    forge,
    edit: async ({ before, request, target, tip }) => {
      const { rollback: wish } = request.spec;
      if (wish !== undefined)
        return await rollbackFiles(git, { ...target, tip: parseCommitSha(tip), base: undefined, wish, paths: [] }, signal);
      const { manifests } = await renderYaml(await before.snapshot(''), signal);
      const unit = { path: '.', renderer: 'Yaml', entrypoint: 'main.ts' } as const;
      const sources = [{ unit, renderer: 'Yaml', manifests }] as const;
      return { files: await applyEdits(request.spec.edits, { tree: before, defaultNamespace: 'streamspace', sources }) };
    },
    check: async () => {
      looks += 1;
      if (refused !== undefined) throw refused;
      return { objects };
    },
    failed: async () => failed,
    mayApprove: async () => true,
    groupsOf: async (person) => groups[person] ?? [],
    pushed: () => {
      hints += 1;
    },
    audit: (event) => void audited.push(event),
    events: { record: (_subject, { type, reason }) => void events.push(`${type} ${reason}`) },
    metrics: NO_CHANGE_METRICS,
    now: () => new Date(time),
  };
  const reconciler = createChangeRequestReconciler(ports);
  const read = (name = 'c'): ChangeRequest => cluster.read<ChangeRequest>(RESOURCES.changeRequests, 'team-web', name) ?? fail();
  const reconcile = async (name = 'c') =>
    await reconciler.reconcile({ namespace: 'team-web', name }, { signal, log: pino({ level: 'silent' }) });
  return {
    ...{ cluster, audited, first, push, sync, put, read, reconcile, repository },
    review: (review: Partial<ChangeReview> = {}): void =>
      put({
        reviews: [{ by: 'ada', verdict: 'Approve', commit: read().status?.commit ?? '', at: '2027-03-01T09:00:00Z', ...review }],
      }),
    /** Before a push, once something was merged. */
    pull: async (): Promise<unknown> =>
      await repository.git('-C', repository.folder, 'pull', '--quiet', '--ff-only', repository.bare, 'main'),
    /** At the forge. */
    says: (...reviews: readonly Partial<ForgeReview>[]): void => {
      const commit = read().status?.commit ?? '';
      said = reviews.map((review) => ({
        ...{ by: 'bob', verdict: 'Reject', commit, at: '2027-03-01T09:30:00Z', ...review },
      }));
    },
    /** While it is looked at, before it is merged. */
    meanwhile: (act: () => void): void => {
      meanwhile = act;
    },
    checks: (now: ForgeChecks): void => {
      checks = now;
    },
    /** By the look at what it would change. */
    refuses: (now: Error | undefined): void => {
      refused = now;
    },
    /** The forge asks for a branch that is up to date. */
    strict: (): void => {
      strict = true;
    },
    /** How often it was looked at what it would change. */
    looks: () => looks,
    fails: (now: readonly string[]): void => {
      failed = now;
    },
    events,
    groups,
    hints: () => hints,
    squashedAs: (commit: string): void => {
      squashed = commit;
    },
    changes: (kind: string): void => {
      objects = [{ ...OBJECT, kind, action: 'Configure' }];
    },
    later: (ms: number): void => {
      time += ms;
    },
    crashAt: (effect: number): void => cuts.at(effect),
    main: async (): Promise<string> => await repository.git('-C', repository.bare, 'show', 'main:teams/web.yaml'),
    log: async (): Promise<readonly string[]> =>
      (await repository.git('-C', repository.bare, 'log', '--format=%s', 'main')).split('\n'),
    branches: async (): Promise<readonly string[]> =>
      (await repository.git('-C', repository.bare, 'for-each-ref', '--format=%(refname:short)', 'refs/heads')).split('\n'),
    head: async (): Promise<string> => await repository.git('-C', repository.bare, 'rev-parse', 'main'),
    ready: () => findCondition(read().status?.conditions, 'Ready'),
    async [Symbol.asyncDispose]() {
      await git[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function fail(): never {
  throw new TypeError('it is not there');
}

export const AFTER = `${TEAM}    - user: vera\n      role: viewer\n`.trimEnd();
