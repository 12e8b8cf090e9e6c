// What the Lease of a recording tells the other replicas: whether pictures are being taken right now.

import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../../runtime/kube/types.ts';
import { SYSTEM_NAMESPACE } from '../../../schemas/names.ts';

export const RECORDING_ANNOTATION = 'streamspace.io/recording';
export type LeaseState = 'starting' | 'running' | 'interrupted';

interface LeaseJson extends KubeObjectJson {
  readonly spec?: { readonly holderIdentity?: string; readonly renewTime?: string; readonly leaseDurationSeconds?: number };
}

/** Clocks of replicas may differ by so much. */
const SKEW_MS = 5_000;

export function recordingLease(sessionUid: string): string {
  return `recording-${sessionUid}`;
}

/** Whether another replica records the session, by its own words of the last seconds. */
export async function isRecordedElsewhere(client: Pick<KubeClient, 'find'>, sessionUid: string): Promise<boolean> {
  const lease = await client.find<LeaseJson>(RESOURCES.leases, SYSTEM_NAMESPACE, recordingLease(sessionUid));
  if (lease?.metadata.annotations?.[RECORDING_ANNOTATION] !== ('running' satisfies LeaseState)) return false;
  const { holderIdentity = '', renewTime, leaseDurationSeconds = 0 } = lease.spec ?? {};
  const ageMs = Date.now() - Date.parse(renewTime ?? '');
  return holderIdentity !== '' && ageMs < 1_000 * leaseDurationSeconds + SKEW_MS;
}

export async function tellLease(client: Pick<KubeClient, 'mergePatch'>, sessionUid: string, state: LeaseState): Promise<void> {
  const key = { namespace: SYSTEM_NAMESPACE, name: recordingLease(sessionUid) };
  await client.mergePatch(
    RESOURCES.leases,
    key.namespace,
    key.name,
    { metadata: { annotations: { [RECORDING_ANNOTATION]: state } } },
    {},
  );
}
