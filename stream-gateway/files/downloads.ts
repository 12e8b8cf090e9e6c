// From the home of a session to the browser: everything is on the disk of the gateway and judged before the first byte goes out.

import { maxBytesOf, refusesDirection, refusesSize } from '../dlp/files/file-verdict.ts';
import type { HomePath } from '../dlp/files/home-path.ts';
import { eachEntry, FileList } from './archive.ts';
import type { Entered } from './entrance.ts';
import { type FileFacts, passOrDeny } from './file-denied.ts';
import { fileRulesOf, type JudgedFile, type JudgeFile, requireStill } from './judge.ts';
import type { FileSpool, SpooledFile } from './spool.ts';

export interface DownloadPorts {
  readonly spool: FileSpool;
  readonly judge: JudgeFile;
}

export interface ToFetch {
  readonly path: HomePath;
  readonly signal: AbortSignal;
}

export interface FetchedFile {
  readonly file: SpooledFile;
  readonly judged: JudgedFile;
}

export interface FetchedFolder {
  /** As tar made it; `repacked` makes of it what is sent. */
  readonly archive: SpooledFile;
  readonly files: number;
  readonly bytes: number;
  /** Of the list of files (files/archive.ts). */
  readonly sha256: string;
}

/** Dispose `file` when it is sent. Rejects with an `AuditedRefusal` or what `Home` rejects with. */
export async function fetchFile(
  { spool, judge }: DownloadPorts,
  { policy, home, take, owner }: Entered,
  { path, signal }: ToFetch,
): Promise<FetchedFile> {
  const facts: FileFacts = { direction: 'down', name: path };
  passOrDeny(refusesDirection(fileRulesOf(policy), 'down'), facts, policy);
  take(facts);
  const file = await spool.create(0, owner.person);
  try {
    const judgeSize = (bytes: number): void => passOrDeny(refusesSize(fileRulesOf(policy), bytes), { ...facts, bytes }, policy);
    await home.readFile(path, judgeSize, async (chunk) => {
      judgeSize(file.bytes + chunk.length); // it may have grown since
      await file.write(chunk, file.bytes);
    });
    return { file, judged: await judge({ facts, file, declared: '', policy, signal }) };
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

/** What tar adds for headers and padding: room for 40,000 entries. */
const TAR_OVERHEAD_BYTES = 64 * 1024 * 1024;

/** Dispose `archive` when it is sent. One file that may not pass stops the whole folder, by its name. */
export async function fetchFolder(ports: DownloadPorts, entered: Entered, { path, signal }: ToFetch): Promise<FetchedFolder> {
  const { policy, home } = entered;
  const facts: FileFacts = { direction: 'down', name: path };
  passOrDeny(refusesDirection(fileRulesOf(policy), 'down'), facts, policy);
  const archive = await ports.spool.create(0, entered.owner.person);
  try {
    await home.readFolder(path, async (chunk) => {
      const bytes = archive.bytes + chunk.length;
      if (bytes > maxBytesOf(fileRulesOf(policy)) + TAR_OVERHEAD_BYTES)
        passOrDeny(refusesSize(fileRulesOf(policy), bytes), { ...facts, bytes }, policy);
      await archive.write(chunk, archive.bytes);
    });
    const list = new FileList();
    await eachEntry(archive, async (entry, content) => {
      if (entry.kind === 'Folder') return;
      const name = path === '' ? entry.path : `${path}/${entry.path}`;
      const bytes = list.bytes + entry.bytes;
      passOrDeny(refusesSize(fileRulesOf(policy), bytes), { ...facts, bytes }, policy);
      entered.take({ ...facts, name });
      await using file = await ports.spool.create();
      for await (const chunk of content) await file.write(chunk, file.bytes);
      const judged = await ports.judge({ facts: { direction: 'down', name }, file, declared: '', policy, signal });
      list.add(entry.path, judged.sha256, judged.bytes);
    });
    const { files, bytes } = list;
    requireStill(policy, { ...facts, bytes });
    return { archive, files, bytes, sha256: list.digest() };
  } catch (error) {
    await archive[Symbol.asyncDispose]();
    throw error;
  }
}
