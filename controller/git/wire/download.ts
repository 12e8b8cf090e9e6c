// Brings a ref into a clone with `git fetch`: it packs, resolves deltas and writes in a child of its own, in bounded memory.
// The child speaks to us alone: over http(s) through a relay on loopback, over ssh through one end of a socket pair.
import type { ChildProcess } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { type Clone, commitRefSpec, refSpecs } from '../clone/clone.ts';
import { type GitOutcome, lastLine, outcomeOf, startGit } from '../clone/git-process.ts';
import { type CommitSha, describeRef, type GitRef } from '../commit-sha.ts';
import { GREETING_2 } from './advertisement.ts';
import type { GitTarget, GitTransport } from './http.ts';
import { startRelay } from './relay.ts';
import { openSsh } from './ssh.ts';

export interface Download {
  readonly target: GitTarget;
  readonly ref: GitRef;
  /** What the ref named when the server was asked. */
  readonly id: CommitSha;
  readonly clone: Clone;
  readonly transport: GitTransport;
  /** The server is known to speak protocol 2. */
  readonly speaks2: boolean;
  readonly maxBytes: number;
}

/** Only in `clone.exclusive`. A clone that git cannot work with is removed and made again, once. */
export async function download(options: Download, signal: AbortSignal): Promise<void> {
  const { clone } = options;
  await clone.prepare(signal);
  if ((await fetchOnce(options, signal)) === 'damaged') {
    await clone.remove();
    await clone.prepare(signal);
    if ((await fetchOnce(options, signal)) === 'damaged')
      throw new StreamSpaceError('GitReadIncomplete', `${options.target.url} cannot be written to the disk`);
  }
  await clone.tidy(signal);
}

/** A server that speaks protocol 2 gives any commit; older ones, and some of other makes, only what a ref names. */
const ONLY_BY_NAME = /not our ref|unadvertised object|want [0-9a-f]{40} not valid/;

async function fetchOnce(options: Download, signal: AbortSignal): Promise<'fetched' | 'damaged'> {
  const { target, ref } = options;
  // The tip of a branch by its id: the refs need not be listed a second time, and a push meanwhile changes nothing.
  let attempt = isBranch(ref) ? await fetchFrom(options, byId(options), signal) : undefined;
  if (attempt === undefined || ONLY_BY_NAME.test(attempt.outcome.stderr))
    attempt = await fetchFrom(options, byName(options), signal);
  const { outcome, failure, address } = attempt;
  if (outcome.code === 0) return 'fetched';
  if (failure !== undefined) throw failure;
  const { stderr } = outcome;
  const { url } = target;
  if (/couldn't find remote ref/.test(stderr))
    throw new StreamSpaceError('GitRefNotFound', `there is no ${describeRef(ref)} in ${url}`);
  if (/No space left|Disk quota/.test(stderr)) throw new StreamSpaceError('DiskFull', `there is no room for the clone of ${url}`);
  if (/object-format|algorithm 'sha256'|mismatched algorithms/.test(stderr))
    throw new StreamSpaceError('GitObjectFormat', `${url} uses SHA-256 object names`);
  // What the server says or does not say is not mended by a new clone.
  if (/remote error|early EOF|hung up|disconnect|protocol error|bad line length|RPC failed|invalid index-pack/.test(stderr))
    throw new StreamSpaceError('GitUnreachable', `${url} could not be read: ${lastLine(stderr).replaceAll(address, url)}`, {
      facts: { url },
    });
  return 'damaged';
}

interface Attempt {
  readonly outcome: GitOutcome;
  readonly failure: StreamSpaceError | undefined;
  /** What git was told instead of the URL. */
  readonly address: string;
}

/** The arguments of `git fetch` for a repository at this address. */
type Ask = (address: string) => readonly string[];

const OPTIONS = [
  '--quiet',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-recurse-submodules',
  '--no-auto-maintenance',
  '--force',
] as const;

function isBranch({ commit, tag, semver }: GitRef): boolean {
  return commit === undefined && tag === undefined && semver === undefined;
}

function byId({ ref, id }: Download): Ask {
  return (address) => ['fetch', ...OPTIONS, address, commitRefSpec(ref, id)];
}

function byName({ ref }: Download): Ask {
  return (address) => ['fetch', ...OPTIONS, ...(ref.commit === undefined ? [] : ['--prune']), address, ...refSpecs(ref)];
}

async function fetchFrom(options: Download, ask: Ask, signal: AbortSignal): Promise<Attempt> {
  return options.target.url.startsWith('ssh:') ? await overSsh(options, ask, signal) : await overHttp(options, ask, signal);
}

async function overHttp({ target, clone, transport, speaks2 }: Download, ask: Ask, signal: AbortSignal): Promise<Attempt> {
  await using relay = await startRelay(transport.remote(target), speaks2 ? GREETING_2 : undefined, signal);
  const child = startGit(ask(relay.url), { gitdir: clone.gitdir, protocol: 'http', config: relay.config });
  const outcome = await outcomeOf(child, signal);
  return { outcome, failure: relay.failure(), address: relay.url };
}

async function overSsh({ target, clone, maxBytes }: Download, ask: Ask, signal: AbortSignal): Promise<Attempt> {
  using connection = await openSsh(target, signal);
  const address = 'fd::3';
  const stdio: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'pipe', 'pipe'];
  const child = startGit(ask(address), { gitdir: clone.gitdir, protocol: 'fd', stdio });
  let failure: StreamSpaceError | undefined;
  // Not waited for: it ends with the connection, whose end is ours.
  relayTo(child, connection.stream, target.url, maxBytes).catch((error: unknown) => {
    if (error instanceof StreamSpaceError) failure = error;
  });
  const outcome = await outcomeOf(child, signal);
  return { outcome, failure: (outcome.code === 0 ? undefined : await connection.failure()) ?? failure, address };
}

/** Also for a push. */
export async function relayTo(child: ChildProcess, server: Duplex, url: string, maxBytes: number): Promise<void> {
  const socket = child.stdio[3] as Duplex;
  // git may have said its last word while the server still speaks.
  socket.allowHalfOpen = true;
  // A server of protocol 2 waits for the next question: its end is ours to make.
  child.once('exit', () => socket.destroy());
  const bounded = async function* (source: Readable): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const chunk of source as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes)
        throw new StreamSpaceError('GitSnapshotTooLarge', `the repository ${url} sends more than ${maxBytes} bytes`);
      yield chunk;
    }
  };
  await Promise.all([pipeline(server as Readable, bounded, socket), pipeline(socket, server).catch(() => undefined)]);
}
