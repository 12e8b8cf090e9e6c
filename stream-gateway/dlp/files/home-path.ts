// A path in the home of a session, as it comes from a browser: relative, and made of names that mean one thing to everybody.
// Where a symbolic link leads is not known here; the container looks at that (files/scripts.ts).
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { Branded } from '../../auth/sign-in/branded.ts';

/** Names joined by `/`, none of them `.` or `..`; empty is the home itself. */
export type HomePath = Branded<string, 'HomePath'>;

/** NAME_MAX of Linux, in bytes of UTF-8. */
export const MAX_NAME_BYTES = 255;
/** PATH_MAX of Linux is 4,096 with the path of the home. */
const MAX_PATH_BYTES = 3_500;
/** What an upload is called while it is written into the container, and what is never shown. */
export const PART_NAME = /^\.streamspace-[0-9a-f]{32}\.part$/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
/** What turns text around or cannot be seen (Unicode TR 36, 3.1): with it a name looks like another one. */
const UNSEEN = /[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/;

/** @throws StreamSpaceError `FilePathInvalid`; the message says what is wrong with it, never what was typed */
export function parseHomePath(text: string): HomePath {
  if (text === '') return text as HomePath;
  if (Buffer.byteLength(text) > MAX_PATH_BYTES) refuse(`the path has more than ${MAX_PATH_BYTES} bytes`);
  if (!text.isWellFormed()) refuse('the path is no Unicode text');
  if (text.startsWith('/')) refuse('the path is absolute; write it from the home on');
  for (const name of text.split('/')) checkName(name);
  return text as HomePath;
}

/**
 * For what is to be made: besides, it is brought into normal form C, so that no two names look the same, and has nothing that
 * another system would take for a separator. @throws StreamSpaceError `FilePathInvalid`
 */
export function parseNewPath(text: string): HomePath {
  const path = parseHomePath(text.isWellFormed() ? text.normalize('NFC') : text);
  if (path === '') refuse('the path names nothing in the home');
  if (path.includes('\\')) refuse('a name has a backslash');
  if (UNSEEN.test(path)) refuse('a name has characters that cannot be seen');
  if (PART_NAME.test(nameOf(path))) refuse('the name is one of those that uploads have on their way');
  return path;
}

export function nameOf(path: HomePath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function folderOf(path: HomePath): HomePath {
  return path.slice(0, Math.max(0, path.lastIndexOf('/'))) as HomePath;
}

function checkName(name: string): void {
  if (name === '') refuse('a name in the path is empty');
  if (name === '.' || name === '..') refuse('the path has . or .. in it');
  if (CONTROL.test(name)) refuse('a name has control characters');
  const bytes = Buffer.byteLength(name);
  if (bytes > MAX_NAME_BYTES) refuse(`a name has ${bytes} bytes; ${MAX_NAME_BYTES} are the most`);
}

function refuse(why: string): never {
  throw new StreamSpaceError('FilePathInvalid', why);
}
