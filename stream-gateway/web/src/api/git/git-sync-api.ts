// What the page asks about one GitSync and does with it.
import type * as z from 'zod';
import type { ObjectDiff, ObjectExplanation, SyncTree, SyncView, syncList, TreeNode } from '../../../../../schemas/api/syncs.ts';

export type SyncList = z.infer<typeof syncList>;

interface GitSyncName {
  readonly namespace: string;
  readonly name: string;
}
export type SyncedObject = Pick<TreeNode, 'group' | 'kind' | 'namespace' | 'name'>;

export interface GitSyncApi {
  requestSync(sync: GitSyncName): Promise<void>;
  suspendSync(sync: GitSyncName): Promise<void>;
  resumeSync(sync: GitSyncName): Promise<void>;
  /** Lets exactly this revision delete what its plan says. */
  confirmDeletions(sync: GitSyncName, revision: string): Promise<void>;
  syncHistory(sync: GitSyncName, cursor: string | null, signal: AbortSignal): Promise<SyncList>;
  syncTree(sync: GitSyncName, cursor: string | null, signal: AbortSignal): Promise<SyncTree>;
  explainObject(sync: GitSyncName, object: SyncedObject, signal: AbortSignal): Promise<ObjectExplanation>;
  diffObject(sync: GitSyncName, object: SyncedObject, signal: AbortSignal): Promise<ObjectDiff>;
}

export type { ObjectDiff, ObjectExplanation, SyncTree, SyncView };

export interface GitSyncApiPorts {
  get<T>(path: string, signal: AbortSignal): Promise<T>;
  post(path: string, body: unknown): Promise<unknown>;
}

export function gitSyncApi({ get, post }: GitSyncApiPorts): GitSyncApi {
  return {
    requestSync: async (sync) => void (await post(`${pathOf(sync)}/sync`, {})),
    suspendSync: async (sync) => void (await post(`${pathOf(sync)}/suspend`, {})),
    resumeSync: async (sync) => void (await post(`${pathOf(sync)}/resume`, {})),
    confirmDeletions: async (sync, revision) => void (await post(`${pathOf(sync)}/confirm`, { revision })),
    syncHistory: (sync, cursor, signal) => get(`${pathOf(sync)}/history${after(cursor)}`, signal),
    syncTree: (sync, cursor, signal) => get(`${pathOf(sync)}/tree${after(cursor)}`, signal),
    explainObject: (sync, object, signal) => get(objectPath(sync, object), signal),
    diffObject: (sync, object, signal) => get(`${objectPath(sync, object)}/diff`, signal),
  };
}

function pathOf({ namespace, name }: GitSyncName): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/gitsyncs/${encodeURIComponent(name)}`;
}

const after = (cursor: string | null): string => (cursor === null ? '' : `?continue=${encodeURIComponent(cursor)}`);

/** The core group is `core` in an address, and a cluster-wide object has the namespace `-`. */
function objectPath(sync: GitSyncName, { group, kind, namespace, name }: SyncedObject): string {
  const parts = [group === '' ? 'core' : group, kind, namespace === '' ? '-' : namespace, name];
  return `${pathOf(sync)}/objects/${parts.map(encodeURIComponent).join('/')}`;
}
