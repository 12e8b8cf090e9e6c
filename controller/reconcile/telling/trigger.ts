// Why a sync began, and who asked for it. Read from the GitSync alone: the key of a reconcile call never says what happened.
import * as z from 'zod';
import { findCondition } from '../../../runtime/kube/conditions.ts';
import type { GitSync } from '../../../schemas/kinds/git-sync/git-sync.ts';
import type { ObjectMeta } from '../../../schemas/kinds/kind.ts';
import { ANNOTATIONS, personOf, requestedByOf } from '../../../schemas/names.ts';
import type { SyncTrigger } from '../../../schemas/sync-history.ts';

export interface Asked {
  /** A person, or the field manager of whoever wrote the annotation by other means. */
  readonly by: string;
  /** The API server has checked that the person wrote it himself (deploy/admission.ts). */
  readonly verified: boolean;
}

export interface Trigger {
  readonly trigger: SyncTrigger;
  readonly asked?: Asked;
}

/**
 * @param sync as it was when the call began
 * @param revision that the ref is at
 * @param hinted whether a push hook named the repository since the last attempt
 */
export function triggerOf(sync: GitSync, revision: string | undefined, hinted: boolean): Trigger {
  const { metadata, spec, status = {} } = sync;
  const ready = findCondition(status.conditions, 'Ready');
  // Annotations of a GitSync that is made, from a backup perhaps, are nobody's wish of now; admission does not look at them.
  if (status.observedGeneration === undefined) return { trigger: 'spec' };
  const requested = metadata.annotations?.[ANNOTATIONS.syncRequestedAt];
  if (requested !== undefined && requested !== status.handledRequest)
    return { trigger: 'request', ...asked(sync, ANNOTATIONS.syncRequestedAt, ANNOTATIONS.syncRequestedBy) };
  const confirmed = metadata.annotations?.[ANNOTATIONS.confirmDeletions];
  if (ready?.reason === 'DeletionsBlocked' && confirmed !== undefined && confirmed === status.attempted)
    return { trigger: 'confirm', ...asked(sync, ANNOTATIONS.confirmDeletions, ANNOTATIONS.deletionsConfirmedBy) };
  if (ready?.reason === 'Suspended' && !(spec.suspend ?? false)) return { trigger: 'resume' };
  if (ready?.reason === 'WindowClosed') return { trigger: 'window' };
  if (metadata.generation !== status.observedGeneration) return { trigger: 'spec' };
  if (revision !== undefined && revision !== status.attempted) return { trigger: hinted ? 'push' : 'poll' };
  if (ready?.reason.startsWith('Dependency') === true) return { trigger: 'dependency' };
  return { trigger: ready?.status === 'True' ? 'drift' : 'retry' };
}

/** The name counts only for the value that it was written with; else whoever wrote the value by name of his program. */
function asked({ metadata }: GitSync, subject: string, by: string): { readonly asked?: Asked } {
  const value = metadata.annotations?.[subject] ?? '';
  const name = requestedByOf(metadata.annotations?.[by], value);
  if (name !== undefined) return { asked: { by: personOf(name), verified: true } };
  const manager = managerOf(metadata, subject);
  return manager === undefined ? {} : { asked: { by: manager, verified: false } };
}

const managedField = z.object({
  manager: z.string(),
  fieldsV1: z.object({ 'f:metadata': z.object({ 'f:annotations': z.record(z.string(), z.unknown()) }) }),
});

function managerOf({ managedFields = [] }: ObjectMeta, annotation: string): string | undefined {
  for (const entry of managedFields) {
    const parsed = managedField.safeParse(entry);
    if (parsed.success && Object.hasOwn(parsed.data.fieldsV1['f:metadata']['f:annotations'], `f:${annotation}`))
      return parsed.data.manager;
  }
  return undefined;
}
