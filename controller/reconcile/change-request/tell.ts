// What is told of a change request, in the audit log and as Events: after the status, so that what is told is so.
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { ChangeRequest, ChangeRequestStatus } from '../../../schemas/kinds/changes/change-request.ts';
import { approversIn } from '../../changes/approvals.ts';
import type { ChangeRun } from './run.ts';

/** Once for each phase that it enters. */
export function tellPhase({ ports, request }: ChangeRun): void {
  const { spec, status } = request;
  const { phase = 'Pending' } = status ?? {};
  const { reason: code = phase, message = '' } = findCondition(status?.conditions, 'Ready') ?? {};
  ports.metrics.entered(phase);
  const { object, target } = namesOf(request);
  const actor = spec.requestedBy.name;
  if (phase === 'Merged') {
    const approvedBy = approversIn(status?.approvals ?? []).join(' ');
    const details = { target, commit: status?.commit ?? null, mergeCommit: status?.mergeCommit ?? null, approvedBy };
    ports.audit({ type: 'change.merged', actor, result: 'success', object, details });
  }
  if (phase === 'Failed' || phase === 'Expired')
    ports.audit({ type: 'change.failed', actor, result: 'failure', object, details: { target, code } });
  const type = phase === 'Failed' || phase === 'Expired' || phase === 'Rejected' ? 'Warning' : 'Normal';
  const reason = phase === 'Open' ? 'AwaitingApproval' : code;
  ports.events.record(subjectOf(request), { type, reason, message: message.slice(0, 900) });
}

/** When something goes wrong after the merge, and when it is well again. */
export function tellSettled({ ports, request }: ChangeRun, before: ChangeRequestStatus | undefined): void {
  const was = findCondition(before?.conditions, 'Settled');
  const now = findCondition(request.status?.conditions, 'Settled');
  if (now === undefined || (was?.status === now.status && was.reason === now.reason)) return;
  if (now.status !== 'False' && was?.status !== 'False') return;
  const { object, target } = namesOf(request);
  const message = now.message.slice(0, 900);
  ports.events.record(subjectOf(request), { type: now.status === 'False' ? 'Warning' : 'Normal', reason: now.reason, message });
  if (now.status !== 'False') return;
  const details = { target, mergeCommit: request.status?.mergeCommit ?? null, code: now.reason };
  ports.audit({ type: 'change.unhealthy', actor: request.spec.requestedBy.name, result: 'failure', object, details });
}

function namesOf({ metadata, spec }: ChangeRequest): { readonly object: string; readonly target: string } {
  return {
    object: `ChangeRequest/${metadata.namespace}/${metadata.name}`,
    target: `${spec.target.namespace}/${spec.target.name}`,
  };
}

function subjectOf({ metadata: { name, namespace, uid = '' } }: ChangeRequest) {
  return { resource: RESOURCES.changeRequests, name, namespace, uid };
}
