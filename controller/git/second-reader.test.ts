// A second opinion on what a commit holds: isomorphic-git, which shares no code with our reader, over the same repository.
import fs from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import git from 'isomorphic-git';
import { expect, test } from 'vitest';
import { parseCommitSha } from './commit-sha.ts';
import { serveRepositories } from './serve-repositories.ts';
import { GitSource } from './source.ts';
import { GitTransport } from './wire/http.ts';

const signal = new AbortController().signal;
const MAIN = { branch: 'main' };

const name = fc.constantFrom('a', 'b', 'ä', 'a b', 'a.yaml', '-x', 'A', '日本', '#', 'a"b');
const file = fc.tuple(fc.array(name, { minLength: 1, maxLength: 4 }), fc.uint8Array({ maxLength: 3000 }));

async function asIsomorphicGitReads(gitdir: string, ref: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  await git.walk({
    fs,
    gitdir,
    trees: [git.TREE({ ref })],
    map: async (at, [entry]) => {
      if (entry !== null && entry !== undefined && (await entry.type()) === 'blob')
        found.set(at, Buffer.from((await entry.content()) ?? []).toString('hex'));
    },
  });
  return found;
}

test('any tree of files is read as another implementation of Git reads it', async () => {
  await using server = await serveRepositories();
  await using transport = new GitTransport();
  const folder = await mkdtemp(path.join(tmpdir(), 'streamspace-second-'));
  await using source = new GitSource({ directory: folder, transport });
  let made = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 12 }), async (files) => {
      made += 1;
      const work = await server.repository(`second${made}`);
      for (const [parts, bytes] of files) {
        const target = path.join(work.folder, ...parts);
        // A name that is a folder already cannot be a file as well.
        await mkdir(path.dirname(target), { recursive: true }).then(
          () => writeFile(target, bytes).catch(() => undefined),
          () => undefined,
        );
      }
      const sha = parseCommitSha(await work.push('Any files'));
      await source.fetch({ url: work.url }, MAIN, sha, signal);
      const { files: ours } = await source.snapshot({ url: work.url }, MAIN, sha, '', signal);
      const theirs = await asIsomorphicGitReads(work.bare, sha);
      expect(new Map([...ours].map(([at, bytes]) => [at, Buffer.from(bytes).toString('hex')]))).toEqual(theirs);
    }),
    { numRuns: 12 },
  );
  await rm(folder, { recursive: true });
}, 60_000);
