// What is known to be as Git wants it: the bytes that were applied and the state that came of them. It saves the dry-run of
// an object that nobody has touched, so that one changed file of a thousand costs one request. Memory only: a restart asks
// for everything again.
import type { ErrorCode } from '../../schemas/errors.ts';
import type { ObjectId } from '../render/manifest.ts';
import { at, isJsonObject, type JsonObject, textAt, writeJson } from '../render/yaml/json.ts';
import { digestOf } from './ownership.ts';

interface Verified {
  readonly body: string;
  readonly state: string;
  readonly at: number;
}

/** An answer that the same bytes would only get again. */
export interface FinalRefusal {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Admission rules may have changed without the object: after this time everything is asked again. */
const TRUST_MS = 10 * 60_000;

export class VerifiedObjects {
  readonly #now: () => number;
  readonly #syncs = new Map<string, Map<ObjectId, Verified>>();
  readonly #refused = new Map<string, Map<ObjectId, FinalRefusal & { readonly body: string }>>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  remember(owner: string, id: ObjectId, body: string, object: JsonObject): void {
    const objects = this.#syncs.get(owner) ?? new Map<ObjectId, Verified>();
    this.#syncs.set(owner, objects);
    objects.set(id, { body: digestOf(body), state: stateOf(object), at: this.#now() });
  }

  /**
   * @param digest of the bytes that would be applied, as `digestOf` gives it
   * @param object metadata of the live object, as a metadata-only list gives it
   */
  isAsApplied(owner: string, id: ObjectId, digest: string, object: JsonObject): boolean {
    const known = this.#syncs.get(owner)?.get(id);
    return known !== undefined && this.#now() - known.at < TRUST_MS && known.body === digest && known.state === stateOf(object);
  }

  /** For the drift watch: an event with this state is the echo of our own write. */
  isKnownState(owner: string, id: ObjectId, object: JsonObject): boolean {
    return this.#syncs.get(owner)?.get(id)?.state === stateOf(object);
  }

  /** These bytes were refused for good. */
  refuse(owner: string, id: ObjectId, body: string, refusal: FinalRefusal): void {
    const refused = this.#refused.get(owner) ?? new Map<ObjectId, FinalRefusal & { readonly body: string }>();
    this.#refused.set(owner, refused);
    refused.set(id, { ...refusal, body: digestOf(body) });
  }

  refusalOf(owner: string, id: ObjectId, body: string): FinalRefusal | undefined {
    const known = this.#refused.get(owner)?.get(id);
    return known?.body === digestOf(body) ? { code: known.code, message: known.message } : undefined;
  }

  /** A refusal stays known as long as the bytes do not change, unless the whole GitSync is forgotten. */
  forget(owner: string, id?: ObjectId): void {
    if (id === undefined) {
      this.#syncs.delete(owner);
      this.#refused.delete(owner);
    } else this.#syncs.get(owner)?.delete(id);
  }
}

/**
 * Changes when a wish in the object may have: by generation where the kind counts it (a status does not), else by
 * resourceVersion.
 */
export function stateOf(object: JsonObject): string {
  const generation = at(object, 'metadata', 'generation');
  const uid = textAt(object, 'metadata', 'uid') ?? '';
  if (generation === undefined) return `${uid} ${textAt(object, 'metadata', 'resourceVersion') ?? ''}`;
  const marks = ['labels', 'annotations', 'ownerReferences', 'finalizers', 'deletionTimestamp'].map((key) =>
    sorted(at(object, 'metadata', key) ?? null),
  );
  return `${uid} ${String(generation)} ${digestOf(marks.join('\n'))}`;
}

function sorted(value: Parameters<typeof writeJson>[0]): string {
  if (!isJsonObject(value)) return writeJson(value);
  return writeJson(Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))));
}
