// Which change requests a change wakes: their own wish, and where their GitSync has come to. Pure.
import { isDeepStrictEqual } from 'node:util';
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeObjectJson, Resource } from '../../../runtime/kube/types.ts';
import { type ChangeRequest, isDone } from '../../../schemas/kinds/changes/change-request.ts';
import type { GitSync } from '../../../schemas/kinds/git-sync/git-sync.ts';

/** @param known all that there are */
export function changesWokenBy(
  resource: Resource,
  object: KubeObjectJson,
  before: KubeObjectJson | undefined,
  known: Iterable<ChangeRequest>,
): readonly ChangeRequest[] {
  if (resource.plural === RESOURCES.changeRequests.plural) {
    const { uid = '', generation } = object.metadata;
    const isNews = before === undefined || generation !== before.metadata.generation;
    return isNews ? [...known].filter(({ metadata }) => metadata.uid === uid) : [];
  }
  if (resource.plural !== RESOURCES.gitSyncs.plural || !standsOtherwise(object, before)) return [];
  const { namespace, name } = object.metadata;
  return [...known].filter(
    (change) => change.spec.target.namespace === namespace && change.spec.target.name === name && !isDone(change),
  );
}

/** Whether a change request waits at a forge and its reviews are worth something else. */
export function isReviewed(object: KubeObjectJson, before: KubeObjectJson | undefined): boolean {
  const reviewsOf = (change: KubeObjectJson | undefined): unknown => {
    const { number, approvals, approvalsNeeded } = ((change ?? {}) as Pick<ChangeRequest, 'status'>).status ?? {};
    return number === undefined ? undefined : [number, approvals, approvalsNeeded];
  };
  return !isDeepStrictEqual(reviewsOf(object), reviewsOf(before));
}

/** Whether a GitSync has another wish, or has come to something else: what is told of its pull requests follows from both. */
export function standsOtherwise(object: KubeObjectJson, before: KubeObjectJson | undefined): boolean {
  return !isDeepStrictEqual(standOf(object), standOf(before));
}

function standOf(object: KubeObjectJson | undefined): unknown {
  const { status, metadata } = (object ?? { metadata: {} }) as Pick<GitSync, 'status' | 'metadata'>;
  const ready = findCondition(status?.conditions, 'Ready');
  const drifted = findCondition(status?.conditions, 'Drifted')?.status;
  return [metadata.generation, status?.revision, status?.attempted, status?.health, ready?.status, ready?.reason, drifted];
}
