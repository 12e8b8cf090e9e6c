// What the reconciler of pull requests stands on.
import type { KubeClient } from '../../../runtime/kube/types.ts';
import type { ChangeRequest } from '../../../schemas/kinds/changes/change-request.ts';
import type { PullRequests } from '../../changes/forge/forge.ts';
import type { CommitSha } from '../../git/commit-sha.ts';
import type { GitSource } from '../../git/source.ts';
import type { SourceTree } from '../../git/source-tree.ts';
import type { Plan } from '../../plan/plan.ts';
import type { ForgeTarget } from './target.ts';

export interface PullRequestPorts {
  readonly client: Pick<KubeClient, 'find'>;
  readonly git: Pick<GitSource, 'resolve' | 'fetch' | 'tree' | 'inClone' | 'descends'>;
  readonly forge: PullRequests;
  /** @param trusted false: from a fork; nothing of it meets the cluster @throws what stands against it */
  readonly plan: (asked: PlanAsked, signal: AbortSignal) => Promise<Plan>;
  /** Sentences about what the plan touches. */
  readonly effects: (plan: Plan, signal: AbortSignal) => Promise<readonly string[]>;
  /** All that there are. */
  readonly changes: () => Iterable<ChangeRequest>;
  readonly now: () => Date;
}

export interface PlanAsked {
  readonly target: ForgeTarget;
  readonly tip: CommitSha;
  readonly before: SourceTree;
  readonly after: SourceTree;
  readonly trusted: boolean;
  readonly number: number;
}
