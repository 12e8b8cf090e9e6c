// Who does what: GitSyncs fall into shards by their name, shards to replicas by who is there. Pure, and the same in every
// replica that sees the same, so nobody has to be asked.
import { createHash } from 'node:crypto';

/** Rendezvous hashing: with one shard more or less, only the GitSyncs of that one move. */
export function shardOf(key: { readonly namespace?: string; readonly name: string }, shards: number): number {
  let best = 0;
  let heaviest = -1n;
  for (let shard = 0; shard < shards; shard += 1) {
    const weight = weightOf(`${key.namespace ?? ''}/${key.name}`, `shard ${shard}`);
    if (weight > heaviest) [best, heaviest] = [shard, weight];
  }
  return best;
}

/**
 * Each shard to the replica that its hash likes best and that has room: all have the same number, or one more. Nobody is left
 * without a shard while another has two.
 */
export function assignShards(members: readonly string[], shards: number): ReadonlyMap<number, string> {
  const all = [...new Set(members)].toSorted();
  const assigned = new Map<number, string>();
  if (all.length === 0) return assigned;
  const loads = new Map(all.map((member) => [member, 0]));
  const base = Math.floor(shards / all.length);
  let extra = shards % all.length;
  for (let shard = 0; shard < shards; shard += 1) {
    const liked = all.toSorted((a, b) => compare(weightOf(b, `shard ${shard}`), weightOf(a, `shard ${shard}`)));
    const chosen = liked.find((member) => (loads.get(member) ?? 0) < base + (extra > 0 ? 1 : 0));
    if (chosen === undefined) continue;
    const load = (loads.get(chosen) ?? 0) + 1;
    loads.set(chosen, load);
    if (load > base) extra -= 1;
    assigned.set(shard, chosen);
  }
  return assigned;
}

function weightOf(a: string, b: string): bigint {
  return createHash('sha256').update(`${a}\n${b}`).digest().readBigUInt64BE();
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
