// Whether a new object would be taken, asked with a dry-run create: half the work of a dry-run apply for the API server. The two
// differ in what apply demands of lists (keys once) and in the rights they take, so only objects without any list are asked
// this way, where the tenant may apply whatever of the kind in the namespace. A refusal is never taken from here.
import { KubeStatusError } from '../../runtime/kube/kube-status-error.ts';
import type { Resource } from '../../runtime/kube/types.ts';
import type { DryRun } from '../plan/input.ts';
import type { ObjectId } from '../render/manifest.ts';
import { isJsonObject, type JsonValue } from '../render/yaml/json.ts';
import type { Identified } from '../validate/validate.ts';
import { createDry, eachLimited } from './cluster.ts';
import { appliedJson } from './ownership.ts';
import type { SyncTarget } from './target.ts';

export type Creatable = ReadonlySet<ObjectId>;

/** Below this many of a kind in a namespace, the question about the right is more work than it saves. */
const WORTH_ASKING = 10;
const CONCURRENCY = 8;

/** @param absent what is not there under our label; it may be there without */
export async function creatableOf(
  target: SyncTarget,
  absent: readonly Identified[],
  resources: ReadonlyMap<ObjectId, Resource>,
  signal: AbortSignal,
): Promise<Creatable> {
  const found = new Set<ObjectId>();
  const plain = absent.filter(({ id, left, manifest }) => resources.has(id) && left === undefined && isPlain(manifest.object));
  const groups = Map.groupBy(plain, ({ namespace, manifest }) => `${namespace ?? ''} ${manifest.apiVersion} ${manifest.kind}`);
  const large = [...groups.values()].filter((group) => group.length >= WORTH_ASKING);
  await eachLimited(large, CONCURRENCY, async (group) => {
    const [{ id, namespace } = { id: undefined }] = group;
    const resource = id === undefined ? undefined : resources.get(id);
    if (resource === undefined) return;
    const question = { verb: 'patch', group: resource.group, resource: resource.plural };
    const where = namespace === undefined ? {} : { namespace };
    const { allowed } = await target.tenant.review({ ...question, ...where }, undefined, { signal });
    if (allowed) for (const object of group) found.add(object.id);
  });
  return found;
}

/** `undefined`: it is there already, or it was refused; a dry-run apply says what that means. */
export async function askCreate(
  target: SyncTarget,
  object: Identified,
  resource: Resource,
  signal: AbortSignal,
): Promise<DryRun | undefined> {
  try {
    await createDry(target.tenant, resource, object.namespace, appliedJson(object, target.owner), signal);
    return { outcome: 'absent' };
  } catch (error) {
    const aboutObject = error instanceof KubeStatusError && error.statusCode < 500 && error.statusCode !== 429;
    if (aboutObject) return undefined;
    throw error;
  }
}

function isPlain(value: JsonValue): boolean {
  if (Array.isArray(value)) return false;
  return !isJsonObject(value) || Object.values(value).every(isPlain);
}
