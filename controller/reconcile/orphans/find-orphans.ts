// Looks through the namespaces that a GitSync writes to, as its service account, metadata only. Writes and deletes nothing.
import { isStatus } from '../../../runtime/kube/kube-status-error.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson, Resource } from '../../../runtime/kube/types.ts';
import type { GitSync } from '../../../schemas/kinds/git-sync/git-sync.ts';
import type { OrphansStatus } from '../../../schemas/kinds/git-sync/orphans.ts';
import { durationMs } from '../../../schemas/kinds/kind.ts';
import { LABELS } from '../../../schemas/names.ts';
import { eachLimited } from '../../apply/cluster.ts';
import { loadInventory } from '../../apply/inventory-store.ts';
import { idOf } from '../../apply/live.ts';
import { ownerLabel, ownerMark, type SyncName } from '../../apply/ownership.ts';
import { serviceAccount } from '../../apply/tenant.ts';
import { type ObjectId, partsOf } from '../../render/manifest.ts';
import type { SyncRun } from '../git-sync/run.ts';
import { inventoryOwner } from '../git-sync/surroundings.ts';
import { isOrphan, mayHoldOrphans, type OrphanRules } from './is-orphan.ts';
import { listableKinds } from './listable.ts';

/** Beyond them the report says that it is incomplete. */
const MAX_NAMESPACES = 50;
const SAMPLE = 20;
/** Few: nobody waits for the report. */
const CONCURRENCY = 4;
/** A selector of more names makes a URL that servers refuse. */
const MAX_LABELS = 50;

/** Looks where it is time to, and writes what it found. Gives how long until it is time again. */
export async function reportOrphans(run: SyncRun): Promise<number> {
  const { spec, report, ports, signal } = run;
  const before = report.status.orphans;
  if (!spec.orphans.report) {
    if (before !== undefined) await report.note({ orphans: undefined }, signal);
    return Number.POSITIVE_INFINITY;
  }
  const everyMs = Math.max(1_000, durationMs(spec.orphans.every));
  const ageMs = before === undefined ? Number.POSITIVE_INFINITY : ports.now().getTime() - Date.parse(before.at);
  if (ageMs >= 0 && ageMs < everyMs) return everyMs - ageMs;
  await report.note({ orphans: await findOrphans(run) }, signal);
  return everyMs;
}

export async function findOrphans(run: SyncRun): Promise<OrphansStatus> {
  const { ports, owner, spec, signal } = run;
  const stored = await loadInventory(ports.client, inventoryOwner(run), signal);
  const all = [...new Set([...stored.entries.keys()].map((id) => partsOf(id).namespace))]
    .filter((name) => name !== '')
    .toSorted();
  const namespaces = all.slice(0, MAX_NAMESPACES);
  const { items } = await ports.client.list<GitSync>(RESOURCES.gitSyncs, { signal });
  const syncs = items.map(({ metadata: { namespace = '', name } }): SyncName => ({ namespace, name }));
  const rules: OrphanRules = {
    ignore: spec.orphans.ignore,
    gitSyncs: new Set(syncs.map(ownerMark)),
    self: { ...owner, serviceAccountName: spec.serviceAccountName },
  };
  const kinds = (await listableKinds(ports.client, signal)).filter(mayHoldOrphans);
  const tenant = ports.client.as(serviceAccount(owner.namespace, spec.serviceAccountName));
  const found: ObjectId[] = [];
  let incomplete = all.length > namespaces.length;
  const lists = namespaces.flatMap((namespace) => kinds.map((resource) => ({ namespace, resource })));
  await eachLimited(lists, CONCURRENCY, async ({ namespace, resource }) => {
    const objects = await listUnowned(tenant, resource, namespace, syncs, signal);
    if (objects === undefined) incomplete = true;
    for (const object of objects ?? []) if (isOrphan(resource, object, rules)) found.push(idOf(resource, object));
  });
  const at = ports
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z');
  const sample = found.toSorted().slice(0, SAMPLE);
  return { count: found.length, sample, at, ...(incomplete ? { incomplete } : {}) };
}

/** What the tenant may not list is not its business. `undefined`: no answer. */
async function listUnowned(
  tenant: Pick<KubeClient, 'list'>,
  resource: Resource,
  namespace: string,
  syncs: readonly SyncName[],
  signal: AbortSignal,
): Promise<readonly KubeObjectJson[] | undefined> {
  // `notin` also finds what has no such label: so the API server leaves out what GitSyncs own.
  const labels = syncs.length <= MAX_LABELS ? `${LABELS.gitSync} notin (${syncs.map(ownerLabel).join(',')})` : undefined;
  const selection = labels === undefined || syncs.length === 0 ? {} : { labelSelector: labels };
  try {
    return (await tenant.list<KubeObjectJson>(resource, { namespace, metadataOnly: true, signal, ...selection })).items;
  } catch (error) {
    signal.throwIfAborted();
    return [403, 404, 405].some((code) => isStatus(error, code)) ? [] : undefined;
  }
}
