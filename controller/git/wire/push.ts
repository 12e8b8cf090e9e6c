// Pushes commits of a clone with `git push`, each ref only where it still is what it was: a branch that has moved is never
// overwritten. The child speaks to us alone, as a fetch does (download.ts).
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { Clone } from '../clone/clone.ts';
import { type GitOutcome, lastLine, outcomeOf, startGit } from '../clone/git-process.ts';
import type { CommitSha } from '../commit-sha.ts';
import { relayTo } from './download.ts';
import type { GitTarget, GitTransport } from './http.ts';
import { startRelay } from './relay.ts';
import { openSsh } from './ssh.ts';

export interface RefUpdate {
  /** `refs/heads/main` */
  readonly ref: string;
  /** `undefined`: there is none yet. */
  readonly from: CommitSha | undefined;
  /** `undefined`: it is deleted. */
  readonly to: CommitSha | undefined;
}

export interface Push {
  readonly target: GitTarget;
  readonly clone: Clone;
  readonly transport: GitTransport;
  readonly update: RefUpdate;
}

const PUSH_MS = 120_000;
/** Of what the server says. */
const MAX_BYTES = 16 * 1024 * 1024;
/** What git and servers say where somebody else was faster. */
const RACED =
  /stale info|non-fast-forward|fetch first|cannot lock ref|failed to update ref|incorrect old value|reference already exists|remote ref updated since checkout|needs force/i;

/** Only in `clone.exclusive`. @throws GitPushRaced, GitPushRefused, and what a fetch throws */
export async function push(options: Push, signal: AbortSignal): Promise<void> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(PUSH_MS)]);
  const { target, update } = options;
  const run = target.url.startsWith('ssh:') ? overSsh : overHttp;
  let told: { readonly outcome: GitOutcome; readonly failure: StreamSpaceError | undefined; readonly address: string };
  try {
    told = await run(options, limited);
  } catch (error) {
    signal.throwIfAborted();
    if (!limited.aborted) throw error;
    throw new StreamSpaceError('GitUnreachable', `${target.url} did not take ${update.ref} within ${PUSH_MS} ms`, {
      cause: error,
    });
  }
  const { outcome, failure, address } = told;
  if (outcome.code === 0) return;
  const words = `${outcome.stdout}\n${outcome.stderr}`;
  const facts = { url: target.url, ref: update.ref };
  if (RACED.test(words))
    throw new StreamSpaceError('GitPushRaced', `${update.ref} of ${target.url} has moved meanwhile`, { facts });
  const rejected = /\[remote rejected\] \(([^)\n]{1,200})\)/.exec(words)?.[1];
  if (rejected !== undefined)
    throw new StreamSpaceError('GitPushRefused', `the server refuses ${update.ref}: ${remoteWords(outcome.stderr) ?? rejected}`, {
      facts,
    });
  if (failure?.code === 'GitAuthFailed')
    throw new StreamSpaceError(
      'GitPushRefused',
      `the credentials for changes may not push to ${target.url}: ${failure.message}`,
      { facts, cause: failure },
    );
  if (failure !== undefined) throw failure;
  throw new StreamSpaceError('GitPushRefused', `${update.ref}: ${lastLine(outcome.stderr).replaceAll(address, target.url)}`, {
    facts,
  });
}

function argumentsOf({ update: { ref, from, to } }: Push, address: string): readonly string[] {
  const lease = `--force-with-lease=${ref}:${from ?? ''}`;
  return ['push', '--porcelain', '--quiet', '--no-verify', '--no-recurse-submodules', lease, address, `${to ?? ''}:${ref}`];
}

async function overHttp(options: Push, signal: AbortSignal) {
  const { target, clone, transport } = options;
  await using relay = await startRelay(transport.remote(target), undefined, signal, 'git-receive-pack');
  const child = startGit(argumentsOf(options, relay.url), { gitdir: clone.gitdir, protocol: 'http', config: relay.config });
  const outcome = await outcomeOf(child, signal);
  return { outcome, failure: relay.failure(), address: relay.url };
}

async function overSsh(options: Push, signal: AbortSignal) {
  const { target, clone } = options;
  using connection = await openSsh(target, signal, 'git-receive-pack');
  const address = 'fd::3';
  const stdio: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'pipe', 'pipe'];
  const child = startGit(argumentsOf(options, address), { gitdir: clone.gitdir, protocol: 'fd', stdio });
  let failure: StreamSpaceError | undefined;
  relayTo(child, connection.stream, target.url, MAX_BYTES).catch((error: unknown) => {
    if (error instanceof StreamSpaceError) failure = error;
  });
  const outcome = await outcomeOf(child, signal);
  return { outcome, failure: (outcome.code === 0 ? undefined : await connection.failure()) ?? failure, address };
}

/** What a hook or a protected branch says of itself. */
function remoteWords(stderr: string): string | undefined {
  const lines = stderr.split('\n').flatMap((line) => /^remote: *(.*?) *$/.exec(line)?.[1] ?? []);
  const words = lines.filter((line) => line !== '').join(' ');
  return words === '' ? undefined : words.slice(0, 300);
}
