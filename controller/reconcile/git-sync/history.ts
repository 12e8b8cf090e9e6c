// What a push did to what was there: a branch that no longer descends from the applied revision, a tag that names another commit.
// Both are followed and told, or refused, as the spec says.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { GitSyncSpec } from '../../../schemas/kinds/git-sync/git-sync.ts';
import type { Resolved } from '../../git/choose-ref.ts';
import { describeRef, parseCommitSha } from '../../git/commit-sha.ts';
import type { Repository } from '../../git/source.ts';
import type { GitSyncPorts } from './ports.ts';
import type { GitSyncReport } from './report.ts';

/** What judging needs of a sync. */
interface HistoryRun {
  readonly ports: Pick<GitSyncPorts, 'git'>;
  readonly spec: GitSyncSpec;
  readonly report: Pick<GitSyncReport, 'status'>;
  readonly signal: AbortSignal;
}

export interface Rewritten {
  readonly reason: 'HistoryRewritten' | 'TagMoved';
  readonly message: string;
}

/**
 * After the fetch, before anything is rendered. `undefined`: nothing was rewritten, or the spec names another place than before.
 * @throws GitHistoryRewritten, GitTagMoved where the spec refuses
 */
export async function judgeHistory(run: HistoryRun, repository: Repository, resolved: Resolved): Promise<Rewritten | undefined> {
  const { report, spec, ports, signal } = run;
  const { revision, source } = report.status;
  const { sha, ref } = resolved;
  const name = describeRef(ref);
  const samePlace = source === undefined || (source.url === spec.url && source.ref === name);
  if (revision === undefined || revision === sha || ref.commit !== undefined || !samePlace) return undefined;
  const facts = { applied: revision, found: sha };
  if (ref.tag !== undefined) {
    // Applied before `source` was recorded: which tag it came from is not known, and a range moves by its nature.
    if (source === undefined) return undefined;
    const message = `${name} was moved from ${revision} to ${sha}`;
    if (spec.movedTags === 'Refuse') throw new StreamSpaceError('GitTagMoved', message, { facts });
    return { reason: 'TagMoved', message };
  }
  if (await ports.git.descends(repository, sha, parseCommitSha(revision), signal)) return undefined;
  const message = `${name} was rewritten: ${sha} does not descend from ${revision}, which is applied`;
  if (spec.historyRewrites === 'Refuse') throw new StreamSpaceError('GitHistoryRewritten', message, { facts });
  return { reason: 'HistoryRewritten', message };
}
