// One kind as the cluster has it, for everybody who watches: objects, which keys changed since a cursor, and whom to tell.
// It knows no person; what a person may see is decided in subscription.ts.

import type { KubeObjectJson, ReflectorEvent } from '../../../runtime/kube/types.ts';
import { storeKeyOf } from '../../../runtime/kube/watch/reflector.ts';

/** How many changes are remembered for readers that come back. At most this many keys and versions, never objects. */
const MAX_CHANGES = 2_000;

export interface Feed<T extends KubeObjectJson> {
  readonly objects: ReadonlyMap<string, T>;
  /** False until the first list has come. */
  readonly ready: boolean;
  /** Everything up to this resource version is in `objects`. */
  readonly cursor: string;
  /** Namespaces that hold objects. */
  namespaces(): ReadonlySet<string>;
  /** Keys that changed after the cursor, `undefined` when that is too long ago (or not a cursor at all). */
  changedSince(cursor: string): readonly string[] | undefined;
  /** Called after each change with its key. @returns the way to stop it */
  onChange(listener: (key: string) => void): () => void;
}

/** Resource versions are ordered numbers since Kubernetes 1.35; anything else is no cursor. */
function parseVersion(text: string | undefined): bigint | undefined {
  return text !== undefined && /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
}

export class ReflectedFeed<T extends KubeObjectJson> implements Feed<T> {
  readonly objects = new Map<string, T>();
  readonly #listeners = new Set<(key: string) => void>();
  readonly #changes: { readonly version: bigint; readonly key: string }[] = [];
  /** Changes up to this one are forgotten. */
  #floor = 0n;
  #version = 0n;
  ready = false;

  /** Give this to the reflector. */
  readonly accept = (event: ReflectorEvent<T>): void => {
    if (event.type === 'synced') {
      // A list says what is, not what happened before: whoever was away cannot be told which changes he missed.
      this.ready = true;
      this.#changes.length = 0;
      this.#version = parseVersion(event.resourceVersion) ?? this.#version;
      this.#floor = this.#version;
      return;
    }
    const key = storeKeyOf(event.object);
    if (event.type === 'deleted') this.objects.delete(key);
    else this.objects.set(key, event.object);
    const version = parseVersion(event.object.metadata.resourceVersion) ?? this.#version;
    if (version > this.#version) this.#version = version;
    this.#changes.push({ version, key });
    if (this.#changes.length > MAX_CHANGES) {
      for (const { version: old } of this.#changes.splice(0, MAX_CHANGES / 4)) if (old > this.#floor) this.#floor = old;
    }
    for (const listener of this.#listeners) listener(key);
  };

  get cursor(): string {
    return this.#version.toString();
  }

  namespaces(): ReadonlySet<string> {
    const namespaces = new Set<string>();
    for (const object of this.objects.values()) namespaces.add(object.metadata.namespace ?? '');
    return namespaces;
  }

  changedSince(cursor: string): readonly string[] | undefined {
    const version = parseVersion(cursor);
    // Ahead of us means another replica, or another cluster: we cannot tell what is missing.
    if (version === undefined || version < this.#floor || version > this.#version) return undefined;
    return [...new Set(this.#changes.filter((change) => change.version > version).map((change) => change.key))];
  }

  onChange(listener: (key: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
