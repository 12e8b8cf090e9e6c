// Asks a server for its refs: one request over https once it is known to speak protocol 2, one connection over ssh.
import type { Readable } from 'node:stream';
import { lsRefs, type RemoteRef, readGreeting, readRefs } from './advertisement.ts';
import type { GitAnswer, GitTarget, GitTransport } from './http.ts';
import { FLUSH, type PktLine, readPktLines } from './pkt-line.ts';
import { openSsh } from './ssh.ts';

/** About 600,000 refs in protocol 0. */
const MAX_BYTES = 64 * 1024 ** 2;
const MAX_KNOWN = 10_000;
const PROTOCOL_2 = { 'git-protocol': 'version=2', accept: '*/*' };
const LS_REFS = {
  'git-protocol': 'version=2',
  'content-type': 'application/x-git-upload-pack-request',
  accept: 'application/x-git-upload-pack-result',
};

export class RefList {
  readonly #transport: GitTransport;
  /** URLs whose server speaks protocol 2: the greeting need not be asked for again. */
  readonly #speaks2 = new Set<string>();

  constructor(transport: GitTransport) {
    this.#transport = transport;
  }

  /** Whether its server is known to speak protocol 2, at this URL. */
  speaks2(url: string): boolean {
    return this.#speaks2.has(url);
  }

  /** At least the refs that begin with one of the prefixes. */
  async list(target: GitTarget, prefixes: readonly string[], signal: AbortSignal): Promise<readonly RemoteRef[]> {
    return target.url.startsWith('ssh:')
      ? await overSsh(target, prefixes, signal)
      : await this.#overHttp(target, prefixes, signal);
  }

  async #overHttp(target: GitTarget, prefixes: readonly string[], signal: AbortSignal): Promise<readonly RemoteRef[]> {
    const remote = this.#transport.remote(target);
    const ask = async (): Promise<readonly RemoteRef[]> => {
      const request = { method: 'POST', path: '/git-upload-pack', headers: LS_REFS, body: lsRefs(prefixes) } as const;
      return await linesOf(await remote.request(request, signal), readRefs);
    };
    if (this.#speaks2.delete(target.url)) {
      const refs = await ask(); // an error leaves the greeting to be read anew
      this.#speaks2.add(target.url);
      return refs;
    }
    const request = { method: 'GET', path: '/info/refs?service=git-upload-pack', headers: PROTOCOL_2 } as const;
    const greeting = await linesOf(await remote.request(request, signal), readGreeting);
    if (greeting.version === 0) return greeting.refs;
    const refs = await ask();
    if (this.#speaks2.size < MAX_KNOWN && !remote.redirected) this.#speaks2.add(target.url);
    return refs;
  }
}

/** To its end, so that the connection can be used again; or not at all, so that it is closed. */
async function linesOf<T>({ body }: GitAnswer, read: (lines: AsyncIterator<PktLine, void>) => Promise<T>): Promise<T> {
  const lines = readPktLines(body, MAX_BYTES);
  try {
    const value = await read(lines);
    while ((await lines.next()).done !== true);
    return value;
  } finally {
    await lines.return();
  }
}

async function overSsh(target: GitTarget, prefixes: readonly string[], signal: AbortSignal): Promise<readonly RemoteRef[]> {
  using connection = await openSsh(target, signal);
  const { stream } = connection;
  try {
    const lines = readPktLines(stream as Readable, MAX_BYTES);
    const greeting = await readGreeting(lines);
    if (greeting.version === 0) return greeting.refs;
    stream.write(lsRefs(prefixes));
    return await readRefs(lines);
  } catch (error) {
    signal.throwIfAborted();
    throw (await connection.failure()) ?? error;
  } finally {
    stream.end(FLUSH);
  }
}
