// Writes one object of a plan: what it may still need to be there, its removal where it is replaced, the fields of others where
// it is taken over, and the bytes themselves.
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { Resource } from '../../runtime/kube/types.ts';
import { ERRORS, type ErrorCode, StreamSpaceError } from '../../schemas/errors.ts';
import { ownerOf } from '../plan/plan-changes.ts';
import type { ObjectId } from '../render/manifest.ts';
import type { Identified } from '../validate/validate.ts';
import { waitForEach } from './barrier.ts';
import { classifyRefusal, clusterError } from './classify.ts';
import { applyExact, type ObjectRef, readExact } from './cluster.ts';
import { dryRunObject } from './dry-run.ts';
import { giveUp, madeJson } from './left-fields.ts';
import { adoptManagers } from './managers.ts';
import { appliedJson, ownerMark } from './ownership.ts';
import { deleteAndWait } from './prune.ts';
import type { Write } from './steps.ts';
import type { SyncTarget } from './target.ts';

export interface Signals {
  /** A stop: asked between objects. */
  readonly signal: AbortSignal;
  /** For the object in hand: it outlives the stop by a few seconds. */
  readonly inHand: AbortSignal;
}

export interface WriteRefused {
  readonly code: ErrorCode;
  readonly message: string;
}

/** For definitions to be served, for namespaces (a Team's too) to exist, and for what is replaced to be gone. */
export const READY_WAIT_MS = 30_000;

export class ObjectWriter {
  readonly #target: SyncTarget;
  readonly #signals: Signals;
  readonly #resources: Map<ObjectId, Resource>;
  /** Namespaces that were seen or waited for in vain, so that each is waited for once. */
  readonly #namespaces = new Map<string, Promise<boolean>>();

  /** @param resources gets where each object turned out to be */
  constructor(target: SyncTarget, resources: Map<ObjectId, Resource>, signals: Signals) {
    this.#target = target;
    this.#resources = resources;
    this.#signals = signals;
  }

  /** @returns why not, where that concerns this object alone @throws what concerns the whole cluster, or a stop */
  async write(change: Write): Promise<WriteRefused | undefined> {
    const { verified, owner } = this.#target;
    const body = appliedJson(change.wanted, owner);
    // S-063: the same bytes get the same answer; they are not sent again until they change or this process is another.
    const known = verified.refusalOf(ownerMark(owner), change.id, body);
    if (known !== undefined) return known;
    try {
      const resource = await this.#resourceOf(change);
      this.#resources.set(change.id, resource);
      await this.#apply(change, resource, body);
      return undefined;
    } catch (error) {
      this.#signals.inHand.throwIfAborted();
      const refused = refusalIn(error, change.wanted);
      if (refused === undefined) throw clusterError(error);
      verified.forget(ownerMark(owner), change.id);
      if (refused.code === 'ObjectTooLarge') verified.refuse(ownerMark(owner), change.id, body, refused);
      return refused;
    }
  }

  async #apply(change: Write, resource: Resource, body: string): Promise<void> {
    const { owner, tenant, verified, conflicts } = this.#target;
    const { manifest, namespace } = change.wanted;
    const ref: ObjectRef = { resource, namespace, name: manifest.name };
    if (change.action === 'create' && change.deferred) await this.#dryRunDeferred(change, resource);
    if (change.action === 'replace') await this.#remove(change, ref);
    if (change.action === 'configure') await this.#adopt(ref, change.wanted);
    const options = { force: conflicts === 'Overwrite', dryRun: false, signal: this.#signals.inHand };
    const sent = change.action === 'configure' ? body : madeJson(change.wanted, owner);
    const made = await applyExact(tenant, ref, sent, options);
    const object = await giveUp(tenant, ref, made, change.wanted.left?.fields ?? [], this.#signals.inHand);
    verified.remember(ownerMark(owner), change.id, body, object);
    this.#target.onWritten?.(change.id, object);
  }

  async #dryRunDeferred(change: Write, resource: Resource): Promise<void> {
    const { namespace, manifest } = change.wanted;
    if (namespace !== undefined && !(await this.#namespaceIsThere(namespace)))
      throw new StreamSpaceError('NamespaceNotFound', `namespace ${namespace} was not there after ${READY_WAIT_MS / 1000} s`);
    const dryRun = await dryRunObject(this.#target, change.wanted, resource, this.#signals.inHand);
    if (dryRun.outcome === 'refused') throw new StreamSpaceError(dryRun.code, dryRun.message, { position: manifest.position });
  }

  async #remove(change: Extract<Write, { action: 'configure' | 'replace' }>, { resource }: ObjectRef): Promise<void> {
    const { tenant, own } = this.#target;
    const batch = [{ id: change.id, uid: change.uid, resource }];
    const [first] = await deleteAndWait(tenant, own, batch, READY_WAIT_MS, this.#signals.signal, this.#signals.inHand);
    if (first !== undefined) throw new StreamSpaceError('PruneIncomplete', `it is to be replaced, and ${first.message}`);
  }

  async #adopt(ref: ObjectRef, { left }: Identified): Promise<void> {
    const { own, tenant, owner, conflicts } = this.#target;
    const live = await readExact(own, ref, this.#signals.inHand);
    if (live === undefined) return;
    const takeOver = conflicts === 'Overwrite' && ownerOf(live) !== ownerMark(owner);
    await adoptManagers(tenant, ref, live, { takeOver }, this.#signals.inHand);
    if (left === undefined) return;
    // Read anew: whose managers were rewritten may have owned the fields too.
    const now = (await readExact(own, ref, this.#signals.inHand)) ?? live;
    await giveUp(tenant, ref, now, left.fields, this.#signals.inHand);
  }

  async #resourceOf(change: Write): Promise<Resource> {
    const { apiVersion, kind } = change.wanted.manifest;
    const { mapper } = this.#target;
    const found =
      this.#resources.get(change.id) ??
      (await mapper.resourceOf(apiVersion, kind, { fresh: true, signal: this.#signals.signal }));
    if (found === undefined) throw new StreamSpaceError('KindUnknown', `the API server does not serve ${kind} of ${apiVersion}`);
    return found;
  }

  #namespaceIsThere(name: string): Promise<boolean> {
    const known = this.#namespaces.get(name);
    if (known !== undefined) return known;
    const watched = [{ id: `/Namespace//${name}` as ObjectId, resource: RESOURCES.namespaces }];
    const options = { client: this.#target.own, timeoutMs: READY_WAIT_MS, signal: this.#signals.signal };
    const seen = waitForEach(watched, options).then((left) => left.length === 0);
    this.#namespaces.set(name, seen);
    return seen;
  }
}

/** Our own errors here are about the object, unless they say that the cluster is away or busy. */
function refusalIn(error: unknown, { manifest }: Identified): WriteRefused | undefined {
  if (!(error instanceof StreamSpaceError)) return classifyRefusal(error, manifest.kind, manifest.object);
  const aboutCluster = error.code === 'ClusterUnreachable' || ERRORS[error.code].retry === 'after';
  return aboutCluster ? undefined : { code: error.code, message: error.message };
}
