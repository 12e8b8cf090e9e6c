// Commits that are made in the clone, with `git fast-import`: nothing is checked out, and the same wish gives the same commit.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { type CommitSha, parseCommitSha } from '../commit-sha.ts';
import type { CommitSigner } from '../sign/ssh-signer.ts';
import type { Clone } from './clone.ts';
import { lastLine, outcomeOf, PATHS_AT_ONCE, runGit, startGit } from './git-process.ts';
import { signCommit } from './sign-commit.ts';

export interface Signature {
  readonly name: string;
  readonly mail: string;
}

export interface CommitWish {
  readonly parent: CommitSha;
  /** The second parent of a merge. */
  readonly merges?: CommitSha | undefined;
  /** By path; `undefined` takes the file away. */
  readonly files: ReadonlyMap<string, Uint8Array | undefined>;
  /** By path, where a file is to have another mode than it has: six digits, as git writes them. */
  readonly modes?: ReadonlyMap<string, string> | undefined;
  readonly author: Signature;
  readonly committer: Signature;
  /** Of both; whole seconds of it. */
  readonly at: Date;
  readonly message: string;
  /** Left out: it is not signed. */
  readonly signer?: CommitSigner | undefined;
}

/** Kept, so that no tidying takes it away before it is pushed. */
const REF = 'refs/streamspace/made';

/** Only in `clone.exclusive`. @throws GitReadIncomplete */
export async function writeCommit(clone: Clone, wish: CommitWish, signal: AbortSignal): Promise<CommitSha> {
  // What a merge brings has its mode.
  const now = await modesAt(clone, wish.merges ?? wish.parent, [...wish.files.keys()], signal);
  const modes = new Map([...now, ...(wish.modes ?? [])]);
  const child = startGit(['fast-import', '--quiet', '--force', '--date-format=raw'], {
    gitdir: clone.gitdir,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin?.on('error', () => undefined); // it ends before all is read where something is wrong; its words say what
  child.stdin?.end(streamOf(wish, modes));
  const { code, stdout, stderr } = await outcomeOf(child, signal);
  if (code !== 0) throw new StreamSpaceError('GitReadIncomplete', `git fast-import failed: ${lastLine(stderr)}`);
  const made = parseCommitSha(stdout.trim());
  return wish.signer === undefined ? made : await signCommit(clone, { commit: made, ref: REF, signer: wish.signer }, signal);
}

/** By path, for each that is a file there: six digits. */
export async function modesAt(
  clone: Clone,
  commit: CommitSha,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const modes = new Map<string, string>();
  for (let at = 0; at < paths.length; at += PATHS_AT_ONCE) {
    const some = paths.slice(at, at + PATHS_AT_ONCE);
    const listed = await runGit(['ls-tree', '-z', commit, '--', ...some], { gitdir: clone.gitdir }, signal);
    for (const line of listed.split('\0')) {
      const [, mode = '', path = ''] = /^(\d{6}) blob [0-9a-f]+\t(.*)$/s.exec(line) ?? [];
      if (path !== '') modes.set(path, mode);
    }
  }
  return modes;
}

function streamOf(wish: CommitWish, modes: ReadonlyMap<string, string>): Buffer {
  const seconds = Math.floor(wish.at.getTime() / 1000);
  const by = ({ name, mail }: Signature): string => `${plain(name)} <${plain(mail)}> ${seconds} +0000`;
  const parts: (string | Uint8Array)[] = [
    `commit ${REF}\nmark :1\nauthor ${by(wish.author)}\ncommitter ${by(wish.committer)}\n`,
    ...data(Buffer.from(wish.message, 'utf8')),
    `from ${wish.parent}\n`,
    ...(wish.merges === undefined ? [] : [`merge ${wish.merges}\n`]),
  ];
  for (const [path, bytes] of [...wish.files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (bytes === undefined) parts.push(`D ${quoted(path)}\n`);
    else parts.push(`M ${modes.get(path) ?? '100644'} inline ${quoted(path)}\n`, ...data(bytes));
  }
  parts.push('\nget-mark :1\n');
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'utf8') : part)));
}

