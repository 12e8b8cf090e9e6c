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

/**
 * The UID makes sure that it is still the same object; one that was deleted meanwhile is no error.
 * @param object with the status as this writer knows it: without fields of others
 */
export async function saveStatus<Status>(
  client: Pick<KubeClient, 'apply'>,
  resource: Resource,
  object: WithStatus<Status>,
  status: Status,
  signal: AbortSignal,
  fieldManager = CONTROLLER_FIELD_MANAGER,
): Promise<'unchanged' | 'saved' | 'gone'> {
  // Through JSON, so that a field that is undefined equals one that is not there.
  const plain: unknown = JSON.parse(JSON.stringify(status));
  if (isDeepStrictEqual(plain, object.status ?? {})) return 'unchanged';
  signal.throwIfAborted();
  const { name, namespace, uid } = object.metadata;
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
  const body = JSON.stringify({ apiVersion: object.apiVersion, kind: object.kind, metadata, status: plain });
  const options = { fieldManager, force: true, subresource: 'status', signal };
  try {
    await client.apply<KubeObjectJson>(resource, namespace, name, body, options);
    return 'saved';
  } catch (error) {
    if (error instanceof KubeStatusError && (error.statusCode === 404 || error.statusCode === 409)) return 'gone';
    throw error;
  }
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
