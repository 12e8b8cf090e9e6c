// A change request at a forge that is cut off after every single step, and whose calls break off on either side of their effect.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { applyEdits } from '../../controller/changes/apply-edits.ts';
import type { Forge } from '../../controller/changes/forge/forge.ts';
import { createForges } from '../../controller/changes/forge/forges.ts';
import { GitSource } from '../../controller/git/source.ts';
import { GitTransport } from '../../controller/git/wire/http.ts';
import { NO_CHANGE_METRICS } from '../../controller/reconcile/change-request/change-metrics.ts';
import { createChangeRequestReconciler } from '../../controller/reconcile/change-request/change-request.ts';
import { CutOff, CutsOff } from '../../controller/reconcile/change-request/cut-off.ts';
import { memoryCluster } from '../../controller/reconcile/memory-cluster.ts';
import { renderYaml } from '../../controller/render/yaml/yaml.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { ChangeRequest } from '../../schemas/kinds/changes/change-request.ts';
import { must } from '../support/command.ts';
import { encodedData, type ForgeServer, giteaServer, githubServer } from '../support/forge-server.ts';
import { temporaryFolder } from '../support/recording.ts';

const signal = new AbortController().signal;
const TEAM = 'apiVersion: streamspace.io/v1alpha1\nkind: Team\nmetadata: {name: web}\nspec:\n  displayName: Web # ours\n';
const OBJECT = { apiVersion: 'streamspace.io/v1alpha1', kind: 'Team', name: 'web' };

const servers = inject('servers');
const started = new AsyncDisposableStack();
let github: Awaited<ReturnType<typeof githubServer>>;
let gitea: ForgeServer;
let transport: GitTransport;
let made = 0;
beforeAll(async () => {
  github = started.use(await githubServer());
  gitea = started.use(await giteaServer(servers));
  transport = started.use(new GitTransport());
});
afterAll(() => started.disposeAsync());

/** A clone with our file pushed. */
async function cloned(server: ForgeServer, url: string) {
  const { path: folder, [Symbol.asyncDispose]: dispose } = await temporaryFolder();
  const run = (...args: string[]): Promise<string> =>
    must('git', ['-C', folder, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...args]);
  await must('git', ['clone', '--quiet', await server.cloneUrl(url), folder]);
  await writeFile(join(folder, 'web.yaml'), TEAM);
  await run('add', '-A');
  await run('commit', '--quiet', '-m', 'Change web.yaml');
  await run('push', '--quiet', 'origin', 'HEAD:main');
  return { run, base: (await run('rev-parse', 'HEAD')).trim(), dispose };
}