function data(bytes: Uint8Array): readonly (string | Uint8Array)[] {
  return [`data ${bytes.length}\n`, bytes, '\n'];
}

/** Nobody's name ends the line or begins a mail. */
function plain(text: string): string {
  return text.replaceAll(/[<>\p{Cc}]/gu, '').trim() || 'unknown';
}

function quoted(path: string): string {
  return `"${path.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

export interface FileStat {
  readonly path: string;
  readonly action: 'Added' | 'Changed' | 'Removed';
  readonly additions: number;
  readonly deletions: number;
}

const MAX_DIFF = 128 * 1024;

/** What a commit changes, as a unified diff of at most 128 KiB and by file. Only in `clone.exclusive`. @param hidden files whose lines are not in it */
export async function describeCommit(
  clone: Clone,
  base: CommitSha,
  commit: CommitSha,
  hidden: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<{ readonly diff: string; readonly files: readonly FileStat[] }> {
  const options = ['--no-color', '--no-ext-diff', '--no-renames', '--no-textconv'];
  const at = { gitdir: clone.gitdir };
  const whole = await runGit(['diff', ...options, base, commit, '--'], at, signal);
  const numbers = await runGit(['diff', ...options, '--numstat', '-z', base, commit, '--'], at, signal);
  const letters = (await runGit(['diff', ...options, '--name-status', '-z', base, commit, '--'], at, signal)).split('\0');
  const actions = new Map(letters.flatMap((letter, index) => (index % 2 === 0 ? [[letters[index + 1], letter] as const] : [])));
  const files = numbers.split('\0').flatMap((line): readonly FileStat[] => {
    const [, additions = '0', deletions = '0', path = ''] = /^(\d+|-)\t(\d+|-)\t(.*)$/s.exec(line) ?? [];
    if (path === '') return [];
    const letter = actions.get(path);
    const action = letter === 'A' ? 'Added' : letter === 'D' ? 'Removed' : 'Changed';
    return [{ path, action, additions: Number(additions) || 0, deletions: Number(deletions) || 0 }];
  });
  const diff = withoutFiles(
    whole,
    files.map(({ path }) => path),
    hidden,
  );
  return { diff: diff.length > MAX_DIFF ? `${diff.slice(0, MAX_DIFF - 20)}\n[cut off]\n` : diff, files };
}

/** @param paths of the files of the diff, in its order. Names in a diff are quoted in several ways, so they are not read there. */
function withoutFiles(diff: string, paths: readonly string[], hidden: ReadonlySet<string>): string {
  if (hidden.size === 0) return diff;
  // A line of a file has one more character in front.
  const sections = diff.split(/^(?=diff --git )/m);
  const isSure = sections.length === paths.length;
  return sections
    .map((section, index) => {
      const path = paths[index] ?? '';
      return isSure && !hidden.has(path) ? section : `${section.split('\n', 1)[0]}\n[not shown: it holds what is hidden]\n`;
    })
    .join('');
}

/** The commit of the branch that brought another one into it. Only in `clone.exclusive`. */
export async function broughtBy(clone: Clone, commit: CommitSha, tip: CommitSha, signal: AbortSignal): Promise<CommitSha> {
  if (commit === tip) return tip;
  const args = ['rev-list', '--reverse', '--ancestry-path', '--first-parent', `${commit}..${tip}`, '--'];
  const direct = await runGit(['merge-base', '--is-ancestor', commit, tip], { gitdir: clone.gitdir }, signal).catch(() => 'no');
  if (direct === 'no') return tip;
  const onBranch = (await runGit(['rev-list', '--first-parent', tip, '--'], { gitdir: clone.gitdir }, signal)).split('\n');
  if (onBranch.includes(commit)) return commit;
  const [first] = (await runGit(args, { gitdir: clone.gitdir }, signal)).split('\n');
  return first === undefined || first === '' ? tip : parseCommitSha(first);
}
