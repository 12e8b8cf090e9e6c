// Adds and removes our finalizer, with the resource version as precondition: somebody else's change is never undone.
import { isStatus } from '../../runtime/kube/kube-status-error.ts';
import type { KubeClient, Resource } from '../../runtime/kube/types.ts';
import type { ObjectMeta } from '../../schemas/kinds/kind.ts';
import { CONTROLLER_FIELD_MANAGER } from '../../schemas/names.ts';

interface Finalized {
  readonly metadata: ObjectMeta;
}
type Patcher = Pick<KubeClient, 'mergePatch'>;

export async function addFinalizer(client: Patcher, resource: Resource, object: Finalized, finalizer: string): Promise<void> {
  const finalizers = object.metadata.finalizers ?? [];
  if (!finalizers.includes(finalizer)) await patch(client, resource, object, [...finalizers, finalizer]);
}

/** Nothing is left to do for an object that is gone already. */
export async function removeFinalizer(client: Patcher, resource: Resource, object: Finalized, finalizer: string): Promise<void> {
  const finalizers = object.metadata.finalizers ?? [];
  if (!finalizers.includes(finalizer)) return;
  try {
    await patch(
      client,
      resource,
      object,
      finalizers.filter((name) => name !== finalizer),
    );
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
  }
}

async function patch(client: Patcher, resource: Resource, { metadata }: Finalized, finalizers: readonly string[]): Promise<void> {
  const { name, namespace, resourceVersion } = metadata;
  const body = { metadata: { resourceVersion, finalizers } };
  await client.mergePatch(resource, namespace, name, body, { fieldManager: CONTROLLER_FIELD_MANAGER });
}
