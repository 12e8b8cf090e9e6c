// What a plan needs of the cluster and no commit decides: read while Git is being asked, because both mostly wait.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { GitSync } from '../../../schemas/kinds/git-sync/git-sync.ts';
import { eachLimited } from '../../apply/cluster.ts';
import { type InventoryOwner, loadInventory, type StoredInventory } from '../../apply/inventory-store.ts';
import { resourceOfEntry } from '../../apply/kinds.ts';
import { type Listed, listOwned, NOTHING_LISTED } from '../../apply/live.ts';
import { ownerMark } from '../../apply/ownership.ts';
import { type ObjectId, partsOf } from '../../render/manifest.ts';
import type { JsonObject } from '../../render/yaml/json.ts';
import type { PlanRun } from './ports.ts';

export interface Surroundings {
  readonly stored: StoredInventory;
  /** Owner marks of every other GitSync there is. */
  readonly others: ReadonlySet<string>;
  /** What is in the cluster of the kinds that the inventory has. */
  readonly listed: Listed;
}

/** Older than this it is read again: nobody is to be shown a plan against the cluster of before a slow fetch. */
const MAX_AGE_MS = 2_000;
const CONCURRENCY = 8;

export class ReadAhead {
  readonly #run: PlanRun;
  #at = 0;
  #reading: Promise<Surroundings>;

  /** Begins to read. */
  constructor(run: PlanRun) {
    this.#run = run;
    this.#reading = this.#read();
  }

  /** @throws ServiceAccountMissing, InventoryUnreadable */
  async now(): Promise<Surroundings> {
    if (performance.now() - this.#at > MAX_AGE_MS) this.#reading = this.#read();
    return await this.#reading;
  }

  #read(): Promise<Surroundings> {
    this.#at = performance.now();
    const reading = surroundingsOf(this.#run);
    reading.catch(() => undefined); // told to whoever asks; a sync that ends before has another reason
    return reading;
  }
}

async function surroundingsOf(run: PlanRun): Promise<Surroundings> {
  const [, [stored, listed], others] = await Promise.all([requireServiceAccount(run), ownedBy(run), otherSyncs(run)]);
  return { stored, listed, others };
}

async function ownedBy(run: PlanRun): Promise<readonly [StoredInventory, Listed]> {
  const { ports, owner, signal } = run;
  const stored = await loadInventory(ports.client, inventoryOwner(run), signal);
  const oneOfEach = new Map(
    [...stored.entries.values()].map((entry) => {
      const { group, kind } = partsOf(entry.id);
      return [`${group}/${entry.version}/${kind}`, entry] as const;
    }),
  );
  const live = new Map<ObjectId, JsonObject>();
  const kinds = new Set<string>();
  await eachLimited([...oneOfEach.values()], CONCURRENCY, async (entry) => {
    try {
      const resource = await resourceOfEntry(ports.mapper, ports.client, entry, signal);
      if (resource === undefined) return;
      const listed = await listOwned(ports.client, [resource], owner, signal, NOTHING_LISTED);
      for (const [id, metadata] of listed.live) live.set(id, metadata);
      for (const key of listed.kinds) kinds.add(key);
    } catch {
      // Perhaps a kind that is gone with what defined it. The plan asks again for what Git has, and tells what is wrong.
    }
  });
  return [stored, { live, kinds }];
}

export function inventoryOwner({ owner, sync }: Pick<PlanRun, 'owner' | 'sync'>): InventoryOwner {
  return { ...owner, uid: sync.metadata.uid ?? '' };
}

async function requireServiceAccount({ ports, owner, spec, signal }: PlanRun): Promise<void> {
  const { serviceAccountName } = spec;
  const found = await ports.client.find(RESOURCES.serviceAccounts, owner.namespace, serviceAccountName, { signal });
  if (found === undefined)
    throw new StreamSpaceError(
      'ServiceAccountMissing',
      `there is no service account ${serviceAccountName} in namespace ${owner.namespace}`,
    );
}

async function otherSyncs({ ports, owner, signal }: PlanRun): Promise<ReadonlySet<string>> {
  const { items } = await ports.client.list<GitSync>(RESOURCES.gitSyncs, { signal });
  const names = items.map(({ metadata }) => ownerMark({ namespace: metadata.namespace ?? '', name: metadata.name }));
  return new Set(names.filter((name) => name !== ownerMark(owner)));
}
