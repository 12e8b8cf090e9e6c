// Template: says that it was accepted. What could be wrong with it the API server refuses by its schema.
import { setCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient } from '../../../runtime/kube/types.ts';
import type { Template } from '../../../schemas/kinds/template.ts';
import type { Reconciler } from '../contract.ts';
import { saveStatus } from '../save-status.ts';

export interface TemplatePorts {
  readonly client: Pick<KubeClient, 'find' | 'apply'>;
  readonly now: () => Date;
}

export function createTemplateReconciler({ client, now }: TemplatePorts): Reconciler {
  return {
    kind: 'Template',
    async reconcile({ namespace, name }, { signal }) {
      const template = await client.find<Template>(RESOURCES.templates, namespace, name, { signal });
      if (template === undefined || template.metadata.deletionTimestamp !== undefined) return {};
      const { generation } = template.metadata;
      const ready = {
        type: 'Ready',
        status: 'True',
        reason: 'Accepted',
        message: 'it can be launched',
        observedGeneration: generation,
      } as const;
      const status = {
        ...(generation === undefined ? {} : { observedGeneration: generation }),
        conditions: [...setCondition(template.status?.conditions, ready, now().toISOString())],
      };
      await saveStatus(client, RESOURCES.templates, template, status, signal);
      return {};
    },
  };
}
