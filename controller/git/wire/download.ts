// Brings a ref into a clone with `git fetch`: it packs, resolves deltas and writes in a child of its own, in bounded memory.
// The child speaks to us alone: over http(s) through a relay on loopback, over ssh through one end of a socket pair.
import type { ChildProcess } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { type Clone, refSpecs } from '../clone/clone.ts';
import { type GitOutcome, lastLine, outcomeOf, startGit } from '../clone/git-process.ts';
import { describeRef, type GitRef } from '../commit-sha.ts';
import type { GitTarget, GitTransport } from './http.ts';
import { startRelay } from './relay.ts';
import { openSsh } from './ssh.ts';

export interface Download {
  readonly target: GitTarget;
  readonly ref: GitRef;
  readonly clone: Clone;
  readonly transport: GitTransport;
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

async function fetchOnce(options: Download, signal: AbortSignal): Promise<'fetched' | 'damaged'> {
  const { target, ref } = options;
  const { outcome, failure, address } = target.url.startsWith('ssh:')
    ? await overSsh(options, signal)
    : await overHttp(options, signal);
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

function args(address: string, ref: GitRef): readonly string[] {
  const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--force'];
  return ['fetch', ...options, ...(ref.commit === undefined ? [] : ['--prune']), address, ...refSpecs(ref)];
}

async function overHttp({ target, ref, clone, transport }: Download, signal: AbortSignal): Promise<Attempt> {
  await using relay = await startRelay(transport.remote(target), signal);
  const child = startGit(args(relay.url, ref), { gitdir: clone.gitdir, protocol: 'http', config: relay.config });
  const outcome = await outcomeOf(child, signal);
  return { outcome, failure: relay.failure(), address: relay.url };
}

async function overSsh({ target, ref, clone, maxBytes }: Download, signal: AbortSignal): Promise<Attempt> {
  using connection = await openSsh(target, signal);
  const address = 'fd::3';
  const stdio: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'pipe', 'pipe'];
  const child = startGit(args(address, ref), { gitdir: clone.gitdir, protocol: 'fd', stdio });
  let failure: StreamSpaceError | undefined;
  // Not waited for: it ends with the connection, whose end is ours.
  relayTo(child, connection.stream, target.url, maxBytes).catch((error: unknown) => {
    if (error instanceof StreamSpaceError) failure = error;
  });
  const outcome = await outcomeOf(child, signal);
  return { outcome, failure: (outcome.code === 0 ? undefined : await connection.failure()) ?? failure, address };
}

async function relayTo(child: ChildProcess, server: Duplex, url: string, maxBytes: number): Promise<void> {
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
