// OpenSSH's `allowed_signers` (ssh-keygen(1), ALLOWED SIGNERS) and a list of revoked public keys. Strict: a line that is not
// understood is an error, for it may be the one that takes a right away.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { parseSshKey, SshFormatError, sshFingerprint } from './ssh-wire.ts';

export interface AllowedSigner {
  readonly principals: string;
  readonly keyId: string;
  /** Patterns of namespaces; `undefined` for every one. */
  readonly namespaces: readonly string[] | undefined;
  readonly afterMs: number | undefined;
  readonly beforeMs: number | undefined;
}

export interface SshKeys {
  readonly allowed: readonly AllowedSigner[];
  /** Fingerprints. */
  readonly revoked: ReadonlySet<string>;
}

/** @throws SignatureKeysInvalid with the line */
export function parseAllowedSigners(text: string, file = 'allowed_signers'): readonly AllowedSigner[] {
  return linesOf(text).map(({ line, words }) => {
    const position = { file, line };
    const [principals = '', ...rest] = words;
    const options = rest[0] !== undefined && !isKeyType(rest[0]) ? optionsOf(rest.shift() ?? '', position) : {};
    return { principals: unquoted(principals), keyId: keyIdOf(rest, position), ...{ ...NO_OPTIONS, ...options } };
  });
}

/** One public key a line, as in `id_ed25519.pub`, or its fingerprint `SHA256:...`. @throws SignatureKeysInvalid with the line */
export function parseRevokedKeys(text: string, file = 'revoked_keys'): ReadonlySet<string> {
  if (text.startsWith('SSHKRL')) invalid('a binary KRL is not supported: give a list of public keys', { file });
  return new Set(
    linesOf(text).map(({ line, words }) =>
      /^SHA256:[A-Za-z0-9+/]{43}$/.test(words[0] ?? '') ? (words[0] ?? '') : sshFingerprint(keyBlob(words, { file, line })),
    ),
  );
}

export function matchesNamespace({ namespaces }: AllowedSigner, namespace: string): boolean {
  if (namespaces === undefined) return true;
  const matches = (pattern: string): boolean => globMatches(pattern.replace(/^!/, ''), namespace);
  // ssh's pattern lists: a negated pattern that matches decides.
  if (namespaces.some((pattern) => pattern.startsWith('!') && matches(pattern))) return false;
  return namespaces.some((pattern) => !pattern.startsWith('!') && matches(pattern));
}

function globMatches(pattern: string, text: string): boolean {
  const escaped = pattern
    .replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`, 's').test(text);
}

interface Line {
  readonly line: number;
  readonly words: string[];
}

/** Words are parted by blanks; a quoted part keeps them. */
function linesOf(text: string): readonly Line[] {
  return text.split('\n').flatMap((raw, index) => {
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) return [];
    return [{ line: index + 1, words: content.match(/(?:"[^"]*"|[^\s"])+/g) ?? [] }];
  });
}

type Position = { readonly file: string; readonly line?: number };
type Options = Pick<AllowedSigner, 'namespaces' | 'afterMs' | 'beforeMs'>;
const NO_OPTIONS: Options = { namespaces: undefined, afterMs: undefined, beforeMs: undefined };

function optionsOf(text: string, position: Position): Partial<Options> {
  const options: { -readonly [Key in keyof Options]?: Options[Key] } = {};
  for (const option of text.match(/(?:"[^"]*"|[^,"])+/g) ?? []) {
    const [name = '', value = ''] = option.split(/=(.*)/s);
    switch (name.toLowerCase()) {
      case 'namespaces':
        options.namespaces = unquoted(value).split(',');
        break;
      case 'valid-after':
        options.afterMs = timeOf(unquoted(value), position);
        break;
      case 'valid-before':
        options.beforeMs = timeOf(unquoted(value), position);
        break;
      case 'cert-authority':
        invalid('certificate authorities are not supported: list the keys themselves', position);
        break;
      default:
        invalid('an option is none of namespaces, valid-after, valid-before', position);
    }
  }
  return options;
}

/** YYYYMMDD[HHMM[SS]][Z]; without Z too it is UTC, as the controller has no local time of its own. */
function timeOf(text: string, position: Position): number {
  const match = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?Z?$/.exec(text);
  const [, year, month, day, hour = '00', minute = '00', second = '00'] = match ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(time)) invalid('a time is not written as YYYYMMDD[HHMM[SS]][Z]', position);
  return time;
}

function isKeyType(word: string): boolean {
  return /^(sk-)?(ssh|ecdsa)-[a-z0-9@.-]+$/.test(word);
}

function keyBlob([type = '', base64 = '']: readonly string[], position: Position): Buffer {
  if (!isKeyType(type) || !/^[A-Za-z0-9+/]+=*$/.test(base64)) return invalid('there is no public key in it', position);
  return Buffer.from(base64, 'base64');
}

function keyIdOf(words: readonly string[], position: Position): string {
  const blob = keyBlob(words, position);
  try {
    parseSshKey(blob);
  } catch (error) {
    if (error instanceof SshFormatError) return invalid(`its key cannot be used: ${error.message}`, position);
    throw error;
  }
  return sshFingerprint(blob);
}

function unquoted(text: string): string {
  return text.replaceAll('"', '');
}

function invalid(message: string, position: Position): never {
  throw new StreamSpaceError('SignatureKeysInvalid', message, { position });
}
