// Our objects as they were a short while ago, from watches: the API server's audit log has an object after a change, never before it.
import { asWritten } from '../../../runtime/audit/mask.ts';
import type { KubeClient, KubeObjectJson, Resource } from '../../../runtime/kube/types.ts';
import { startReflector, storeKeyOf } from '../../../runtime/kube/watch/reflector.ts';
import type { Logger } from '../../../runtime/log/log.ts';
import { KINDS } from '../../../schemas/kinds/all.ts';
import { API_GROUP, API_VERSION } from '../../../schemas/names.ts';
import { versionOf } from './translate.ts';

interface Version {
  readonly version: bigint;
  readonly object: unknown;
  /** Of `object`, to see what is new in it. */
  readonly text: string;
}

/** An event comes seconds after its change, or a minute when the gateway was away: more changes than these in between are seldom. */
const KEPT = 8;
/** Of objects that are gone. */
const KEPT_GONE = 1_000;

export class ObjectVersions {
  /** By plural and key, oldest first. */
  readonly #known = new Map<string, readonly Version[]>();
  /** In the order in which they went. */
  readonly #gone = new Set<string>();

  /** What changes by itself makes no version. */
  put(plural: string, object: KubeObjectJson): void {
    const key = `${plural} ${storeKeyOf(object)}`;
    this.#gone.delete(key);
    const version = versionOf(object.metadata.resourceVersion);
    const known = this.#known.get(key) ?? [];
    const written = asWritten(object);
    const text = JSON.stringify(written);
    if (version === undefined || known.at(-1)?.text === text) return;
    this.#known.set(key, [...known.slice(1 - KEPT), { version, object: written, text }]);
  }

  /** Kept for a while: its deletion is told after it. */
  remove(plural: string, object: KubeObjectJson): void {
    this.#gone.add(`${plural} ${storeKeyOf(object)}`);
    for (const oldest of this.#gone) {
      if (this.#gone.size <= KEPT_GONE) return;
      this.#gone.delete(oldest);
      this.#known.delete(oldest);
    }
  }

  /** @param version that it became; undefined: the last one that is known is meant */
  before(plural: string, key: string, version: bigint | undefined): unknown {
    const known = this.#known.get(`${plural} ${key}`);
    return known?.findLast((each) => version === undefined || each.version < version)?.object;
  }
}

export interface FollowVersionsPorts {
  readonly client: KubeClient;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Watches each of our kinds. @returns resolves when all have ended after the signal */
export function followVersions({ client, log, signal }: FollowVersionsPorts): {
  readonly versions: ObjectVersions;
  readonly ended: Promise<unknown>;
} {
  const versions = new ObjectVersions();
  const watches = KINDS.map(({ plural, kind, scope }) => {
    const resource: Resource = { group: API_GROUP, version: API_VERSION, plural, kind, namespaced: scope === 'Namespaced' };
    return startReflector<KubeObjectJson>({
      client,
      resource,
      signal,
      onEvent: (event) => {
        if (event.type === 'synced') return;
        if (event.type === 'deleted') versions.remove(plural, event.object);
        else versions.put(plural, event.object);
      },
      onError: (error) => log.warn({ err: error, resource: plural }, 'a watch failed and is tried again'),
    });
  });
  return { versions, ended: Promise.allSettled(watches.map(({ ended }) => ended)) };
}
