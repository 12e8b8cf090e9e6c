// The Leases of the sync's replicas and shards, in the system namespace.
import { createHash } from 'node:crypto';

export function shardLeaseName(shard: number): string {
  return `streamspace-sync-shard-${shard}`;
}

/** An identity may be anything; a name may not. */
export function memberLeaseName(identity: string): string {
  return `streamspace-sync-member-${createHash('sha256').update(identity).digest('hex').slice(0, 16)}`;
}
