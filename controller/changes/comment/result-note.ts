// What became of a merged pull request, in front of its plan. Pure. What does not come from us stands in code, as in the plan.
import { fenced, inline } from './plan-comment.ts';

export interface ResultFacts {
  /** `namespace/name` of the GitSync. */
  readonly gitSync: string;
  readonly mergeCommit: string;
  readonly into: string;
}

export type MergeResult =
  | { readonly state: 'Waiting' }
  | { readonly state: 'Failed'; readonly code: string; readonly message: string }
  | {
      readonly state: 'Applied';
      readonly revision: string;
      readonly at: string;
      readonly health: string;
      /** Not known where nothing tells what the revision did. */
      readonly changed: number | undefined;
    };

/** With fences that are as long as the message it still goes in front of a plan as long as a comment may be. */
const MAX_MESSAGE = 1_500;

export function resultNote(result: MergeResult, { gitSync, mergeCommit, into }: ResultFacts): string {
  const place = `${inline(gitSync)}: merged into ${inline(into)} as ${inline(mergeCommit.slice(0, 12))}`;
  switch (result.state) {
    case 'Waiting':
      return `### Merged, and not yet in the cluster\n\n${place}\n`;
    case 'Failed':
      return `### Merged, and the sync fails\n\n${place}\n${fenced('text', `${result.code}\n${result.message.slice(0, MAX_MESSAGE)}`)}`;
    case 'Applied': {
      const { revision, at, health, changed } = result;
      const with_ = revision === mergeCommit ? '' : ` with revision ${inline(revision.slice(0, 12))}, which contains it`;
      return `### ${titleOf(health)}${objectsText(changed, ': ')}\n\n${place}, applied at ${inline(at)}${with_}; health: ${inline(health)}\n`;
    }
  }
}

/** At most 140 characters. */
export function resultLine(result: MergeResult): string {
  switch (result.state) {
    case 'Waiting':
      return 'merged, and not yet in the cluster';
    case 'Failed':
      return `the sync fails: ${result.code}`;
    case 'Applied':
      return `applied: ${result.health}${objectsText(result.changed, ', ')}`;
  }
}

function titleOf(health: string): string {
  if (health === 'Drifted') return 'Merged and applied, and changed by somebody since';
  return health === 'Degraded' ? 'Merged and applied, and not healthy' : 'Merged and applied';
}

function objectsText(changed: number | undefined, before: string): string {
  if (changed === undefined) return '';
  return `${before}${changed === 1 ? '1 object' : `${changed} objects`} changed`;
}
