// Commits as somebody else would push them: made by `git fast-import`, nothing is checked out.
import { spawn } from 'node:child_process';
import { type BareRepository, environment, type Signature } from './git.ts';

/** By path; `undefined` takes the file away. */
export type BranchFiles = Readonly<Record<string, string | undefined>>;

export interface BranchWish {
  readonly branch: string;
  readonly files: BranchFiles;
  readonly message: string;
  readonly author: Signature;
  /** Where a new branch begins: a branch or a commit. Where there is none, neither, the branch has a history of its own. */
  readonly from: string;
  readonly at: Date;
}

export async function writeBranch(git: BareRepository, wish: BranchWish): Promise<string> {
  const parent = (await git.commit(wish.branch)) ?? (await git.commit(wish.from));
  const who = `${wish.author.name} <${wish.author.email}> ${Math.floor(wish.at.getTime() / 1000)} +0000`;
  const stream = [
    `commit refs/heads/${wish.branch}`,
    `author ${who}`,
    `committer ${who}`,
    data(wish.message),
    ...(parent === undefined ? [] : [`from ${parent}`]),
    ...Object.entries(wish.files).map(([path, text]) =>
      text === undefined ? `D ${JSON.stringify(path)}` : `M 100644 inline ${JSON.stringify(path)}\n${data(text)}`,
    ),
    'done\n',
  ];
  const child = spawn('git', ['-C', git.folder, 'fast-import', '--quiet', '--done'], {
    stdio: ['pipe', 'ignore', 'inherit'],
    env: environment(),
  });
  child.stdin.end(stream.join('\n'));
  const code = await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  const made = await git.commit(wish.branch);
  if (code !== 0 || made === undefined) throw new Error(`git fast-import ended with ${code}`);
  return made;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}
