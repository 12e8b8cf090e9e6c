// What the stages ask of the API server, in raw JSON: no typed model that drops a field or rounds a number.
import { isStatus } from '../../runtime/kube/kube-status-error.ts';
import { pathOf } from '../../runtime/kube/paths.ts';
import type { KubeClient, Resource } from '../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { SYNC_FIELD_MANAGER } from '../../schemas/names.ts';
import { isJsonObject, type JsonObject, parseJson } from '../render/yaml/json.ts';

export interface ObjectRef {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string;
}

export type RawClient = Pick<KubeClient, 'text'>;

export interface ServerSideApply {
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/** The object as the API server made (or would make) it. */
export async function applyExact(client: RawClient, ref: ObjectRef, body: string, options: ServerSideApply): Promise<JsonObject> {
  const text = await client.text({
    method: 'PATCH',
    path: pathOf(ref.resource, { namespace: ref.namespace, name: ref.name }),
    query: {
      fieldManager: SYNC_FIELD_MANAGER,
      force: options.force,
      fieldValidation: 'Strict',
      dryRun: options.dryRun ? 'All' : undefined,
    },
    body,
    contentType: 'application/apply-patch+yaml',
    signal: options.signal,
  });
  return objectOf(text);
}

/** Rejects as the create itself would. */
export async function createDry(
  client: RawClient,
  resource: Resource,
  namespace: string | undefined,
  body: string,
  signal: AbortSignal,
): Promise<void> {
  const query = { fieldManager: SYNC_FIELD_MANAGER, fieldValidation: 'Strict', dryRun: 'All' };
  await client.text({ method: 'POST', path: pathOf(resource, { namespace }), query, body, signal });
}

/** `undefined` for 404. */
export async function readExact(client: RawClient, ref: ObjectRef, signal: AbortSignal): Promise<JsonObject | undefined> {
  try {
    const path = pathOf(ref.resource, { namespace: ref.namespace, name: ref.name });
    return objectOf(await client.text({ method: 'GET', path, signal }));
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}

function objectOf(text: string): JsonObject {
  const value = parseJson(text);
  if (!isJsonObject(value)) throw new StreamSpaceError('ClusterRequestFailed', 'the API server answered with no object');
  return value;
}

/** Runs `work` for each item, at most `limit` at once, in order. Ends at the first error; what runs then is waited for. */
export async function eachLimited<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  let failed = false;
  const lane = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const item = items[next] as T;
      next += 1;
      try {
        await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, lane));
  for (const result of lanes) if (result.status === 'rejected') throw result.reason;
}
