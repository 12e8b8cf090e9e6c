// The status of a ChangeRequest as values: what is known of it, and the conditions that follow. Pure.
import { type NewCondition, setCondition } from '../../../runtime/kube/conditions.ts';
import type { ChangePhase, ChangeRequest, ChangeRequestStatus } from '../../../schemas/kinds/changes/change-request.ts';

export interface Verdict {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** What becomes of the status; what is left out stays as it is. */
export interface StatusChange {
  readonly phase: ChangePhase;
  readonly ready?: Verdict;
  readonly fields?: Partial<ChangeRequestStatus>;
  readonly rendered?: Verdict;
  readonly approved?: Verdict;
  readonly merged?: Verdict;
  readonly conflict?: Verdict;
  readonly expired?: Verdict;
  readonly settled?: Verdict;
}

/** Of one that waits. */
export type OpenStatus = StatusChange & { readonly ready: Verdict };

export function changedStatus(request: ChangeRequest, change: StatusChange, at: string): ChangeRequestStatus {
  const { generation } = request.metadata;
  const named: readonly (readonly [string, Verdict | undefined])[] = [
    ['Ready', change.ready],
    ['Rendered', change.rendered],
    ['Approved', change.approved],
    ['Merged', change.merged],
    ['Conflict', change.conflict],
    ['Expired', change.expired],
    ['Settled', change.settled],
  ];
  let conditions = request.status?.conditions as Parameters<typeof setCondition>[0];
  for (const [type, verdict] of named) {
    if (verdict === undefined) continue;
    const next: NewCondition = { type, ...verdict, message: verdict.message.slice(0, 4_000), observedGeneration: generation };
    conditions = setCondition(conditions, next, at);
  }
  // What is undefined is not there, for whoever compares.
  const { codeOwners, approvalsReason, expiresAt, ...fields } = { ...request.status, ...change.fields };
  return {
    ...fields,
    ...(codeOwners === undefined ? {} : { codeOwners }),
    ...(approvalsReason === undefined ? {} : { approvalsReason }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    phase: change.phase,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: [...(conditions ?? [])],
  };
}

export function is(reason: string, message: string): Verdict {
  return { status: 'True', reason, message };
}

export function isNot(reason: string, message: string): Verdict {
  return { status: 'False', reason, message };
}
