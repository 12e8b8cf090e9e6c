// A clone of the installation's configuration repository, to edit and push as a person does.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { must } from './command.ts';
import { gitUrlFor, type Servers } from './servers.ts';
import { eventually } from './wait.ts';

export interface Clone extends AsyncDisposable {
  readonly folder: string;
  read(path: string): Promise<string>;
  /** Writes files (null deletes one), commits and pushes. Gives the commit id. */
  push(message: string, files: Readonly<Record<string, string | null>>): Promise<string>;
  /** `git revert` of the newest commit, and push. */
  revert(): Promise<string>;
}

export async function cloneAs(servers: Servers, person: string): Promise<Clone> {
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-clone-'));
  const git = (...args: string[]): Promise<string> =>
    must('git', ['-C', folder, '-c', `user.name=${person}`, '-c', `user.email=${person}@example.com`, ...args]);
  await must('git', ['clone', '--quiet', '--branch', servers.git.branch, gitUrlFor(servers, person), folder]);
  // Tests beside this one push to the same branch.
  const publish = async (): Promise<string> => {
    await eventually('the push is taken', async () => {
      await git('pull', '--quiet', '--rebase');
      await git('push', '--quiet', 'origin', servers.git.branch);
      return true;
    });
    return (await git('rev-parse', 'HEAD')).trim();
  };
  return {
    folder,
    read: (path) => readFile(join(folder, path), 'utf8'),
    async push(message, files) {
      await git('pull', '--quiet', '--rebase');
      for (const [path, content] of Object.entries(files)) {
        const target = join(folder, path);
        if (content === null) await rm(target);
        else {
          await mkdir(dirname(target), { recursive: true });
          await writeFile(target, content);
        }
      }
      await git('add', '-A');
      await git('commit', '--quiet', '-m', message);
      return publish();
    },
    async revert() {
      await git('pull', '--quiet', '--rebase');
      await git('revert', '--no-edit', 'HEAD');
      return publish();
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
