// Git over ssh: `git-upload-pack` or `git-receive-pack` on the other side, its two ends as one stream. The server is believed only when `known_hosts`
// names its key; there is no "trust on first use". The private key stays in our memory: no agent, no file, no child.
import type { Duplex } from 'node:stream';
import ssh2 from 'ssh2';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { SshIdentity } from './credentials.ts';
import type { GitTarget } from './http.ts';
import { fingerprintOf, isTrusted, keysOfHost } from './known-hosts.ts';
import type { GitService } from './relay.ts';

export interface SshConnection extends Disposable {
  /** What the server says, and what is said to it. */
  readonly stream: Duplex;
  /** Why it ended, where it did not end well; waits a moment for the reason, which may come after the end. */
  failure(): Promise<StreamSpaceError | undefined>;
}

export interface SshAddress {
  readonly user: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

const READY_MS = 10_000;
/** Three that are not answered end the connection: a peer that is gone is noticed within 30 s. */
const KEEPALIVE_MS = 10_000;
const REASON_MS = 1_000;

/** @throws GitUrlInvalid */
export function parseSshUrl(text: string): SshAddress {
  const url = URL.parse(text);
  if (url?.protocol !== 'ssh:' || url.hostname === '' || url.password !== '' || url.pathname.length < 2)
    throw new StreamSpaceError('GitUrlInvalid', 'the URL is none of ssh://user@host/path without a password');
  const path = decode(url.pathname);
  return {
    user: url.username === '' ? 'git' : decode(url.username),
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 22 : Number(url.port),
    path: path.startsWith('/~') ? path.slice(1) : path, // as git does: the home of somebody
  };
}

function decode(text: string): string {
  let decoded = '';
  try {
    decoded = decodeURIComponent(text);
  } catch {
    // told below
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (decoded === '' || /[\0-\x1f\x7f]/.test(decoded))
    throw new StreamSpaceError('GitUrlInvalid', 'the URL holds control characters');
  return decoded;
}

/** @throws GitHostKeyRefused, GitAuthFailed, GitUnreachable */
export async function openSsh(
  target: GitTarget,
  signal: AbortSignal,
  service: GitService = 'git-upload-pack',
): Promise<SshConnection> {
  const address = parseSshUrl(target.url);
  const client = new ssh2.Client();
  let failed: StreamSpaceError | undefined;
  const stop = (): void => void client.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    await connected(client, target, address, (error) => {
      failed ??= error;
    });
    client.on('error', (error) => {
      failed ??= told(target.url, error);
    });
    const stream = await startService(client, target, `${service} ${quoted(address.path)}`, (error) => {
      failed ??= error;
    });
    const closed = new Promise<void>((resolve) => stream.once('close', resolve));
    return {
      stream,
      failure: async () => {
        await Promise.race([closed, delay(REASON_MS, signal).catch(() => undefined)]);
        return failed;
      },
      [Symbol.dispose]: () => {
        signal.removeEventListener('abort', stop);
        stream.destroy();
        client.end();
        client.destroy();
      },
    };
  } catch (error) {
    signal.removeEventListener('abort', stop);
    client.destroy();
    signal.throwIfAborted();
    throw failed ?? told(target.url, error);
  }
}

async function connected(
  client: ssh2.Client,
  { url, credentials }: GitTarget,
  { user, host, port }: SshAddress,
  onFailure: (error: StreamSpaceError) => void,
): Promise<void> {
  if (credentials?.knownHosts === undefined)
    throw new StreamSpaceError('GitHostKeyRefused', `there are no known_hosts for ${host}: nobody says which key its server has`);
  const keys = keysOfHost(credentials.knownHosts, host, port);
  const usable = keys.filter(({ revoked }) => !revoked);
  if (usable.length === 0) throw new StreamSpaceError('GitHostKeyRefused', `known_hosts names no key for ${host} port ${port}`);
  if (credentials.ssh !== undefined) requireKey(credentials.ssh);
  const verify = (shown: Buffer): boolean => {
    if (isTrusted(keys, shown)) return true;
    onFailure(
      new StreamSpaceError(
        'GitHostKeyRefused',
        `${host} shows the key ${fingerprintOf(shown)}, which known_hosts does not name`,
        {
          facts: { url },
        },
      ),
    );
    return false;
  };
  await new Promise<void>((resolve, reject) => {
    client
      .once('ready', resolve)
      .on('error', reject)
      .once('close', () => reject(new Error('the connection was closed')));
    client.connect({
      host,
      port,
      username: user,
      ...credentials.ssh,
      ...(credentials.password === undefined ? {} : { password: credentials.password }),
      algorithms: { serverHostKey: algorithmsFor(usable.map(({ type }) => type)) },
      hostVerifier: verify,
      readyTimeout: READY_MS,
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: 3,
      ident: 'streamspace',
    });
  });
}

/** Only what can match is asked for, as OpenSSH does: a server with several keys then shows the one that is known. No SHA-1. */
function algorithmsFor(types: readonly string[]): ssh2.ServerHostKeyAlgorithm[] {
  const wanted = new Set(types);
  const all: readonly ssh2.ServerHostKeyAlgorithm[] = [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
  ];
  return all.filter((name) => wanted.has(name.startsWith('rsa-') ? 'ssh-rsa' : name));
}

/** Before ssh2 looks at it, whose message may quote the key. */
function requireKey({ privateKey, passphrase }: SshIdentity): void {
  const parsed = ssh2.utils.parseKey(privateKey, passphrase);
  if (parsed instanceof Error || !parsed.isPrivateKey())
    throw new StreamSpaceError('GitAuthFailed', 'identity is no private key, or identityPassphrase does not open it');
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}

async function startService(
  client: ssh2.Client,
  { url }: GitTarget,
  command: string,
  onFailure: (error: StreamSpaceError) => void,
): Promise<ssh2.ClientChannel> {
  return await new Promise<ssh2.ClientChannel>((resolve, reject) => {
    // A server that takes no such variable answers in protocol 0, which is as good.
    client.exec(command, { env: { GIT_PROTOCOL: 'version=2' } }, (error, stream) => {
      if (error !== undefined) {
        reject(error);
        return;
      }
      // Here and not later: an exit that comes with the answer would be missed.
      let said = '';
      stream.stderr.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-1_000);
      });
      stream.once('exit', (code: number | null) => {
        if (code === 0) return;
        const words = said.replace(/\s+/g, ' ').trim();
        onFailure(
          new StreamSpaceError('GitUnreachable', `the Git server of ${url} says: ${words === '' ? `exit ${code}` : words}`),
        );
      });
      resolve(stream);
    });
  });
}

function told(url: string, error: unknown): StreamSpaceError {
  if (error instanceof StreamSpaceError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const level = error instanceof Error && 'level' in error ? error.level : undefined;
  const details = { facts: { url }, cause: error };
  if (level === 'client-authentication')
    return new StreamSpaceError('GitAuthFailed', `the ssh server of ${url} refuses the identity it was given`, details);
  if (/no matching host key/i.test(message))
    return new StreamSpaceError(
      'GitHostKeyRefused',
      `the ssh server of ${url} has no key of the kinds that known_hosts names`,
      details,
    );
  return new StreamSpaceError('GitUnreachable', `the ssh server of ${url} does not answer: ${message}`, details);
}
