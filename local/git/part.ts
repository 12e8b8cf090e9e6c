// The Git server as a part of the local installation.
import { mkdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { answersOk } from '../machine/probe.ts';
import type { Part } from '../part.ts';
import { hashPassword } from '../people/password.ts';
import { CHANGES_USER, type LocalPeople, SYNC_USER } from '../people/people.ts';
import { writeFileAtomically } from '../state/files.ts';
import { BRANCH, type GitServerConfig, REPOSITORY } from './config.ts';
import { ensureRepository } from './repository.ts';

export interface GitPartOptions {
  readonly stateDir: string;
  readonly port: number;
  readonly people: LocalPeople;
  /** What the repository starts with, such as `{ name: 'plain-yaml', folder: '.../examples/plain-yaml' }`. */
  readonly example: { readonly name: string; readonly folder: string };
  /** `http://127.0.0.1:PORT/hooks/git` of the controller. */
  readonly noticeUrl: string;
}

export interface GitPart {
  readonly part: Part;
  /** Without name and password. */
  readonly url: string;
  readonly branch: string;
  /** For the Secret that the GitSync names: may read, not push. */
  readonly credentials: { readonly username: string; readonly password: string };
  /** For the Secret of change requests: may push. */
  readonly changeCredentials: { readonly username: string; readonly password: string };
}

async function usersOf(people: LocalPeople): Promise<GitServerConfig['users']> {
  const all = [
    ...people.people.map(({ name, password, mayPush }) => ({ name, password, mayPush })),
    { name: SYNC_USER, password: people.syncPassword, mayPush: false },
    { name: CHANGES_USER, password: people.changesPassword, mayPush: true },
  ];
  return Promise.all(
    all.map(async ({ name, password, mayPush }) => ({ name, passwordHash: await hashPassword(password), mayPush })),
  );
}

export function gitPart(options: GitPartOptions): GitPart {
  const { port, people } = options;
  const root = join(options.stateDir, 'git');
  const configFile = join(root, 'server.json');
  const url = `http://127.0.0.1:${port}/${REPOSITORY}`;
  const part: Part = {
    name: 'git',
    dependsOn: [],
    prepare: async (signal) => {
      await mkdir(root, { recursive: true, mode: 0o700 });
      await ensureRepository({ root, example: options.example, signal });
      const config: GitServerConfig = { port, root, url, noticeUrl: options.noticeUrl, users: await usersOf(people) };
      await writeFileAtomically(configFile, JSON.stringify(config));
    },
    command: [
      process.execPath,
      '--conditions=source',
      join(import.meta.dirname, `main${extname(import.meta.filename)}`),
      configFile,
    ],
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    ready: (signal) => answersOk(`http://127.0.0.1:${port}/healthz`, signal),
    stopTimeoutMs: 6_000,
  };
  return {
    ...{ part, url, branch: BRANCH },
    credentials: { username: SYNC_USER, password: people.syncPassword },
    changeCredentials: { username: CHANGES_USER, password: people.changesPassword },
  };
}
