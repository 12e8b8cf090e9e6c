// One person who watches one list. It keeps the set of keys that may have changed, not a queue of events: however slow
// the reader, memory stays bounded and he gets the latest state. Each object is judged at the moment it is sent.
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { KubeObjectJson } from '../../../runtime/kube/types.ts';
import type { DeletedView, watchEventTypes } from '../../../schemas/api/api.ts';
import type { Person } from '../../store/people.ts';
import type { AccessIn, NamespaceAccess } from './access.ts';
import type { Feed } from './feed.ts';

export interface WatchEvent {
  readonly type: (typeof watchEventTypes)[number];
  readonly data: unknown;
  /** A cursor, where nothing older is outstanding. */
  readonly id?: string;
}

export interface SubscriptionOptions<T extends KubeObjectJson> {
  readonly feed: Feed<T>;
  /** As he is at the moment: his groups change. */
  readonly person: () => Person;
  readonly accessIn: AccessIn<T>;
  /** Left out: every namespace. */
  readonly namespace?: string | undefined;
  /** `Last-Event-ID` or `?resourceVersion=`. */
  readonly cursor?: string | undefined;
  /** Resolves when the reader can take more; waiting here is the backpressure. */
  readonly send: (event: WatchEvent) => Promise<void>;
  readonly signal: AbortSignal;
}

interface Sent {
  readonly uid: string;
  /** Of the text that was sent: the same state is not sent twice. */
  readonly checksum: number;
}

/** The reader has some state of the object; which, nobody knows. No CRC-32 is negative. */
const UNKNOWN = -1;

/** Stands for rights that changed since the last recheck; no stamp of rights is like it. */
const UNSETTLED = 'unsettled';

export class Subscription<T extends KubeObjectJson> {
  readonly #options: SubscriptionOptions<T>;
  readonly #dirty = new Set<string>();
  readonly #sent = new Map<string, Sent>();
  readonly #stamps = new Map<string, string>();
  #wake = Promise.withResolvers<void>();
  #bookmarked = '';

  constructor(options: SubscriptionOptions<T>) {
    this.#options = options;
  }

