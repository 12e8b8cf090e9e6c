// What a Secret says about how to reach a repository. Never printed: a value of this class gives nothing away.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { GitHubAppOptions } from './github-app.ts';

export interface SshIdentity {
  /** A private key, PEM or OpenSSH. */
  readonly privateKey: string;
  readonly passphrase?: string;
}

export interface TlsSettings {
  /** PEM. The only authorities that are trusted then. */
  readonly ca?: string | undefined;
  /** PEM: what we show to the server, and its key. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

interface Parts {
  readonly basic?: { readonly username: string; readonly password: string } | undefined;
  readonly githubApp?: GitHubAppOptions | undefined;
  readonly ssh?: SshIdentity | undefined;
  readonly knownHosts?: string | undefined;
  readonly tls?: TlsSettings | undefined;
}

export class GitCredentials {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The value of an Authorization header, where user and password are known beforehand. */
  get basic(): string | undefined {
    const { basic } = this.#parts;
    return basic === undefined ? undefined : basicHeader(basic.username, basic.password);
  }

  get githubApp(): GitHubAppOptions | undefined {
    return this.#parts.githubApp;
  }

  get ssh(): SshIdentity | undefined {
    return this.#parts.ssh;
  }

  get password(): string | undefined {
    return this.#parts.basic?.password;
  }

  get knownHosts(): string | undefined {
    return this.#parts.knownHosts;
  }

  get tls(): TlsSettings | undefined {
    return this.#parts.tls;
  }

  toJSON(): string {
    return '[redacted]';
  }
}

export function basicHeader(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

/**
 * Keys of the Secret: `username` + `password`, or `token`; `githubAppId` + `githubAppInstallationId` + `githubAppPrivateKey`
 * (+ `githubApiUrl`); `identity` (+ `identityPassphrase`) and `known_hosts` for ssh; `ca.crt`, `tls.crt` + `tls.key` for https.
 * @throws GitAuthFailed for keys that do not go together
 */
export function parseCredentials(name: string, data: Readonly<Record<string, string>>): GitCredentials {
  const read = (key: string): string | undefined => {
    const value = data[key];
    return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
  };
  const line = (key: string): string | undefined => read(key)?.replace(/\r?\n$/, '');
  const refuse = (what: string): never => {
    throw new StreamSpaceError('GitAuthFailed', `the Secret ${name} ${what}`);
  };
  const password = line('password') ?? line('token');
  const username = line('username');
  const app = ['githubAppId', 'githubAppInstallationId', 'githubAppPrivateKey'];
  const given = app.filter((key) => data[key] !== undefined);
  if (given.length > 0 && given.length < app.length)
    refuse(`has ${given.join(' and ')}, but not ${app.filter((key) => !given.includes(key)).join(' and ')}`);
  if (password !== undefined && given.length > 0) refuse('has a password or token, and a GitHub App as well: keep one of them');
  const tls = { ca: read('ca.crt'), cert: read('tls.crt'), key: read('tls.key') };
  if ((tls.cert === undefined) !== (tls.key === undefined)) refuse('needs tls.crt and tls.key together');
  const identity = read('identity');
  const passphrase = line('identityPassphrase');
  const knownHosts = read('known_hosts');
  const usesTls = tls.ca !== undefined || tls.cert !== undefined;
  if (username !== undefined && password === undefined && given.length === 0)
    refuse('has a username, but neither password nor token');
  if (password === undefined && given.length === 0 && identity === undefined && knownHosts === undefined && !usesTls)
    refuse('has none of the keys that are known: password, token, githubAppId, identity, known_hosts, ca.crt, tls.crt');
  return new GitCredentials({
    ...(password === undefined ? {} : { basic: { username: username ?? 'git', password } }),
    ...(given.length === 0
      ? {}
      : {
          githubApp: {
            appId: line('githubAppId') ?? '',
            installationId: line('githubAppInstallationId') ?? '',
            privateKey: read('githubAppPrivateKey') ?? '',
            apiUrl: line('githubApiUrl') ?? 'https://api.github.com',
          },
        }),
    ...(identity === undefined ? {} : { ssh: { privateKey: identity, ...(passphrase === undefined ? {} : { passphrase }) } }),
    knownHosts,
    ...(usesTls ? { tls } : {}),
  });
}
