// Clients for the tests of the double: one request, one answer, nothing tried again.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Octokit } from '@octokit/rest';
import { environment } from './git.ts';
import type { GitHubDouble } from './github-double.ts';

const execute = promisify(execFile);

/** What is refused on purpose need not be told. */
export const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

export function octokit(double: GitHubDouble, token?: string): Octokit {
  return new Octokit({
    baseUrl: double.apiUrl,
    userAgent: 'streamspace-tests',
    log: SILENT,
    ...(token === undefined ? {} : { auth: token }),
  });
}

/** What git prints; rejects with what it says. */
export async function git(...args: readonly string[]): Promise<string> {
  const env = { ...environment(), GIT_TERMINAL_PROMPT: '0' };
  return (await execute('git', [...args], { env })).stdout.trim();
}

export function withToken(url: string, token: string): string {
  return url.replace('://', `://x-access-token:${token}@`);
}

/** A repository of `acme` with one file in it, and who works there. */
export async function acme(double: GitHubDouble) {
  const repository = await double.repository('acme', 'desktops');
  await repository.push('main', { 'README.md': 'one\ntwo\nthree\n' });
  repository.collaborator('ada', 'write');
  repository.collaborator('grace', 'write');
  const token = double.user('ada');
  return { repository, token, at: { owner: 'acme', repo: 'desktops' }, ada: octokit(double, token) };
}
