// SessionShare: says whether it lets people in, by its own end and by the policy of its session, and deletes what is long over.
// The gateway judges by the same rule (schemas/kinds/sessions/share-verdict.ts) and does not wait for what stands here.
import { setCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient } from '../../../runtime/kube/types.ts';
import { OPEN_SHARING } from '../../../schemas/kinds/policies/session-rules.ts';
import type { Session } from '../../../schemas/kinds/sessions/session.ts';
import type { SessionShare, SessionShareStatus } from '../../../schemas/kinds/sessions/session-share.ts';
import { isUsedUp, type ShareRefusal, shareEndMs, shareRefusal } from '../../../schemas/kinds/sessions/share-verdict.ts';
import { CONTROLLER_FIELD_MANAGER } from '../../../schemas/names.ts';
import type { ObjectKey, ReconcileContext, ReconcileResult, Reconciler } from '../contract.ts';
import { saveStatus } from '../save-status.ts';
import type { CacheOfAll } from '../wanted.ts';

export interface SessionSharePorts {
  readonly client: Pick<KubeClient, 'apply' | 'delete' | 'find'>;
  readonly cache: Pick<CacheOfAll, 'find'>;
  readonly now: () => Date;
}

/** Whoever opens a link that is over reads for so long why it does not work; then the link is unknown. */
const KEPT_MS = 24 * 3_600_000;

export function createSessionShareReconciler(ports: SessionSharePorts): Reconciler {
  return { kind: 'SessionShare', reconcile: (key, context) => reconcile(ports, key, context) };
}

async function reconcile(
  { cache, client, now }: SessionSharePorts,
  { namespace, name }: ObjectKey,
  { signal }: ReconcileContext,
): Promise<ReconcileResult> {
  const share = cache.find<SessionShare>(RESOURCES.sessionShares, namespace, name);
  if (share === undefined || share.metadata.deletionTimestamp !== undefined) return {};
  const nowMs = now().getTime();
  const session = cache.find<Session>(RESOURCES.sessions, namespace, share.spec.sessionRef.name);
  const sharing = session?.status?.effectivePolicy?.sharing ?? OPEN_SHARING;
  const endMs = shareEndMs(share.spec.expiresAt, Date.parse(share.metadata.creationTimestamp ?? ''), sharing);
  const deleteAt = endMs + KEPT_MS;
  if (nowMs >= deleteAt) {
    const { uid } = share.metadata;
    await client.delete(RESOURCES.sessionShares, namespace, name, { signal, ...(uid === undefined ? {} : { uid }) });
    return {};
  }
  const refusal = shareRefusal(share, sharing, nowMs) ?? usedUp(share);
  const wanted = statusOf(share, refusal, now().toISOString());
  // Uses and viewers are the gateway's.
  await saveStatus(client, RESOURCES.sessionShares, { ...share, status: ownOf(share) }, wanted, signal, CONTROLLER_FIELD_MANAGER);
  return { requeueAfterMs: Math.min((nowMs < endMs ? endMs : deleteAt) - nowMs, MAX_WAIT_MS) };
}

/** A timer of Node holds 24.8 days. */
const MAX_WAIT_MS = 24 * 3_600_000;

function ownOf({ status }: SessionShare): SessionShareStatus {
  return {
    ...(status?.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }),
    ...(status?.conditions === undefined ? {} : { conditions: status.conditions }),
  };
}

function usedUp(share: SessionShare): ShareRefusal | undefined {
  if (!isUsedUp(share)) return undefined;
  return { code: 'ShareUsedUp', message: `the link was opened ${share.status?.uses ?? 0} of ${share.spec.maxUses ?? 0} times` };
}

function statusOf({ metadata, status }: SessionShare, refusal: ShareRefusal | undefined, at: string): SessionShareStatus {
  const { generation } = metadata;
  const verdict =
    refusal === undefined
      ? ({ status: 'True', reason: 'Open', message: 'it lets people in' } as const)
      : ({ status: 'False', reason: refusal.code, message: refusal.message } as const);
  const ready = { type: 'Ready', ...verdict, ...(generation === undefined ? {} : { observedGeneration: generation }) } as const;
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: [...setCondition(status?.conditions, ready, at)],
  };
}
