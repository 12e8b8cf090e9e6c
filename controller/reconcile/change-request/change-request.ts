// ChangeRequest: from a wish to a commit on a branch, through reviews to a merge, and on to the cluster. Each step looks at what is
// there (Git first) before it does anything, so it may be cut off after any of them and begun again (docs/adr/0049-change-requests.md).
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { type ChangePhase, type ChangeRequest, isDone } from '../../../schemas/kinds/changes/change-request.ts';
import { durationMs } from '../../../schemas/kinds/kind.ts';
import { type Judged, listedReviews, rejectionIn } from '../../changes/approvals.ts';
import type { ForgeReview } from '../../changes/forge/forge.ts';
import { type ObjectKey, type ReconcileContext, type ReconcileResult, type Reconciler, RetryWithin } from '../contract.ts';
import { describeFailure } from '../failures.ts';
import { failureOf, saveStatus, withSaved } from '../save-status.ts';
import { keepOpen } from './advance.ts';
import { followApplied, followMerged } from './follow.ts';
import type { ChangeRequestPorts, ChangeTarget } from './ports.ts';
import { judgeFor, reviewsOf } from './reviews.ts';
import { type ChangeRun, closeBranch } from './run.ts';
import { changedStatus, is, isNot } from './status.ts';
import { takeBackInTime } from './take-back.ts';
import { targetOf } from './target.ts';
import { tellPhase, tellSettled } from './tell.ts';

/** What has ended is kept so long; Git and the audit log know it for ever. */
const KEPT_MS = 90 * 24 * 3_600_000;
/** A branch may move, and reviews come by events. */
const POLL_MS = 60_000;
/** A timer of Node holds 24.8 days. */
const MAX_WAIT_MS = 24 * 3_600_000;

export function createChangeRequestReconciler(ports: ChangeRequestPorts): Reconciler {
  return { kind: 'ChangeRequest', reconcile: (key, context) => reconcile(ports, key, context) };
}

async function reconcile(
  ports: ChangeRequestPorts,
  { namespace, name }: ObjectKey,
  context: ReconcileContext,
): Promise<ReconcileResult> {
  const { client, now } = ports;
  const { signal } = context;
  const request = await client.find<ChangeRequest>(RESOURCES.changeRequests, namespace, name, { signal });
  if (request === undefined || request.metadata.deletionTimestamp !== undefined) return {};
  const run = runOf(ports, request, signal);
  if (isDone(request)) {
    const takeBackInMs = await takeBackInTime(run);
    return soonest(await tidy(ports, request, now(), signal), takeBackInMs);
  }
  const advanced = await advanceOrFail(run);
  return soonest(advanced, await takeBackInTime(run));
}

function soonest({ requeueAfterMs }: ReconcileResult, otherMs: number | undefined): ReconcileResult {
  const times = [requeueAfterMs, otherMs].filter((ms) => ms !== undefined);
  return times.length === 0 ? {} : { requeueAfterMs: Math.min(...times) };
}

async function advanceOrFail(run: ChangeRun): Promise<ReconcileResult> {
  try {
    return await advance(run);
  } catch (error) {
    run.signal.throwIfAborted();
    return await failed(run, error);
  }
}

function runOf(ports: ChangeRequestPorts, request: ChangeRequest, signal: AbortSignal): ChangeRun {
  const run: ChangeRun = {
    ports,
    signal,
    request,
    save: async (change) => {
      const before = run.request.status;
      const status = changedStatus(run.request, change, ports.now().toISOString());
      const saved = await saveStatus(ports.client, RESOURCES.changeRequests, run.request, status, signal);
      run.request = { ...withSaved(run.request, saved), status };
      if (saved.outcome !== 'saved') return;
      if (before?.phase !== change.phase) tellPhase(run);
      tellSettled(run, before);
    },
  };
  return run;
}

async function advance(run: ChangeRun): Promise<ReconcileResult> {
  const { ports, signal } = run;
  if (run.request.status?.phase === 'Merged') return { requeueAfterMs: await followMerged(run) };
  if (run.request.status?.phase === 'Applied') return { requeueAfterMs: await followApplied(run) };
  const { spec } = run.request;
  const said = spec.reviews ?? [];
  const rejection = rejectionIn(said, spec.requestedBy.name);
  // A merge that was cut off before its status stands, whatever is said since.
  if ((spec.withdrawn || rejection !== undefined) && (await isMerged(run, said)))
    return { requeueAfterMs: await followMerged(run) };
  if (spec.withdrawn) return await end(run, 'Withdrawn', { reason: 'Withdrawn', message: 'it was taken back' });
  if (rejection !== undefined) {
    const why = rejection.reason === undefined ? '' : `: ${rejection.reason}`;
    const message = `${rejection.by} has rejected it${why}`;
    return await end(run, 'Rejected', { reason: 'Rejected', message }, judgeFor(run, said));
  }
  const target = await targetOf(ports.client, run.request, signal);
  const endsAt = expiryOf(run.request, target);
  const leftMs = endsAt === undefined ? POLL_MS : endsAt.getTime() - ports.now().getTime();
  const kept = await keepOpen(run, target, {
    said: await reviewsOf(run, target),
    expiresAt: endsAt?.toISOString(),
    expired: leftMs <= 0,
  });
  if (kept === 'Merged') return { requeueAfterMs: await followMerged(run) };
  if (kept === 'News') return { requeueAfterMs: 0 };
  if (endsAt !== undefined && leftMs <= 0) {
    const message = `nobody merged it until ${endsAt.toISOString()}`;
    return await end(run, 'Expired', { reason: 'ChangeExpired', message });
  }
  return { requeueAfterMs: Math.min(leftMs, POLL_MS) };
}

