// The files of a rollback: what they were, or what they are without some commits, and never one that the GitSync does not have. What
// others have changed since is a conflict with the files named, and never undone by force.
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { ChangeEdit } from '../../schemas/kinds/changes/change-edit.ts';
import type { RollbackWish } from '../../schemas/kinds/changes/change-request.ts';
import { filesText } from '../git/clone/merge-commit.ts';
import { beforeLast, differingFiles, without } from '../git/clone/undo.ts';
import { modesAt } from '../git/clone/write-commit.ts';
import { type CommitSha, parseCommitSha } from '../git/commit-sha.ts';
import { normalizePath } from '../git/snapshot.ts';
import type { GitSource, Repository } from '../git/source.ts';

/** They are rendered, planned and merged at once. */
export const MAX_ROLLBACK_FILES = 5_000;
const MAX_ROLLBACK_BYTES = 64 * 1024 ** 2;

export interface RollbackAsked {
  readonly repository: Repository;
  readonly branch: string;
  readonly tip: CommitSha;
  /** What the commit was made on, where there has been one: what came after that is somebody else's. */
  readonly base: CommitSha | undefined;
  readonly wish: RollbackWish;
  /** Of the GitSync; none: all of the repository. */
  readonly paths: readonly string[];
}

export interface EditedFiles {
  /** By path; `undefined`: the file is taken away. */
  readonly files: ReadonlyMap<string, Uint8Array | undefined>;
  /** By path, of those that do not keep theirs: six digits, as git writes them. */
  readonly modes?: ReadonlyMap<string, string>;
  /** What they were made by, field by field; left out: files became what they were. */
  readonly edits?: readonly ChangeEdit[];
}

/** @throws ChangeConflict, ChangeEmpty, ChangeNotEditable, ChangeOutOfScope */
export async function rollbackFiles(
  git: Pick<GitSource, 'inClone' | 'descends' | 'tree'>,
  { repository, branch, tip, base = tip, wish, paths: all }: RollbackAsked,
  signal: AbortSignal,
): Promise<EditedFiles> {
  const paths = wish.paths === undefined ? all : pathsWithin(wish.paths, all);
  for (const named of [wish.to, ...(wish.commits ?? [])])
    if (named !== undefined && !(await git.descends(repository, tip, parseCommitSha(named), signal)))
      throw new StreamSpaceError('ChangeConflict', `the branch has no commit ${named}`);
  const { wanted, files } = await git.inClone(repository, async (clone) => {
    if (wish.commits !== undefined) {
      const order = wish.commits.map(parseCommitSha);
      const result = await without(clone, tip, order, signal);
      return { wanted: result, files: await differingFiles(clone, tip, result, paths, signal) };
    }
    const to =
      wish.to === undefined
        ? await beforeLast(clone, { tip: base, last: wish.last ?? 1, paths }, signal)
        : parseCommitSha(wish.to);
    const found = await differingFiles(clone, base, to, paths, signal);
    const since = new Set(await differingFiles(clone, base, tip, paths, signal));
    const touched = found.filter((path) => since.has(path));
    if (touched.length > 0)
      throw new StreamSpaceError('ChangeConflict', `newer commits have changed ${filesText(touched)}: ask again`);
    return { wanted: to, files: found };
  });
  if (files.length === 0) throw new StreamSpaceError('ChangeEmpty', 'the files are what they were');
  if (files.length > MAX_ROLLBACK_FILES)
    throw new StreamSpaceError(
      'ChangeNotEditable',
      `it would touch ${files.length} files, and ${MAX_ROLLBACK_FILES} are the most: name paths, or revert with git`,
    );
  const tree = git.tree(repository, { branch }, wanted, signal);
  const contents = new Map<string, Uint8Array | undefined>();
  let bytes = 0;
  for (const path of files) {
    const content = await tree.file(path);
    contents.set(path, content);
    bytes += content?.length ?? 0;
    if (bytes > MAX_ROLLBACK_BYTES)
      throw new StreamSpaceError('ChangeNotEditable', 'its files have more than 64 MiB: name paths, or revert with git');
  }
  const modes = await git.inClone(repository, (clone) => modesAt(clone, wanted, files, signal));
  return { files: contents, modes };
}

/**
 * What is named, as far as the GitSync has it: whoever asks chooses among its files, and reaches no others of the repository.
 * @throws ChangeOutOfScope
 */
function pathsWithin(named: readonly string[], all: readonly string[]): readonly string[] {
  const wanted = named.map(normalizePath);
  if (all.length === 0) return wanted.includes('') ? [] : wanted;
  return wanted.flatMap((path) => {
    if (all.some((own) => isWithin(path, own))) return [path];
    const below = all.filter((own) => isWithin(own, path));
    if (below.length === 0) throw new StreamSpaceError('ChangeOutOfScope', `${path} is no part of what the GitSync renders`);
    return below;
  });
}

export function isWithin(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}
