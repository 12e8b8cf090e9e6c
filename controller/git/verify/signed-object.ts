// The bytes of a commit or an annotated tag, taken apart into what was signed and the signature, as `git verify-commit` and
// `git verify-tag` do it: git's Documentation/gitformat-signature. Total: what it does not understand is an error.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { type CommitSha, parseCommitSha } from '../commit-sha.ts';

export interface SignedObject {
  /** Exactly the bytes that the signature covers. */
  readonly payload: Uint8Array;
  /** Armoured; `undefined` where there is none. */
  readonly signature: string | undefined;
}

export interface SignedCommit extends SignedObject {
  readonly parents: readonly CommitSha[];
  /** Seconds, as the committer wrote it: for order alone, never for trust. */
  readonly committedAt: number;
}

export interface SignedTag extends SignedObject {
  readonly name: string;
  readonly target: CommitSha;
  readonly targetType: string;
}

/** Messages of merges with many mergetags are large; beyond this it is no commit that people wrote. */
const MAX_OBJECT_BYTES = 1024 * 1024;
const NEWLINE = 10;
const SPACE = 32;

/** @throws SignatureInvalid */
export function parseCommit(bytes: Uint8Array): SignedCommit {
  const { headers, payload } = takeApart(bytes, 'commit');
  const signatures = headers.filter(({ key }) => key === 'gpgsig');
  if (signatures.length > 1) malformed('the commit has more than one signature');
  const parents = headers.filter(({ key }) => key === 'parent').map(({ value }) => shaOf(value));
  return { payload, signature: signatures[0]?.value, parents, committedAt: secondsOf(onlyValue(headers, 'committer')) };
}

/** A commit without a signature, with one: the last of its headers, as git writes it. {@link parseCommit} gives both back. */
export function withSignature(commit: Uint8Array, armored: string): Buffer {
  const bytes = Buffer.from(commit.buffer, commit.byteOffset, commit.byteLength);
  const end = bytes.indexOf('\n\n') + 1;
  if (end === 0) malformed('the headers of the commit do not end');
  const header = `gpgsig ${armored.trimEnd().replaceAll('\n', '\n ')}\n`;
  return Buffer.concat([bytes.subarray(0, end), Buffer.from(header, 'latin1'), bytes.subarray(end)]);
}

/** The signature of a tag stands at the end of its message. @throws SignatureInvalid */
export function parseTag(bytes: Uint8Array): SignedTag {
  const { headers, payload } = takeApart(bytes, 'tag');
  const text = Buffer.from(payload).toString('latin1');
  // The last line that begins a signature, as git looks for it: an earlier one is text of the message.
  const begin = Math.max(
    text.lastIndexOf('\n-----BEGIN PGP SIGNATURE-----\n'),
    text.lastIndexOf('\n-----BEGIN SSH SIGNATURE-----\n'),
  );
  const facts = {
    name: onlyValue(headers, 'tag'),
    target: shaOf(onlyValue(headers, 'object')),
    targetType: onlyValue(headers, 'type'),
  };
  if (begin === -1) return { ...facts, payload, signature: undefined };
  return { ...facts, payload: payload.subarray(0, begin + 1), signature: text.slice(begin + 1) };
}

interface Header {
  readonly key: string;
  readonly value: string;
}

/** Headers with their continuation lines joined; the payload is the object without the signatures among them. */
function takeApart(bytes: Uint8Array, what: string): { readonly headers: readonly Header[]; readonly payload: Uint8Array } {
  if (bytes.length > MAX_OBJECT_BYTES) malformed(`the ${what} has ${bytes.length} bytes, at most ${MAX_OBJECT_BYTES} are read`);
  const headers: { key: string; value: string }[] = [];
  const kept: Uint8Array[] = [];
  let offset = 0;
  let keeps = true;
  while (offset < bytes.length && bytes[offset] !== NEWLINE) {
    const newline = bytes.indexOf(NEWLINE, offset);
    if (newline === -1) malformed(`the headers of the ${what} do not end`);
    const line = Buffer.from(bytes.subarray(offset, newline)).toString('latin1');
    if (bytes[offset] === SPACE) {
      const last = headers.at(-1);
      if (last === undefined) malformed(`the ${what} begins with a space`);
      else last.value += `\n${line.slice(1)}`;
    } else {
      const space = line.indexOf(' ');
      if (space <= 0) malformed(`a header of the ${what} has no value`);
      const key = line.slice(0, space);
      keeps = key !== 'gpgsig' && key !== 'gpgsig-sha256';
      headers.push({ key, value: line.slice(space + 1) });
    }
    if (keeps) kept.push(bytes.subarray(offset, newline + 1));
    offset = newline + 1;
  }
  kept.push(bytes.subarray(offset));
  return { headers, payload: Buffer.concat(kept) };
}

function onlyValue(headers: readonly Header[], key: string): string {
  const found = headers.filter((header) => header.key === key);
  const [only] = found;
  if (only === undefined || found.length > 1) malformed(`the object has ${found.length} headers "${key}", not one`);
  return only?.value ?? '';
}

function shaOf(text: string): CommitSha {
  if (!/^[0-9a-f]{40}$/.test(text)) malformed('an object id is no 40 hexadecimal digits');
  return parseCommitSha(text);
}

function secondsOf(committer: string): number {
  const seconds = Number(/ (\d{1,15}) [+-]\d{4}$/.exec(committer)?.[1] ?? '0');
  return Number.isSafeInteger(seconds) ? seconds : 0;
}

function malformed(message: string): never {
  throw new StreamSpaceError('SignatureInvalid', message);
}
