// Objects of a clone by id, through one `git cat-file --batch` that stays while it is used: git opens packs in windows, so the
// size of a repository is not our memory. Each answer is judged by its size before it is read and by its hash after.
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { endGroup, startGit } from './git-process.ts';

export interface GitObject {
  readonly type: 'commit' | 'tree' | 'blob' | 'tag';
  readonly bytes: Buffer;
}

interface Asked {
  readonly oid: string;
  readonly maxBytes: number;
  readonly resolve: (object: GitObject | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** A disk that does not answer for so long is taken for broken. */
const SILENCE_MS = 60_000;

export class ObjectReader implements Disposable {
  readonly #gitdir: string;
  #child: ChildProcess | undefined;
  #asked: Asked[] = [];
  #held: Buffer[] = [];
  #size = 0;
  #needed = 1;
  #timer: NodeJS.Timeout | undefined;

  constructor(gitdir: string) {
    this.#gitdir = gitdir;
  }

  /** `undefined` when it is not there. @throws FileTooLarge, GitReadIncomplete */
  async read(oid: string, maxBytes: number): Promise<GitObject | undefined> {
    if (!/^[0-9a-f]{40}$/.test(oid)) throw new StreamSpaceError('GitShaInvalid', 'expected 40 hexadecimal digits');
    const child = this.#child ?? this.#start();
    return await new Promise((resolve, reject) => {
      this.#asked.push({ oid, maxBytes, resolve, reject });
      child.stdin?.write(`${oid}\n`);
      this.#timer?.refresh();
    });
  }

  /** Ends the child; the next read starts another. */
  [Symbol.dispose](): void {
    this.#end(new StreamSpaceError('GitReadIncomplete', 'the clone was closed'));
  }

  /** Without the one that is first in the queue. */
  #startAnew(): void {
    const waiting = this.#asked.slice(1);
    this.#asked = [];
    this[Symbol.dispose]();
    if (waiting.length === 0) return;
    this.#asked = waiting;
    this.#start().stdin?.write(waiting.map(({ oid }) => `${oid}\n`).join(''));
  }

  #start(): ChildProcess {
    const child = startGit(['cat-file', '--batch'], { gitdir: this.#gitdir, stdio: ['pipe', 'pipe', 'ignore'] });
    const failed = (cause?: unknown): void => {
      if (this.#child === child) this.#end(new StreamSpaceError('GitReadIncomplete', 'the clone cannot be read', { cause }));
    };
    child.once('error', failed);
    child.once('close', () => failed());
    child.stdin?.on('error', failed);
    child.stdout?.on('data', (chunk: Buffer) => {
      if (this.#child !== child) return;
      try {
        this.#push(chunk);
      } catch (error) {
        failed(error);
      }
    });
    this.#timer = setTimeout(() => {
      if (this.#asked.length > 0) failed();
    }, SILENCE_MS).unref();
    this.#child = child;
    return child;
  }

  #end(error: Error): void {
    const child = this.#child;
    const asked = this.#asked;
    this.#child = undefined;
    this.#asked = [];
    this.#keep(Buffer.alloc(0), 1);
    clearTimeout(this.#timer);
    if (child !== undefined) endGroup(child);
    for (const { reject } of asked) reject(error);
  }

  #push(chunk: Buffer): void {
    this.#timer?.refresh();
    this.#held.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#needed) return;
    let rest = Buffer.concat(this.#held, this.#size);
    for (;;) {
      const [asked] = this.#asked;
      const end = rest.indexOf(0x0a);
      if (asked === undefined || end < 0) {
        this.#keep(rest, rest.length + 1);
        return;
      }
      const header = rest.toString('latin1', 0, end);
      const found = /^([0-9a-f]{40}) (commit|tree|blob|tag) (\d+)$/.exec(header);
      if (found === null) {
        if (!header.endsWith(' missing')) throw new StreamSpaceError('GitReadIncomplete', `git says "${header.slice(0, 100)}"`);
        this.#asked.shift();
        asked.resolve(undefined);
        rest = rest.subarray(end + 1);
        continue;
      }
      const size = Number(found[3]);
      if (size > asked.maxBytes) {
        // Not read to be thrown away: the child goes, and another one answers whatever else was asked for.
        this.#startAnew();
        asked.reject(new StreamSpaceError('FileTooLarge', `${size} bytes, at most ${asked.maxBytes} are read`));
        return;
      }
      if (rest.length < end + size + 2) {
        this.#keep(rest, end + size + 2);
        return;
      }
      this.#asked.shift();
      // A copy: a slice would keep everything that came with it.
      this.#answer(asked, found[2] as GitObject['type'], Buffer.from(rest.subarray(end + 1, end + 1 + size)));
      rest = rest.subarray(end + size + 2);
    }
  }

  #answer({ oid, resolve, reject }: Asked, type: GitObject['type'], bytes: Buffer): void {
    const hash = createHash('sha1').update(`${type} ${bytes.length}\0`).update(bytes).digest('hex');
    if (hash === oid) resolve({ type, bytes });
    else reject(new StreamSpaceError('GitReadIncomplete', `object ${oid} of the clone is damaged`));
  }

  #keep(rest: Buffer, needed: number): void {
    // A slice of nothing would still hold the whole of the last file, as long as the child waits.
    this.#held = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
    this.#needed = needed;
  }
}
