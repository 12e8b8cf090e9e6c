// Writes a status, and only if it says something new. What one writer says is applied as a whole: what it leaves out is gone.
import { isDeepStrictEqual } from 'node:util';
import { KubeStatusError } from '../../runtime/kube/kube-status-error.ts';
import type { KubeClient, KubeObjectJson, Resource } from '../../runtime/kube/types.ts';
import { type ErrorCode, StreamSpaceError } from '../../schemas/errors.ts';
import type { ObjectMeta } from '../../schemas/kinds/kind.ts';
import { CONTROLLER_FIELD_MANAGER } from '../../schemas/names.ts';

export interface WithStatus<Status> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly status?: Status;
}

/** How often a status is tried on the object as it is since others wrote to it. */
const TRIES = 5;

export interface Saved {
  readonly outcome: 'unchanged' | 'saved' | 'gone';
  /** Of the object as it is then, for the next status. */
  readonly resourceVersion?: string | undefined;
}

/**
 * One that was deleted meanwhile is no error, and its status is not given to another that has its name since. The resource version
 * sees to that: below `status` the API server takes the UID of the object that is there, whatever a request says of it. What others
 * wrote in between is no hindrance, for each field has one writer.
 * @param object with the status as this writer knows it: without fields of others
 * @throws KubeStatusError where others write faster than this
 */
export async function saveStatus<Status>(
  client: Pick<KubeClient, 'apply' | 'find'>,
  resource: Resource,
  object: WithStatus<Status>,
  status: Status,
  signal: AbortSignal,
  fieldManager = CONTROLLER_FIELD_MANAGER,
): Promise<Saved> {
  const { name, namespace, uid } = object.metadata;
  let { resourceVersion } = object.metadata;
  // Through JSON, so that a field that is undefined equals one that is not there.
  const plain: unknown = JSON.parse(JSON.stringify(status));
  if (isDeepStrictEqual(plain, object.status ?? {})) return { outcome: 'unchanged', resourceVersion };
  const options = { fieldManager, force: true, subresource: 'status', signal };
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    const metadata = { name, namespace, uid, resourceVersion };
    const body = JSON.stringify({ apiVersion: object.apiVersion, kind: object.kind, metadata, status: plain });
    try {
      const applied = await client.apply<KubeObjectJson>(resource, namespace, name, body, options);
      return { outcome: 'saved', resourceVersion: applied.metadata.resourceVersion };
    } catch (error) {
      if (!(error instanceof KubeStatusError)) throw error;
      if (error.statusCode === 404) return { outcome: 'gone' };
      if (error.statusCode !== 409 || attempt === TRIES) throw error;
    }
    const now = await client.find<KubeObjectJson>(resource, namespace, name, { signal });
    if (now === undefined || now.metadata.uid !== uid) return { outcome: 'gone' };
    resourceVersion = now.metadata.resourceVersion;
  }
}

/** The object that was given to {@link saveStatus}, as it is since. */
export function withSaved<Object extends { readonly metadata: ObjectMeta }>(object: Object, { resourceVersion }: Saved): Object {
  return resourceVersion === undefined ? object : { ...object, metadata: { ...object.metadata, resourceVersion } };
}

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
}

/**
 * What a status says about an error. `undefined`: nothing, because it will pass by itself within moments (no answer, too busy,
 * a conflict) or says nothing to anybody (a defect of ours is in the log).
 */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof StreamSpaceError)
    return error.code === 'ClusterUnreachable' ? undefined : { code: error.code, message: error.message };
  if (!(error instanceof KubeStatusError) || error.statusCode >= 500 || [409, 429].includes(error.statusCode)) return undefined;
  return { code: 'ClusterRequestFailed', message: error.message };
}
