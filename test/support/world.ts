// A world of its own for a test of the sync: a namespace, a repository and a GitSync in the installation under test.
import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type GitServer, serveRepositories, type WorkingCopy } from '../../controller/git/serve-repositories.ts';
import { createKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import type { GitSync, GitSyncSpec, GitSyncStatus } from '../../schemas/kinds/git-sync/git-sync.ts';
import type { GitSyncChanges } from '../../schemas/kinds/git-sync/git-sync-changes.ts';
import { ANNOTATIONS } from '../../schemas/names.ts';
import { auditLinesAbout } from './audit-log.ts';
import { kubectl } from './kubectl.ts';
import type { Servers } from './servers.ts';
import { eventually } from './wait.ts';

export interface WorldOptions {
  /** What the GitSync differs in from a plain one. */
  readonly spec?: Partial<Omit<GitSyncSpec, 'changes'>> & { readonly changes?: Partial<GitSyncChanges> | undefined };
  /** Rules of its service account beyond the namespace, as a ClusterRole. */
  readonly clusterRules?: readonly object[];
}

export interface World extends AsyncDisposable {
  readonly namespace: string;
  /** As the administrator. What is asked again and again is asked with it: a process of kubectl costs a tenth of a second. */
  readonly client: KubeClient;
  readonly repository: WorkingCopy;
  readonly server: GitServer;
  /** Writes files (null deletes one), commits, pushes, tells the controller. Gives the commit id. */
  push(files: Readonly<Record<string, string | null>>, options?: { readonly force: true }): Promise<string>;
  /** As {@link push}, but the controller is not told: for when it is frozen, or somebody else syncs. */
  commit(files: Readonly<Record<string, string | null>>): Promise<string>;
  /** Tells the controller that somebody pushed. */
  hint(): Promise<void>;
  /** Asks for a sync and waits until it is handled. */
  sync(): Promise<GitSyncStatus>;
  /** Waits until the status says so; fails with the last status. */
  until(what: string, holds: (status: GitSyncStatus) => boolean, timeoutMs?: number): Promise<GitSyncStatus>;
  /** Pushes, and waits until the commit is applied. */
  apply(files: Readonly<Record<string, string | null>>, options?: { readonly force: true }): Promise<GitSyncStatus>;
  status(): Promise<GitSyncStatus>;
  patch(patch: object): Promise<void>;
  kubectl(args: readonly string[], input?: string): Promise<string>;
  read<T = KubeJson>(kind: keyof typeof KINDS, name: string): Promise<T | undefined>;
  /** What was written about this world, from the API server's audit log: `verb resource/name`; dry-runs are none. */
  writes(): Promise<readonly string[]>;
  /** What came after these, each once. */
  writesSince(before: readonly string[]): Promise<ReadonlySet<string>>;
}

export interface KubeJson {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly [field: string]: unknown;
}

/** The GitSync of every world. */
const NAME = 'sync';
const FIELD_MANAGER = 'world';

const KINDS = {
  configmap: RESOURCES.configMaps,
  deployment: { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment', namespaced: true },
  gitsync: RESOURCES.gitSyncs,
  job: RESOURCES.jobs,
  pod: RESOURCES.pods,
  secret: RESOURCES.secrets,
  service: RESOURCES.services,
  statefulset: RESOURCES.statefulSets,
} as const satisfies Readonly<Record<string, Resource>>;

export async function freshWorld(servers: Servers, options: WorldOptions = {}): Promise<World> {
  const namespace = `world-${randomBytes(4).toString('hex')}`;
  const server = await serveRepositories();
  const repository = await server.repository('world');
  const run = (args: readonly string[], input?: string): Promise<string> => kubectl(servers, ['-n', namespace, ...args], input);
  const client = createKubeClient({ kubeconfig: servers.kubeconfig, userAgent: 'world' });
  for (const object of tenantObjects(namespace, options.clusterRules ?? [])) await make(client, object);
  const spec = { url: repository.url, interval: '10m', ...options.spec };
  await make(client, {
    resource: RESOURCES.gitSyncs,
    object: { apiVersion: 'streamspace.io/v1alpha1', kind: 'GitSync', metadata: { name: NAME, namespace }, spec },
  });
  const status = async (): Promise<GitSyncStatus> =>
    (await client.get<GitSync>(RESOURCES.gitSyncs, namespace, NAME)).status ?? {};
  const patch = async (change: object): Promise<void> => {
    await client.mergePatch(RESOURCES.gitSyncs, namespace, NAME, change, { fieldManager: FIELD_MANAGER });
  };

  const hint = async (): Promise<void> => {
    // A hint that gets lost is made good by the next poll only, minutes later.
    await eventually('the hook is heard', async () => {
      const { ok } = await fetch(`${servers.controller.url}/hooks/git`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ url: repository.url }),
      });
      return ok;
    });
  };

  const writes = async (): Promise<readonly string[]> => await writesAbout(namespace, servers.auditLog);

  const world: World = {
    namespace,
    client,
    repository,
    server,
    status,
    kubectl: run,
    commit: async (files) => {
      await write(repository.folder, files);
      return await repository.push('Change');
    },
    push: async (files, push) => {
      await write(repository.folder, files);
      const sha = await repository.push('Change', push);
      await hint();
      return sha;
    },
    hint,
    until: async (what, holds, timeoutMs = 60_000) => {
      let last: GitSyncStatus = {};
      return await eventually(
        what,
        async () => {
          last = await status();
          return holds(last) && last;
        },
        { timeoutMs },
      ).catch((error: unknown) => {
        throw new Error(`${error instanceof Error ? error.message : ''}; last status ${JSON.stringify(last)}`);
      });
    },
    apply: async (files, push) => {
      const sha = await world.push(files, push);
      return await world.until(
        `revision ${sha} is applied`,
        (now) => now.revision === sha && now.conditions?.[0]?.status === 'True',
      );
    },
    sync: async () => {
      const request = randomBytes(8).toString('hex');
      await patch({ metadata: { annotations: { [ANNOTATIONS.syncRequestedAt]: request } } });
      return await world.until('the request is handled', (now) => now.handledRequest === request);
    },
    patch,
    read: async <T>(kind: keyof typeof KINDS, name: string) => await client.find<T>(KINDS[kind], namespace, name),
    writes,
    writesSince: async (before) => new Set((await writes()).slice(before.length)),
    [Symbol.asyncDispose]: async () => {
      try {
        await client.delete(RESOURCES.gitSyncs, namespace, NAME);
        const isGone = async () => (await client.find(RESOURCES.gitSyncs, namespace, NAME)) === undefined;
        await eventually('the GitSync of the world is gone', isGone, { timeoutMs: 120_000 });
      } finally {
        await client.delete(RESOURCES.namespaces, undefined, namespace);
        await client.delete(RESOURCES.clusterRoleBindings, undefined, `sync-${namespace}`);
        await client.delete(RESOURCES.clusterRoles, undefined, `sync-${namespace}`);
        await client[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      }
    },
  };
  return world;
}

