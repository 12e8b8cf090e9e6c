// Which commit a ref means, among the refs that a server told. Pure.
import semver from 'semver';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { type CommitSha, describeRef, type GitRef, parseCommitSha } from './commit-sha.ts';
import type { RemoteRef } from './wire/advertisement.ts';

/** What is followed now. */
export interface Resolved {
  readonly sha: CommitSha;
  /** Names one branch, tag or commit, also where a range of versions is followed. */
  readonly ref: GitRef;
  /** What the ref itself holds: of an annotated tag its tag object, else `sha`. */
  readonly objectId: CommitSha;
}

/** Only refs that begin so have to be asked for; `HEAD` where it only has to be proven that the repository may be read. */
export function prefixesOf(ref: GitRef): readonly string[] {
  if (ref.commit !== undefined) return ['HEAD'];
  if (ref.semver !== undefined) return ['refs/tags/'];
  return [fullName(ref)];
}

/** `refs/heads/main`, `refs/tags/v1` or `refs/pull/7/head`. */
export function fullName(ref: GitRef): string {
  // GitHub and Gitea both keep it there.
  if (ref.pullRequest !== undefined) return `refs/pull/${ref.pullRequest}/head`;
  return ref.tag === undefined ? `refs/heads/${ref.branch ?? 'main'}` : `refs/tags/${ref.tag}`;
}

/** @throws GitRefNotFound, GitRefInvalid */
export function chooseRef(url: string, ref: GitRef, refs: readonly RemoteRef[]): Resolved {
  if (ref.commit !== undefined) {
    const sha = parseCommitSha(ref.commit);
    return { sha, ref: { commit: sha }, objectId: sha };
  }
  const found = ref.semver === undefined ? refs.find(({ name }) => name === fullName(ref)) : highestTag(ref.semver, refs);
  if (found === undefined)
    throw new StreamSpaceError('GitRefNotFound', `there is no ${describeRef(ref)} in ${url}`, {
      facts: { url, ref: describeRef(ref) },
    });
  const concrete = ref.semver === undefined ? ref : { tag: found.name.slice('refs/tags/'.length) };
  return { sha: parseCommitSha(found.peeled ?? found.oid), ref: concrete, objectId: parseCommitSha(found.oid) };
}

/** Pre-releases only where the range names one. Of two tags for one version (`v1.0.0`, `1.0.0`) the later name, always. */
function highestTag(text: string, refs: readonly RemoteRef[]): RemoteRef | undefined {
  const range = semver.validRange(text);
  if (range === null) throw new StreamSpaceError('GitRefInvalid', `"${text}" is no range of versions`);
  let best: { readonly ref: RemoteRef; readonly version: semver.SemVer } | undefined;
  for (const ref of refs) {
    const version = ref.name.startsWith('refs/tags/') ? semver.parse(ref.name.slice('refs/tags/'.length)) : null;
    if (version === null || !semver.satisfies(version, range)) continue;
    const order = best === undefined ? 1 : version.compare(best.version) || version.compareBuild(best.version);
    if (best === undefined || order > 0 || (order === 0 && ref.name > best.ref.name)) best = { ref, version };
  }
  return best?.ref;
}
