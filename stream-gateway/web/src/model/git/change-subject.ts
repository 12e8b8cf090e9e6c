// What a change is about, in words. Pure.
import type { ChangeView } from '../../../../../schemas/api/changes.ts';
import { text } from '../../text/text.ts';
import { shortRevision } from './git-sync.ts';

/** What it is about: `Team web`. */
export function subjectOf({ spec }: ChangeView): string {
  if (spec.takesBack !== undefined) return text.changes.takesBack(spec.takesBack.name);
  if (spec.rollback !== undefined) return rollbackText(spec.rollback);
  const names = spec.edits.map(
    ({ object: { kind, namespace, name } }) => `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`,
  );
  return [...new Set(names)].join(', ');
}

function rollbackText({ to, last, commits }: NonNullable<ChangeView['spec']['rollback']>): string {
  const words = text.changes.rollback;
  if (to !== undefined) return words.to(shortRevision(to));
  return last === undefined ? words.commits((commits ?? []).map(shortRevision).join(', ')) : words.last(last);
}