async function world(server: ForgeServer) {
  made += 1;
  const repository = `cut-${made}`;
  const url = await server.repository(repository);
  const clone = await cloned(server, url);
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-cuts-'));
  const git = new GitSource({ directory: folder, transport });
  const cluster = memoryCluster();
  cluster.put(RESOURCES.secrets, {
    metadata: { name: 'push', namespace: 'streamspace' },
    data: encodedData(server.secretData),
  });
  cluster.put(RESOURCES.gitSyncs, {
    metadata: { name: 'platform', namespace: 'streamspace', uid: 's' },
    spec: {
      ...{ url, ref: { branch: 'main' }, credentialsRef: { name: 'push' } },
      changes: {
        secretRef: { name: 'push' },
        forge: { type: server.type, apiUrl: server.place(url).apiUrl, people: [{ login: 'ann', user: 'ada' }] },
      },
    },
    status: {},
  });
  cluster.put(RESOURCES.changeRequests, {
    metadata: {
      name: 'c',
      namespace: 'team-web',
      uid: `uid-${made}`,
      generation: 1,
      creationTimestamp: new Date().toISOString(),
    },
    spec: {
      ...{ requestedBy: { name: 'mina', mayApprove: false }, reason: 'Another name', reviews: [], withdrawn: false },
      target: { namespace: 'streamspace', name: 'platform' },
      edits: [{ action: 'Patch', object: OBJECT, changes: [{ op: 'Set', path: 'spec.displayName', value: '"The web"' }] }],
    },
  });
  const cuts = new CutsOff();
  const { forge } = createForges({ git, transport });
  const cutting: Forge = {
    ...forge,
    ensureBranch: cuts.after(forge.ensureBranch),
    openRequest: cuts.after(forge.openRequest),
    merge: cuts.after(forge.merge),
    close: cuts.after(forge.close),
  };
  const apply = cuts.after(cluster.client.apply as (...given: Parameters<typeof cluster.client.apply>) => Promise<unknown>);
  const reconciler = createChangeRequestReconciler({
    client: { ...cluster.client, apply: apply as typeof cluster.client.apply },
    ...{ git, forge: cutting },
    edit: async ({ before, request }) => {
      const { manifests } = await renderYaml(await before.snapshot(''), signal);
      const unit = { path: '.', renderer: 'Yaml', entrypoint: 'main.ts' } as const;
      const sources = [{ unit, renderer: 'Yaml', manifests }] as const;
      return { files: await applyEdits(request.spec.edits, { tree: before, defaultNamespace: 'streamspace', sources }) };
    },
    check: async () => ({ objects: [{ ...OBJECT, action: 'Configure' }] }),
    failed: async () => [],
    mayApprove: async () => true,
    groupsOf: async () => [],
    pushed: () => undefined,
    audit: () => undefined,
    events: { record: () => undefined },
    metrics: NO_CHANGE_METRICS,
    now: () => new Date(),
  });
  let wasCut = false;
  const read = (): ChangeRequest =>
    cluster.read<ChangeRequest>(RESOURCES.changeRequests, 'team-web', 'c') ?? expect.unreachable();
  const once = async (): Promise<void> => {
    await reconciler
      .reconcile({ namespace: 'team-web', name: 'c' }, { signal, log: pino({ level: 'silent' }) })
      .catch((error: unknown) => {
        if (error instanceof CutOff) wasCut = true;
      });
  };
  return {
    ...{ server, repository, clone, read },
    cutAt: (effect: number): void => cuts.at(effect),
    wasCut: () => wasCut,
    again: async (): Promise<void> => void (await once()),
    /** Until what is said holds; a call that fails is made again, as the queue does it. */
    until: async (holds: (status: ChangeRequest['status']) => boolean): Promise<void> => {
      for (let tries = 0; tries < 8 && !holds(read().status); tries += 1) await once();
      expect(read().status).toSatisfy(holds);
    },
    async [Symbol.asyncDispose]() {
      await git[Symbol.asyncDispose]();
      await clone.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Given = Awaited<ReturnType<typeof world>>;

/** From the wish to the merge, and the right state at the end of it: once each. */
async function goThrough(given: Given): Promise<void> {
  const { server, repository, clone, read } = given;
  await given.until((status) => status?.phase === 'Open' && status.url !== undefined);
  const [pull, ...others] = await server.pullRequests(repository);
  expect(others).toEqual([]);
  expect(pull).toMatchObject({ state: 'open', head: read().status?.commit, author: server.login });
  await server.review(repository, pull?.number ?? 0, 'ann', 'approve');
  await given.until((status) => status?.phase === 'Merged');
  await given.again();
  expect(await server.pullRequests(repository)).toMatchObject([{ state: 'merged', mergeCommit: read().status?.mergeCommit }]);
  await clone.run('fetch', '--quiet', 'origin', 'main');
  const log = (await clone.run('log', '--format=%s', `${clone.base}..FETCH_HEAD`)).trim().split('\n');
  expect(log.toSorted()).toEqual(['Another name', 'Merge change request team-web/c']);
  const heads = (await clone.run('ls-remote', '--heads', 'origin')).trim().split('\n');
  expect(heads.map((line) => line.split('\t')[1])).toEqual(['refs/heads/main']);
}

test.each([
  ['GitHub', () => github],
  ['Gitea', () => gitea],
] as const)(
  'S-104 cut off after every single step at %s, it makes one branch, one pull request and one merge',
  async (_name, server) => {
    for (let effect = 1; ; effect += 1) {
      await using given = await world(server());
      given.cutAt(effect);
      await goThrough(given);
      if (!given.wasCut()) {
        expect(effect).toBeGreaterThan(6);
        break;
      }
    }
    expect(server().violations()).toEqual([]);
  },
  300_000,
);

const CREATE = { method: 'POST', path: /\/pulls$/ } as const;
const MERGE = { method: 'PUT', path: /\/merge$/ } as const;
const PUSH = { method: 'POST', path: /git-receive-pack$/ } as const;

test.each([
  ['a pull request that was opened, and nobody heard of it', { ...CREATE, kind: 'dropAfter' }],
  ['an error of the server before a pull request is opened', { ...CREATE, kind: 'error', status: 502, times: 4 }],
  ['the secondary rate limit', { ...CREATE, kind: 'secondaryRateLimit', retryAfterSeconds: 1 }],
  ['a merge that was made, and nobody heard of it', { ...MERGE, kind: 'dropAfter' }],
  ['an error of the server before the merge', { ...MERGE, kind: 'error', status: 503, times: 4 }],
  ['a push that arrived, and nobody heard of it', { ...PUSH, kind: 'dropAfter' }],
] as const)(
  'S-104 %s: in the end there is one of each',
  async (_what, fault) => {
    await using given = await world(github);
    github.double.faults.push(fault);
    await goThrough(given);
    expect(github.double.faults.pending).toBe(0);
    expect(github.violations()).toEqual([]);
  },
  120_000,
);
