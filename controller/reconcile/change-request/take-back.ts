// What was granted until a time: when it is over, another change request takes it back. Worked out from what is stored each time, so a
// controller that was down or a clock that was wrong delays it and loses nothing (docs/adr/0054-until.md).
import { isStatus } from '../../../runtime/kube/kube-status-error.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { type ChangeRequest, TAKE_BACK_PREFIX } from '../../../schemas/kinds/changes/change-request.ts';
import { API_GROUP_VERSION, CONTROLLER_FIELD_MANAGER } from '../../../schemas/names.ts';
import { type CommitSha, parseCommitSha } from '../../git/commit-sha.ts';
import type { ChangeRun } from './run.ts';
import { targetOf } from './target.ts';

/** A clock may be set, and a timer does not notice. */
const LOOK_AGAIN_MS = 5 * 60_000;

/** @returns after how many milliseconds to look again; undefined: nothing is to be taken back any more */
export async function takeBackInTime(run: ChangeRun): Promise<number | undefined> {
  const { ports, request, signal } = run;
  const { until } = request.spec;
  const { mergeCommit, takenBackBy, phase, conditions = [] } = request.status ?? {};
  if (until === undefined || mergeCommit === undefined || phase === undefined || takenBackBy !== undefined) return undefined;
  const leftMs = Date.parse(until) - ports.now().getTime();
  if (leftMs > 0) return Math.min(leftMs, LOOK_AGAIN_MS);
  const { namespace, uid = '' } = request.metadata;
  const name = `${TAKE_BACK_PREFIX}${uid}`;
  const wish = wishOf(request, name, await commitInBranch(run, parseCommitSha(mergeCommit)));
  try {
    await ports.client.create(RESOURCES.changeRequests, namespace, JSON.stringify(wish), {
      fieldManager: CONTROLLER_FIELD_MANAGER,
      signal,
    });
    const target = `${request.spec.target.namespace}/${request.spec.target.name}`;
    const details = { target, reason: wish.spec.reason, takesBack: request.metadata.name, until };
    ports.audit({
      ...{ type: 'change.requested', actor: null, result: 'success' },
      ...{ object: `ChangeRequest/${namespace}/${name}`, details },
    });
  } catch (error) {
    // Cut off before the status.
    if (!isStatus(error, 409, 'AlreadyExists')) throw error;
  }
  const ready = conditions.find(({ type }) => type === 'Ready') ?? { status: 'Unknown', reason: phase, message: '' };
  const { status, reason, message } = ready;
  await run.save({ phase, ready: { status, reason, message }, fields: { takenBackBy: name } });
  return undefined;
}

/** Squashed or rebased at a forge, the commit itself is in no branch. */
async function commitInBranch({ ports, request, signal }: ChangeRun, merge: CommitSha): Promise<CommitSha> {
  const { commit } = request.status ?? {};
  if (commit === undefined) return merge;
  const made = parseCommitSha(commit);
  try {
    const { repository, branch } = await targetOf(ports.client, request, signal);
    const { sha, ref } = await ports.git.resolve(repository, { branch }, signal);
    await ports.git.fetch(repository, ref, sha, signal);
    return (await ports.git.descends(repository, sha, made, signal)) ? made : merge;
  } catch (error) {
    // The one that takes it back says what stands against it, where people look.
    if (error instanceof StreamSpaceError && error.entry.retry === 'never') return made;
    throw error;
  }
}

/** In the name of whoever asked, who has asked for this too. */
function wishOf(
  { metadata, spec: { requestedBy, reason, target, until } }: ChangeRequest,
  name: string,
  commit: CommitSha,
): Pick<ChangeRequest, 'apiVersion' | 'kind' | 'metadata' | 'spec'> {
  const { namespace = '', uid = '' } = metadata;
  return {
    apiVersion: API_GROUP_VERSION,
    kind: 'ChangeRequest',
    metadata: { name, namespace },
    spec: {
      requestedBy: { ...requestedBy, mayApprove: false },
      reason: `Take back: ${(reason.split('\n', 1)[0] ?? '').slice(0, 200)}\n\nIt was asked for until ${until}, by ${namespace}/${metadata.name}.`,
      target,
      edits: [],
      rollback: { commits: [commit] },
      takesBack: { name: metadata.name, uid },
      reviews: [],
      withdrawn: false,
    },
  };
}
