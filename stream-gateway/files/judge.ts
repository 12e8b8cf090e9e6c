// Looks at a whole file before a byte of it goes on: size, type by content, what it is declared to be, and the virus scan.
import { createHash } from 'node:crypto';
import { fileTypeFromFile, supportedMimeTypes } from 'file-type';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { MergedFileRules } from '../../schemas/kinds/policies/file-rules.ts';
import { foundType, plainType, SAMPLE_BYTES } from '../dlp/files/content-type.ts';
import { type FileRefusal, refusesClaim, refusesDirection, refusesSize, refusesType } from '../dlp/files/file-verdict.ts';
import type { StreamPolicy } from '../stream/stream-policy.ts';
import type { Scan } from './clamd.ts';
import { type FileFacts, fileDenied, passOrDeny } from './file-denied.ts';
import type { SpooledFile } from './spool.ts';

export interface JudgedFile {
  readonly bytes: number;
  readonly sha256: string;
  readonly type: string;
}

export interface FileToJudge {
  readonly facts: Pick<FileFacts, 'direction' | 'name'>;
  readonly file: SpooledFile;
  /** What the browser says it is; empty: nothing. */
  readonly declared: string;
  readonly policy: StreamPolicy;
  readonly signal: AbortSignal;
}

/** Rejects with an `AuditedRefusal` for what may not pass, or with `PolicyUnavailable`. */
export type JudgeFile = (asked: FileToJudge) => Promise<JudgedFile>;

/** Finding a type reads into archives; a hostile one must not keep it busy. */
const TYPE_MS = 5_000;
const RECOGNISED: ReadonlySet<string> = new Set([...supportedMimeTypes].map(plainType));

/** @param scan undefined where the gateway knows no scanner: what has to be scanned does not pass */
export function createJudge(scan: Scan | undefined): JudgeFile {
  return async ({ facts, file, declared, policy, signal }) => {
    const { bytes } = file;
    passOrDeny(refusesSize(fileRulesOf(policy), bytes), { ...facts, bytes }, policy);
    const sha256 = await hashOf(file);
    const type = await typeOf(file, signal);
    const known: FileFacts = { ...facts, bytes, sha256, type };
    passOrDeny(refusesType(fileRulesOf(policy), type), known, policy);
    passOrDeny(
      refusesClaim(declared, type, (claim) => RECOGNISED.has(claim)),
      known,
      policy,
    );
    if (fileRulesOf(policy).scan === 'Required') await requireClean(scan, { file, known, policy, signal });
    requireStill(policy, known);
    return { bytes, sha256, type };
  };
}

/** A policy that has changed meanwhile counts, but for a scan: who asks for it again has it done. */
export function requireStill(policy: StreamPolicy, facts: FileFacts): void {
  const rules = fileRulesOf(policy);
  const { direction, bytes = 0, type } = facts;
  passOrDeny(refusesDirection(rules, direction), facts, policy);
  passOrDeny(refusesSize(rules, bytes), facts, policy);
  if (type !== undefined) passOrDeny(refusesType(rules, type), facts, policy);
}

/** What goes on while the policy lets it; one that closes the direction meanwhile ends it with its `AuditedRefusal`. */
export async function* whileAllowed(
  content: AsyncIterable<Buffer>,
  policy: StreamPolicy,
  facts: FileFacts,
): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    requireStill(policy, facts);
    yield chunk;
  }
  requireStill(policy, facts);
}

/** @throws StreamSpaceError `PolicyUnavailable` */
export function fileRulesOf(policy: StreamPolicy): MergedFileRules {
  const { files } = policy.current();
  if (files === undefined) throw new StreamSpaceError('PolicyUnavailable', 'the rules of file transfers are not known yet');
  return files;
}

interface ToScan {
  readonly file: SpooledFile;
  readonly known: FileFacts;
  readonly policy: StreamPolicy;
  readonly signal: AbortSignal;
}

async function requireClean(scan: Scan | undefined, { file, known, policy, signal }: ToScan): Promise<void> {
  const denied = (code: FileRefusal['code'], message: string): Error =>
    fileDenied({ rule: 'scan', code, message }, known, policy);
  if (scan === undefined) throw denied('FileScanUnavailable', 'a virus scan is required and this gateway has no scanner');
  const result = await scan(() => file.read(), signal).catch((error: unknown) => {
    throw error instanceof StreamSpaceError ? denied(error.code, error.message) : error;
  });
  if (!result.clean) throw denied('FileInfected', `the virus scanner found ${result.signature}`);
}

async function hashOf(file: SpooledFile): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of file.read()) hash.update(chunk);
  return hash.digest('hex');
}

async function typeOf(file: SpooledFile, signal: AbortSignal): Promise<string> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(TYPE_MS)]);
  // What it stumbles over has no type that could be told.
  const signature = await fileTypeFromFile(file.path, { signal: limited }).catch(() => undefined);
  signal.throwIfAborted();
  return foundType(signature?.mime, await file.head(SAMPLE_BYTES));
}
