// Asks the API server what each object of the set would become, before the first write, with the rights of the tenant.
import { isDeepStrictEqual } from 'node:util';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient, Resource } from '../../runtime/kube/types.ts';
import type { DryRun, DryRuns } from '../plan/input.ts';
import type { Inventory } from '../plan/inventory.ts';
import { describeId, groupOf, type ObjectId } from '../render/manifest.ts';
import { type JsonObject, textAt } from '../render/yaml/json.ts';
import type { Identified } from '../validate/validate.ts';
import { askCreate, type Creatable, creatableOf } from './ask-create.ts';
import { classifyRefusal, clusterError } from './classify.ts';
import { applyExact, eachLimited, type ObjectRef, readExact } from './cluster.ts';
import { kindKey, type ServedKinds } from './kinds.ts';
import { bodyNow } from './left-fields.ts';
import { type Listed, type LiveMetadata, listOwned, readLeaving } from './live.ts';
import { withoutManagers } from './managers.ts';
import { appliedDigest, ownerMark } from './ownership.ts';
import { type Prerequisites, prerequisitesOf } from './prerequisites.ts';
import type { SyncTarget } from './target.ts';

export interface DryRunSet {
  readonly dryRuns: DryRuns;
  /** Where each object is, for apply and prune; without what waits for its definition. */
  readonly resources: ReadonlyMap<ObjectId, Resource>;
}

/** What is known of the cluster before the first question. */
export interface KnownBefore {
  readonly inventory: Inventory;
  readonly listed: Listed;
}

/** Requests side by side. More makes a small API server slower, not faster. */
const CONCURRENCY = 8;

/** @throws StreamSpaceError for what concerns no single object: no answer, too busy */
export async function dryRunSet(
  target: SyncTarget,
  objects: readonly Identified[],
  served: ServedKinds,
  { inventory, listed }: KnownBefore,
  signal: AbortSignal,
): Promise<DryRunSet> {
  try {
    const resources = new Map<ObjectId, Resource>();
    for (const { id, manifest } of objects) {
      const resource = served.get(kindKey(manifest.apiVersion, manifest.kind));
      if (resource !== undefined) resources.set(id, resource);
    }
    const { live } = await listOwned(target.own, [...resources.values()], target.owner, signal, listed);
    const waiting = await waitingFor(target.own, prerequisitesOf(objects), served, signal);
    const absent = objects.filter(({ id, namespace }) => !live.has(id) && !waiting.namespaces.has(namespace ?? ''));
    const creatable = await creatableOf(target, absent, resources, signal);
    const wanted = new Map<ObjectId, DryRun>();
    await eachLimited(objects, CONCURRENCY, async (object) => {
      signal.throwIfAborted();
      wanted.set(object.id, await judge(target, object, resources.get(object.id), { live, waiting, creatable }, signal));
    });
    const rest = await readLeaving(target, inventory, new Set(objects.map(({ id }) => id)), signal);
    return { dryRuns: { wanted, leaving: rest.leaving }, resources: new Map([...resources, ...rest.resources]) };
  } catch (error) {
    signal.throwIfAborted();
    throw clusterError(error);
  }
}

interface Surroundings {
  readonly live: LiveMetadata;
  readonly waiting: Prerequisites;
  readonly creatable: Creatable;
}

async function judge(
  target: SyncTarget,
  object: Identified,
  resource: Resource | undefined,
  { live, waiting, creatable }: Surroundings,
  signal: AbortSignal,
): Promise<DryRun> {
  const { manifest, namespace, id } = object;
  const definition = waiting.definitions.get(`${groupOf(manifest.apiVersion)}/${manifest.kind}`);
  if (resource === undefined) {
    if (definition !== undefined) return { outcome: 'deferred', reason: `after ${describeId(definition)} of the same set` };
    const message = `the API server does not serve ${manifest.kind} of ${manifest.apiVersion}`;
    return { outcome: 'refused', code: 'KindUnknown', message, live: undefined, conflicts: [] };
  }
  const maker = namespace === undefined ? undefined : waiting.namespaces.get(namespace);
  if (maker !== undefined)
    return { outcome: 'deferred', reason: `after namespace ${namespace}, made by ${describeId(maker)} of the same set` };
  const metadata = live.get(id);
  const isAsApplied = (live: JsonObject): boolean =>
    target.verified.isAsApplied(ownerMark(target.owner), id, appliedDigest(object, target.owner), live);
  if (metadata !== undefined && isAsApplied(metadata)) return { outcome: 'verified' };
  const created = creatable.has(id) ? await askCreate(target, object, resource, signal) : undefined;
  return created ?? (await dryRunObject(target, object, resource, signal));
}

/** Also used right before a deferred object is applied. @throws what is no answer about this object */
export async function dryRunObject(
  target: SyncTarget,
  object: Identified,
  resource: Resource,
  signal: AbortSignal,
): Promise<DryRun> {
  const { manifest, namespace } = object;
  const ref: ObjectRef = { resource, namespace, name: manifest.name };
  const body = await bodyNow(target.own, ref, object, target.owner, signal);
  const ask = (force: boolean) => applyExact(target.tenant, ref, body, { force, dryRun: true, signal });
  let conflicts: Extract<DryRun, { outcome: 'accepted' }>['conflicts'] = [];
  for (const force of [false, true]) {
    try {
      const result = await ask(force);
      // A dry-run gives what would be created no resourceVersion: only what exists has to be read.
      const exists = textAt(result, 'metadata', 'resourceVersion') !== undefined;
      const live = exists ? await readExact(target.own, ref, signal) : undefined;
      if (live === undefined) return { outcome: 'absent' };
      // What would not change is held once: after a restart that is nearly all of the set.
      const held = isDeepStrictEqual(live, result) ? live : withoutManagers(result);
      return { outcome: 'accepted', result: held, live, conflicts };
    } catch (error) {
      const refusal = classifyRefusal(error, manifest.kind, manifest.object);
      if (refusal === undefined) throw error;
      const takeOver = refusal.code === 'ApplyConflict' && !force && target.conflicts === 'Overwrite';
      if (takeOver) conflicts = refusal.conflicts;
      else return { outcome: 'refused', ...refusal, live: await liveOf(target.own, ref, refusal.code === 'KindUnknown', signal) };
    }
  }
  throw new RangeError('a forced apply has no conflict');
}

async function liveOf(client: KubeClient, ref: ObjectRef, unknownKind: boolean, signal: AbortSignal) {
  return unknownKind ? undefined : await readExact(client, ref, signal);
}

/** Of what the set makes itself, only what is not there yet: everything else can be asked about now. */
async function waitingFor(
  client: KubeClient,
  made: Prerequisites,
  served: ServedKinds,
  signal: AbortSignal,
): Promise<Prerequisites> {
  const kinds = new Set([...served.values()].map(({ group, kind }) => `${group}/${kind}`));
  const definitions = new Map([...made.definitions].filter(([key]) => !kinds.has(key)));
  const namespaces = new Map<string, ObjectId>();
  await eachLimited([...made.namespaces], CONCURRENCY, async ([name, maker]) => {
    if ((await client.find(RESOURCES.namespaces, undefined, name, { signal })) === undefined) namespaces.set(name, maker);
  });
  return { definitions, namespaces };
}
