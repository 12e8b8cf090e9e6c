// The objects that a change request changed, as they are in the cluster now.
import type { KubeClient, ResourceMapper } from '../../../runtime/kube/types.ts';
import { HealthExpressions } from '../../observe/expressions.ts';
import { lookAt, type Watched } from '../../observe/wait.ts';
import { describeId, groupOf, objectId } from '../../render/manifest.ts';
import type { ChangeRequestPorts } from './ports.ts';

/** Only what has failed for good is told: what takes its time, or is gone since, may be as somebody wants it. */
export function createChangeLook({
  client,
  mapper,
}: {
  readonly client: KubeClient;
  readonly mapper: ResourceMapper;
}): Pick<ChangeRequestPorts, 'failed'> {
  return {
    async failed({ status }, sync, signal) {
      const watched: Watched[] = [];
      for (const { apiVersion, kind, namespace = '', name, action } of status?.objects ?? []) {
        const resource = action === 'Delete' ? undefined : await mapper.resourceOf(apiVersion, kind, { signal });
        if (resource === undefined) continue;
        const id = objectId({ group: groupOf(apiVersion), kind, namespace, name });
        watched.push({ id, resource });
      }
      const rules = new HealthExpressions(sync.spec.health ?? []);
      const unhealthy = await lookAt(watched, { client, signal, rules });
      return unhealthy.flatMap(({ id, state, message }) => (state === 'Failed' ? [`${describeId(id)}: ${message}`] : []));
    },
  };
}
