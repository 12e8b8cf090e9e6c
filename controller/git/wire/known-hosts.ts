// The file known_hosts of OpenSSH (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): which keys a server may show. Pure.
import { createHash, createHmac } from 'node:crypto';

export interface KnownHostKey {
  /** `ssh-ed25519` */
  readonly type: string;
  /** As it goes over the wire. */
  readonly blob: Buffer;
  readonly revoked: boolean;
}

/** Keys that the file names for a server. A line that cannot be read names none: it must not make another one weaker. */
export function keysOfHost(file: string, host: string, port: number): readonly KnownHostKey[] {
  const names = port === 22 ? [host.toLowerCase()] : [`[${host.toLowerCase()}]:${port}`];
  return file.split(/\r?\n/).flatMap((line): KnownHostKey[] => {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) return [];
    const fields = text.split(/\s+/);
    const marker = fields[0]?.startsWith('@') === true ? fields.shift() : undefined;
    const [patterns = '', type = '', base64 = ''] = fields;
    // An authority for host certificates: ssh2 knows no certificates, so such a line can vouch for nobody.
    if (marker !== undefined && marker !== '@revoked') return [];
    const blob = Buffer.from(base64, 'base64');
    if (blob.length === 0 || typeInside(blob) !== type || !names.some((name) => matches(patterns, name))) return [];
    return [{ type, blob, revoked: marker === '@revoked' }];
  });
}

/** A revoked key is refused even where another line names it. */
export function isTrusted(keys: readonly KnownHostKey[], shown: Buffer): boolean {
  const same = keys.filter(({ blob }) => blob.equals(shown));
  return same.length > 0 && same.every(({ revoked }) => !revoked);
}

/** `SHA256:...` as ssh-keygen prints it. */
export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

function typeInside(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined;
  const length = blob.readUInt32BE(0);
  return length > 64 || blob.length < 4 + length ? undefined : blob.toString('latin1', 4, 4 + length);
}

function matches(patterns: string, name: string): boolean {
  if (patterns.startsWith('|1|')) {
    const [, , salt = '', hash = ''] = patterns.split('|');
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
  }
  let found = false;
  for (const pattern of patterns.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (!matchesGlob(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

/** `*` and `?`, in time that grows with the product of the lengths: a tenant writes the pattern. */
function matchesGlob(pattern: string, name: string): boolean {
  let [p, n, star, from] = [0, 0, -1, 0];
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p++;
      from = n;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p += 1;
      n += 1;
    } else if (star >= 0) {
      p = star + 1;
      n = ++from;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}
