// The home of a running session, through its own container: list, make a folder, read, write. What the container says is
// turned into our codes here.
import { randomBytes } from 'node:crypto';
import type { Exec, ExecResult } from '../../runtime/kube/exec/exec.ts';
import { KubeStatusError } from '../../runtime/kube/kube-status-error.ts';
import { type ErrorCode, StreamSpaceError } from '../../schemas/errors.ts';
import { DESKTOP_CONTAINER, DESKTOP_HOME } from '../../schemas/names.ts';
import { folderOf, type HomePath, nameOf } from '../dlp/files/home-path.ts';
import { type HomeEntry, parseListing } from './listing.ts';
import { EXIT, LIST, MAKE_FOLDER, READ_FILE, READ_FOLDER, WRITE_FILE } from './scripts.ts';

export interface HomeOptions {
  readonly exec: Exec;
  readonly namespace: string;
  readonly pod: string;
  readonly signal: AbortSignal;
}

export interface ToWrite {
  readonly path: HomePath;
  readonly bytes: number;
  readonly content: AsyncIterable<Uint8Array>;
  readonly overwrite: boolean;
}

/** What is read, in order; a rejection ends the reading. */
export type Sink = (chunk: Buffer) => Promise<void>;

/** A listing of more is cut. */
const MAX_LISTING_BYTES = 4 * 1024 * 1024;
/** More short names than a page shows would keep everybody else waiting while they are read. */
const MAX_LISTED = 20_000;
/** Of a command that has nothing to say. Who is root in the container may have put anything in its place. */
const MAX_WORDS = 64 * 1024;
/** Longer than any number of bytes. */
const MAX_SIZE_LINE = 32;

const CODE_OF_EXIT: Readonly<Record<number, readonly [code: ErrorCode, message: string]>> = {
  [EXIT.outside]: ['FilePathOutside', 'the path leads out of the home'],
  [EXIT.notFound]: ['FileNotFound', 'the home has no such file or folder'],
  [EXIT.exists]: ['FileExists', 'the folder has something of this name'],
  [EXIT.wrongKind]: ['FileKindWrong', 'the path names something of another kind'],
  [EXIT.incomplete]: ['FileTransferFailed', 'the desktop got only a part of the file'],
  // What sh says of a program that it does not find.
  126: ['DesktopToolsMissing', 'the image of the session lacks a tool'],
  127: ['DesktopToolsMissing', 'the image of the session lacks a tool'],
};

export class Home {
  readonly #options: HomeOptions;

  constructor(options: HomeOptions) {
    this.#options = options;
  }

  async list(folder: HomePath): Promise<{ readonly entries: readonly HomeEntry[]; readonly truncated: boolean }> {
    const chunks: Buffer[] = [];
    let size = 0;
    const enough = new Error('the listing is cut');
    await this.#run(LIST, [folder, '.'], async (chunk) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_LISTING_BYTES) throw enough;
    }).catch((error: unknown) => {
      if (error !== enough) throw error;
    });
    const entries = parseListing(Buffer.concat(chunks), MAX_LISTED + 1);
    return { entries: entries.slice(0, MAX_LISTED), truncated: size > MAX_LISTING_BYTES || entries.length > MAX_LISTED };
  }

  async makeFolder(path: HomePath): Promise<void> {
    await this.#run(MAKE_FOLDER, [folderOf(path), nameOf(path)]);
  }

  /** @param onSize told of the size before the first byte; what it throws ends the reading */
  async readFile(path: HomePath, onSize: (bytes: number) => void, sink: Sink): Promise<void> {
    let line = '';
    await this.#run(READ_FILE, [folderOf(path), nameOf(path)], async (chunk) => {
      if (line.endsWith('\n')) return await sink(chunk);
      const end = chunk.indexOf('\n');
      line += chunk.subarray(0, end < 0 ? chunk.length : end + 1).toString('latin1');
      if (end < 0 && line.length <= MAX_SIZE_LINE) return;
      if (!/^\d{1,19}\n$/.test(line))
        throw new StreamSpaceError('DesktopToolsMissing', 'the desktop does not tell the size of a file');
      onSize(Number(line));
      if (end + 1 < chunk.length) await sink(chunk.subarray(end + 1));
    });
  }

  /** As a tar archive in the format of POSIX. */
  async readFolder(folder: HomePath, sink: Sink): Promise<void> {
    // 1: a file changed while it was read.
    await this.#run(READ_FOLDER, [folder, '.'], sink, { alsoDone: [1] });
  }

  async write({ path, bytes, content, overwrite }: ToWrite): Promise<void> {
    const part = `.streamspace-${randomBytes(16).toString('hex')}.part`;
    let ended = false;
    const stdin = (async function* () {
      for await (const chunk of content) {
        if (ended) return; // nobody wants the rest
        yield chunk;
      }
    })();
    const args = [folderOf(path), nameOf(path), String(bytes), overwrite ? '1' : '0', part];
    const words = fewWords();
    const end = async (chunk: Buffer): Promise<void> => {
      ended = true;
      await words(chunk);
    };
    await this.#run(WRITE_FILE, args, end, { stdin });
  }

  async #run(
    script: string,
    args: readonly string[],
    sink: Sink = fewWords(),
    { stdin, alsoDone = [] }: { readonly stdin?: AsyncIterable<Uint8Array>; readonly alsoDone?: readonly number[] } = {},
  ): Promise<void> {
    const { exec, namespace, pod, signal } = this.#options;
    const result = await exec({
      ...{ namespace, pod, container: DESKTOP_CONTAINER, signal, onOutput: sink },
      command: ['sh', '-c', script, 'streamspace', DESKTOP_HOME, ...args],
      ...(stdin === undefined ? {} : { stdin }),
    }).catch((error: unknown) => {
      throw asOurs(error);
    });
    if (result.exitCode !== 0 && !alsoDone.includes(result.exitCode)) throw failureOf(result);
  }
}

function fewWords(): Sink {
  let size = 0;
  return async (chunk) => {
    size += chunk.length;
    if (size > MAX_WORDS) throw new StreamSpaceError('FileTransferFailed', 'the desktop says more than the command has to say');
  };
}

function failureOf({ exitCode, stderr }: ExecResult): StreamSpaceError {
  if (/No space left on device|[Qq]uota exceeded/.test(stderr))
    return new StreamSpaceError('HomeFull', 'the home of the session has no room for it');
  const [code, message] = CODE_OF_EXIT[exitCode] ?? ['FileTransferFailed', 'the desktop could not do it'];
  return new StreamSpaceError(code, message, { facts: { exitCode }, cause: new Error(stderr) });
}

function asOurs(error: unknown): unknown {
  if (!(error instanceof KubeStatusError)) return error;
  if (/executable file not found|no such file or directory/i.test(error.message))
    return new StreamSpaceError('DesktopToolsMissing', 'the image of the session has no shell', { cause: error });
  return new StreamSpaceError('FileTransferFailed', 'the desktop cannot be reached', { cause: error });
}