interface Made {
  readonly resource: Resource;
  readonly object: Pick<KubeObjectJson, 'apiVersion' | 'kind' | 'metadata'> & Readonly<Record<string, unknown>>;
}

async function make(client: KubeClient, { resource, object }: Made): Promise<void> {
  const { namespace, name } = object.metadata;
  await client.apply(resource, namespace, name, JSON.stringify(object), { fieldManager: FIELD_MANAGER, force: true });
}

/** The namespace, and a service account that may do everything in it and nothing elsewhere. */
function tenantObjects(namespace: string, clusterRules: readonly object[]): readonly Made[] {
  const apiGroup = 'rbac.authorization.k8s.io';
  const apiVersion = `${apiGroup}/v1`;
  const subjects = [{ kind: 'ServiceAccount', name: 'streamspace-sync', namespace }];
  const name = 'sync';
  const cluster = `sync-${namespace}`;
  const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
  const { namespaces, serviceAccounts, roles, roleBindings, clusterRoles, clusterRoleBindings } = RESOURCES;
  return [
    { resource: namespaces, object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } } },
    {
      resource: serviceAccounts,
      object: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'streamspace-sync', namespace } },
    },
    { resource: roles, object: { apiVersion, kind: 'Role', metadata: { name, namespace }, rules } },
    {
      resource: roleBindings,
      object: {
        apiVersion,
        kind: 'RoleBinding',
        metadata: { name, namespace },
        subjects,
        roleRef: { apiGroup, kind: 'Role', name },
      },
    },
    { resource: clusterRoles, object: { apiVersion, kind: 'ClusterRole', metadata: { name: cluster }, rules: clusterRules } },
    {
      resource: clusterRoleBindings,
      object: {
        apiVersion,
        kind: 'ClusterRoleBinding',
        metadata: { name: cluster },
        subjects,
        roleRef: { apiGroup, kind: 'ClusterRole', name: cluster },
      },
    },
  ];
}

async function write(folder: string, files: Readonly<Record<string, string | null>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    const path = join(folder, file);
    await mkdir(dirname(path), { recursive: true });
    if (text === null) await rm(path, { force: true });
    else await writeFile(path, text);
  }
}

interface AuditEvent {
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly resource?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly subresource?: string;
  };
  readonly impersonatedUser?: { readonly username: string };
}

const WRITING = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** By the controller or by the service account of the world: what Kubernetes itself does in the namespace is not meant. */
async function writesAbout(namespace: string, auditLog: string | undefined): Promise<readonly string[]> {
  if (auditLog === undefined) throw new Error('the installation under test has no audit log');
  return (await auditLinesAbout(namespace, auditLog)).flatMap((line) => {
    const event = JSON.parse(line) as AuditEvent;
    const { objectRef } = event;
    const ours =
      event.impersonatedUser !== undefined || !/^system:(serviceaccount:kube-system|kube|node)/.test(event.user.username);
    const told = event.stage === 'ResponseComplete' && WRITING.has(event.verb) && !/[?&]dryRun=/.test(event.requestURI);
    if (!ours || !told || objectRef?.resource === 'events') return [];
    const subresource = objectRef?.subresource === undefined ? '' : `/${objectRef.subresource}`;
    return [`${event.verb} ${objectRef?.resource}/${objectRef?.name}${subresource}`];
  });
}