async function isMerged(run: ChangeRun, said: readonly ForgeReview[]): Promise<boolean> {
  if (run.request.status?.commit === undefined) return false;
  let target: ChangeTarget;
  try {
    target = await targetOf(run.ports.client, run.request, run.signal);
  } catch (error) {
    if (error instanceof StreamSpaceError && error.entry.retry === 'never') return false;
    throw error;
  }
  return (await keepOpen(run, target, { said, expiresAt: undefined, expired: true })) === 'Merged';
}

/** @returns undefined where it has no end: what takes back would leave for good what was granted for a time */
function expiryOf({ metadata, spec: { until, takesBack } }: ChangeRequest, { changes }: ChangeTarget): Date | undefined {
  if (takesBack !== undefined) return undefined;
  const endsAt = Date.parse(metadata.creationTimestamp ?? '') + durationMs(changes.expireAfter);
  return new Date(until === undefined ? endsAt : Math.min(endsAt, Date.parse(until)));
}

/** Without a merge: the branch goes first, so that nothing is left of it should this be cut off. */
async function end(
  run: ChangeRun,
  phase: Extract<ChangePhase, 'Withdrawn' | 'Rejected' | 'Expired' | 'Failed'>,
  verdict: { readonly reason: string; readonly message: string },
  judged?: readonly Judged[],
): Promise<ReconcileResult> {
  await closeBranch(run);
  const { reason, message } = verdict;
  await run.save({
    phase,
    ready: isNot(reason, message),
    merged: isNot('NotMerged', message),
    ...(phase === 'Expired' ? { expired: is('ChangeExpired', message) } : {}),
    ...(judged === undefined ? {} : { fields: { approvals: listedReviews(judged) } }),
  });
  return { requeueAfterMs: MAX_WAIT_MS };
}

/** Before there is a commit a mistake is the end; after that it may be mended by what comes into the branch. */
async function failed(run: ChangeRun, error: unknown): Promise<ReconcileResult> {
  const failure = failureOf(error);
  if (failure === undefined) throw error;
  const { code } = failure;
  // S-101: whoever closes it at the forge has rejected it.
  if (code === 'PullRequestClosed') return await end(run, 'Rejected', { reason: code, message: failure.message });
  if (code === 'GitFetchRunning' && error instanceof StreamSpaceError) return { requeueAfterMs: error.retryAfterMs ?? 5_000 };
  const { status, spec } = run.request;
  // It is in the cluster, whatever stands in the way of looking at it.
  if (status?.phase === 'Applied') throw new RetryWithin(POLL_MS, error);
  // Somebody has taken it back by hand.
  if (code === 'ChangeEmpty' && spec.takesBack !== undefined)
    return await end(run, 'Withdrawn', { reason: 'NothingToTakeBack', message: failure.message });
  const message = (error instanceof StreamSpaceError ? describeFailure(error) : failure.message).slice(0, 2_000);
  const passes = !(error instanceof StreamSpaceError) || error.entry.retry !== 'never' || error.code === 'GitAuthFailed';
  const conflict = code === 'ChangeConflict' ? is(code, message) : undefined;
  const verdicts = {
    ready: isNot(code, message),
    ...(conflict === undefined ? { rendered: isNot(code, message) } : { conflict }),
  };
  // What has to be taken back waits for the branch to be mended, whatever stands against it.
  if (!passes && status?.commit === undefined && spec.takesBack === undefined) {
    await run.save({ phase: 'Failed', ...verdicts, merged: isNot('NotMerged', message) });
    return { requeueAfterMs: MAX_WAIT_MS };
  }
  await run.save({ phase: status?.phase ?? 'Pending', ...(passes ? { ready: isNot(code, message) } : verdicts) });
  if (passes) throw new RetryWithin(POLL_MS, error);
  return { requeueAfterMs: POLL_MS };
}

async function tidy(
  { client }: ChangeRequestPorts,
  { metadata, spec: { until } }: ChangeRequest,
  now: Date,
  signal: AbortSignal,
): Promise<ReconcileResult> {
  const { namespace, name, uid, creationTimestamp = '' } = metadata;
  // What takes it back looks at it.
  const goesAt = Math.max(Date.parse(creationTimestamp), Date.parse(until ?? creationTimestamp)) + KEPT_MS;
  const leftMs = goesAt - now.getTime();
  if (leftMs > 0) return { requeueAfterMs: Math.min(leftMs, MAX_WAIT_MS) };
  await client.delete(RESOURCES.changeRequests, namespace, name, { signal, ...(uid === undefined ? {} : { uid }) });
  return {};
}
