// How a ReplicaSet, Job or Pod is. Pure, and total: a status that is not as it should be is `Unknown`.
import * as z from 'zod';
import type { ObjectHealth } from '../../schemas/sync-history.ts';

interface ChildHealth {
  readonly health: ObjectHealth;
  readonly message: string;
}

const child = z.object({
  kind: z.string(),
  metadata: z.object({ deletionTimestamp: z.string().optional() }),
  spec: z.object({ replicas: z.number().optional() }).optional(),
  status: z
    .object({
      phase: z.string().optional(),
      reason: z.string().optional(),
      readyReplicas: z.number().optional(),
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), message: z.string().optional(), reason: z.string().optional() }))
        .optional(),
      containerStatuses: z
        .array(z.object({ state: z.object({ waiting: z.object({ reason: z.string().optional() }).optional() }).optional() }))
        .optional(),
    })
    .optional(),
});
type Child = z.infer<typeof child>;

const HEALTHY: ChildHealth = { health: 'Healthy', message: '' };
const progressing = (message: string): ChildHealth => ({ health: 'Progressing', message });
const degraded = (message: string): ChildHealth => ({ health: 'Degraded', message });

export function childHealth(object: unknown): ChildHealth {
  const parsed = child.safeParse(object);
  if (!parsed.success) return { health: 'Unknown', message: 'its status cannot be read' };
  const { kind, metadata } = parsed.data;
  if (metadata.deletionTimestamp !== undefined) return progressing('it is being deleted');
  if (kind === 'Pod') return podHealth(parsed.data);
  if (kind === 'Job') return jobHealth(parsed.data);
  const { spec, status } = parsed.data;
  const wanted = spec?.replicas ?? 1;
  const ready = status?.readyReplicas ?? 0;
  return ready >= wanted ? HEALTHY : progressing(`${ready} of ${wanted} pods are ready`);
}

/** Reasons for which a container does not get out of waiting by itself. */
const STUCK = new Set(['CrashLoopBackOff', 'ImagePullBackOff', 'ErrImagePull', 'InvalidImageName', 'CreateContainerConfigError']);

function podHealth({ status }: Child): ChildHealth {
  if (status?.phase === 'Succeeded') return HEALTHY;
  if (status?.phase === 'Failed') return degraded(status.reason ?? 'the pod failed');
  const waiting = status?.containerStatuses?.map(({ state }) => state?.waiting?.reason).find((reason) => reason !== undefined);
  if (waiting !== undefined) return STUCK.has(waiting) ? degraded(waiting) : progressing(waiting);
  if (isTrue(status, 'Ready')) return HEALTHY;
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  return progressing(
    scheduled?.status === 'False' ? (scheduled.message ?? 'it is not scheduled') : `phase ${status?.phase ?? 'Pending'}`,
  );
}

function jobHealth({ status }: Child): ChildHealth {
  if (isTrue(status, 'Failed'))
    return degraded(status?.conditions?.find(({ type }) => type === 'Failed')?.message ?? 'the job failed');
  return isTrue(status, 'Complete') || isTrue(status, 'Suspended') ? HEALTHY : progressing('it runs');
}

function isTrue(status: Child['status'], type: string): boolean {
  return status?.conditions?.some((each) => each.type === type && each.status === 'True') === true;
}