  /** Sends the snapshot (or what is new since the cursor), then changes until the signal is aborted. */
  async run(): Promise<void> {
    const { feed, signal } = this.#options;
    const stop = feed.onChange((key) => this.#touch(key));
    const wake = (): void => this.#wake.resolve();
    signal.addEventListener('abort', wake, { once: true });
    try {
      await this.#begin();
      while (!signal.aborted) {
        await this.#sendDirty();
        await this.#wake.promise;
        this.#wake = Promise.withResolvers<void>();
      }
    } finally {
      stop();
      signal.removeEventListener('abort', wake);
    }
  }

  /** Looks whether rights have changed since; call it every few seconds. What the person may no longer see is taken back. */
  async recheck(): Promise<void> {
    for (const namespace of this.#namespaces()) {
      const { stamp } = await this.#options.accessIn(this.#options.person(), namespace);
      if (this.#stamps.get(namespace) === stamp) continue;
      this.#stamps.set(namespace, stamp);
      for (const key of [...this.#options.feed.objects.keys(), ...this.#sent.keys()])
        if (namespaceOf(key) === namespace) this.#touch(key);
    }
    // What could not be judged the last time is judged now.
    if (this.#dirty.size > 0) this.#wake.resolve();
  }

  /** Tells an idle reader how far he is, so that he need not begin again after a pause. Nothing when he knows. */
  async bookmark(): Promise<void> {
    const { feed, send } = this.#options;
    if (this.#dirty.size > 0 || feed.cursor === this.#bookmarked) return;
    this.#bookmarked = feed.cursor;
    await send({ type: 'bookmark', data: { metadata: { resourceVersion: feed.cursor } }, id: this.#cursorId() });
  }

  async #begin(): Promise<void> {
    const { feed, cursor, send } = this.#options;
    await this.#learnAccess();
    if (cursor !== undefined) {
      const changed = await this.#resume(cursor);
      if (changed !== undefined) {
        for (const key of changed) this.#touch(key);
        return;
      }
      await send({ type: 'resync', data: {} });
    }
    const resourceVersion = feed.cursor;
    const items: unknown[] = [];
    for (const [key, object] of feed.objects) {
      const view = this.#covers(key) ? (await this.#accessOf(key)).present(object) : undefined;
      if (view === undefined) continue;
      items.push(view);
      this.#sent.set(key, { uid: object.metadata.uid ?? '', checksum: crc32(JSON.stringify(view)) });
    }
    this.#bookmarked = resourceVersion;
    await send({ type: 'snapshot', data: { metadata: { resourceVersion }, items }, id: this.#cursorId(resourceVersion) });
  }

  /**
   * Keys to send again, `undefined` when the reader has to begin anew. A cursor of ours carries a mark of the rights it
   * was made under: with other rights the reader may hold what he should not, and we cannot know what.
   */
  async #resume(cursor: string): Promise<readonly string[] | undefined> {
    const { feed } = this.#options;
    const [version = '', scope] = cursor.split('.', 2);
    if (scope !== undefined && scope !== this.#scope()) return undefined;
    const changed = feed.changedSince(version)?.filter((key) => this.#covers(key));
    if (changed === undefined) return undefined;
    for (const [key, object] of feed.objects)
      if (this.#covers(key) && (await this.#accessOf(key)).present(object) !== undefined)
        this.#sent.set(key, { uid: object.metadata.uid ?? '', checksum: UNKNOWN });
    // Whether the reader had one that is gone is not known; a `deleted` too many harms nobody, one too few does.
    for (const key of changed)
      if (!feed.objects.has(key) && (this.#stamps.get(namespaceOf(key)) ?? '') !== '')
        this.#sent.set(key, { uid: '', checksum: UNKNOWN });
    return changed;
  }

  async #sendDirty(): Promise<void> {
    const { signal } = this.#options;
    // Those that are there now; what becomes dirty while they are sent comes in the next round.
    for (const key of [...this.#dirty]) {
      if (signal.aborted) return;
      this.#dirty.delete(key);
      try {
        await this.#sendKey(key);
      } catch (error) {
        // The API server could not be asked: the object waits for the next recheck and is not shown until then.
        if (signal.aborted) return;
        this.#dirty.add(key);
        if (!(error instanceof Unjudged)) throw error;
      }
    }
  }

  async #sendKey(key: string): Promise<void> {
    const { feed, send } = this.#options;
    const access = await this.#accessOf(key).catch((error: unknown) => {
      throw new Unjudged(error);
    });
    // Read after the wait: the latest state, not the one that woke us.
    const object = feed.objects.get(key);
    const view = object === undefined ? undefined : access.present(object);
    const sent = this.#sent.get(key);
    const uid = object?.metadata.uid ?? '';
    if (sent !== undefined && (view === undefined || (sent.uid !== '' && sent.uid !== uid))) {
      this.#sent.delete(key);
      await send({ type: 'deleted', data: deletedView(key, sent.uid), ...this.#idIfLast() });
    }
    if (view === undefined) return;
    const checksum = crc32(JSON.stringify(view));
    const before = this.#sent.get(key);
    if (before?.checksum === checksum) return;
    this.#sent.set(key, { uid, checksum });
    await send({ type: before === undefined ? 'added' : 'changed', data: view, ...this.#idIfLast() });
  }

  async #learnAccess(): Promise<void> {
    const { person, accessIn } = this.#options;
    for (const namespace of this.#namespaces()) this.#stamps.set(namespace, (await accessIn(person(), namespace)).stamp);
  }

  async #accessOf(key: string): Promise<NamespaceAccess<T>> {
    const namespace = namespaceOf(key);
    const access = await this.#options.accessIn(this.#options.person(), namespace);
    // Rights that went and came back between two rechecks would look as if nothing had happened: what was judged meanwhile is
    // judged again.
    const known = this.#stamps.get(namespace);
    this.#stamps.set(namespace, known === undefined || known === access.stamp ? access.stamp : UNSETTLED);
    return access;
  }

  #namespaces(): ReadonlySet<string> {
    const { namespace, feed } = this.#options;
    if (namespace !== undefined) return new Set([namespace]);
    return new Set([...feed.namespaces(), ...[...this.#sent.keys()].map(namespaceOf)]);
  }

  #covers(key: string): boolean {
    const { namespace } = this.#options;
    return namespace === undefined || namespaceOf(key) === namespace;
  }

  #touch(key: string): void {
    if (!this.#covers(key)) return;
    this.#dirty.add(key);
    this.#wake.resolve();
  }

  #idIfLast(): { readonly id?: string } {
    return this.#dirty.size === 0 ? { id: this.#cursorId() } : {};
  }

  #cursorId(version = this.#options.feed.cursor): string {
    return `${version}.${this.#scope()}`;
  }

  /** A mark of who this is and what he may see where. */
  #scope(): string {
    const { person } = this.#options;
    const allowed = [...this.#stamps].filter(([, stamp]) => stamp !== '').sort(([left], [right]) => (left < right ? -1 : 1));
    return createHash('sha256')
      .update(JSON.stringify([person().name, allowed]))
      .digest('base64url')
      .slice(0, 12);
  }
}

class Unjudged extends Error {
  override readonly name = 'Unjudged';
  constructor(cause: unknown) {
    super('the API server could not be asked', { cause });
  }
}

function namespaceOf(key: string): string {
  return key.includes('/') ? (key.split('/', 1)[0] ?? '') : '';
}

function deletedView(key: string, uid: string): DeletedView {
  const [namespace, name] = key.includes('/') ? key.split('/', 2) : [undefined, key];
  return { metadata: { name: name ?? '', ...(namespace === undefined ? {} : { namespace }), uid } };
}
