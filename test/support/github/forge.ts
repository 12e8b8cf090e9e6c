// All of the state, and who may do what to it.
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { type App, Apps, INSTALLATION_TOKEN_MS } from './apps.ts';
import { type ApiFailure, badCredentials, notFound } from './failure.ts';
import { BareRepository } from './git.ts';
import { OAuthApps } from './oauth-apps.ts';
import { People } from './people.ts';
import type { Account, Counts, Credential, GitHubEvent, Repository, Role } from './state.ts';

const STRENGTH: Readonly<Record<Role, number>> = { read: 1, write: 2, admin: 3 };

export interface NewRepository {
  /** Default: false. Of a private one nobody else is told that it exists. */
  readonly private?: boolean;
  /** Default: `main`. */
  readonly defaultBranch?: string;
}

export class Forge {
  readonly root: string;
  readonly now: () => Date;
  readonly apps = new Apps();
  readonly oauth = new OAuthApps(this);
  readonly people = new People(this);
  readonly repositories = new Map<string, Repository>();
  readonly counts: Counts = {
    pullRequests: 0,
    comments: 0,
    commentEdits: 0,
    commentDeletions: 0,
    statuses: 0,
    merges: 0,
    refDeletions: 0,
  };
  /** `http://127.0.0.1:port`, of pages and repositories; set when it listens. */
  webUrl = '';
  readonly #accounts = new Map<string, Account>();
  readonly #credentials = new Map<string, Credential>();
  readonly #emit: (event: GitHubEvent) => void;
  #lastId = 1000;

  constructor(root: string, now: () => Date, emit: (event: GitHubEvent) => void) {
    this.root = root;
    this.now = now;
    this.#emit = emit;
  }

  get apiUrl(): string {
    return `${this.webUrl}/api/v3`;
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  emit(event: GitHubEvent): void {
    this.#emit(event);
  }

  account(login: string, type: Account['type'] = 'User'): Account {
    const known = this.#accounts.get(login.toLowerCase());
    if (known !== undefined) return known;
    const account: Account = { id: this.nextId(), login, type, createdAt: this.now() };
    this.#accounts.set(login.toLowerCase(), account);
    return account;
  }

  knownAccount(login: string): Account | undefined {
    return this.#accounts.get(login.toLowerCase());
  }

  /** The old login is free from now on. */
  rename(account: Account, login: string): void {
    this.#accounts.delete(account.login.toLowerCase());
    account.login = login;
    this.#accounts.set(login.toLowerCase(), account);
  }

  issue(credential: Credential & { readonly kind: 'user' | 'installation' }): string {
    const prefix = credential.oauth === undefined ? { user: 'ghp_', installation: 'ghs_' }[credential.kind] : 'gho_';
    const token = `${prefix}${randomBytes(18).toString('hex')}`;
    this.#credentials.set(token, credential);
    return token;
  }

  /** For as long as GitHub gives one. */
  installationToken({ account }: App): { readonly token: string; readonly expiresAt: Date } {
    const expiresAt = new Date(this.now().getTime() + INSTALLATION_TOKEN_MS);
    return { token: this.issue({ account, kind: 'installation', access: 'write', expiresAt }), expiresAt };
  }

  revoke(token: string): void {
    this.#credentials.delete(token);
  }

  /** Those that count, of an account. */
  tokensOf(account: Account): readonly string[] {
    return [...this.#credentials].filter(([, credential]) => credential.account === account).map(([token]) => token);
  }

  /** @throws ApiFailure 401, or as it is told */
  credential(token: string, failure: () => ApiFailure = badCredentials): Credential {
    const found = this.#credentials.get(token);
    if (found === undefined || (found.expiresAt !== undefined && found.expiresAt <= this.now())) throw failure();
    return found;
  }

  /** Names are matched as GitHub does, whatever their case. @throws ApiFailure 404 */
  repository(owner: string, name: string): Repository {
    const found = this.repositories.get(`${owner}/${name}`.toLowerCase());
    if (found === undefined) throw notFound();
    return found;
  }

  async create(owner: string, name: string, options: NewRepository, parent?: Repository): Promise<Repository> {
    const account = this.account(owner);
    const defaultBranch = options.defaultBranch ?? parent?.defaultBranch ?? 'main';
    const git = await BareRepository.create(path.join(this.root, account.login, `${name}.git`), defaultBranch);
    if (parent !== undefined) await git.run('fetch', '--quiet', parent.git.folder, '+refs/heads/*:refs/heads/*');
    const repository: Repository = {
      id: this.nextId(),
      owner: account,
      name,
      private: options.private ?? parent?.private ?? false,
      defaultBranch,
      git,
      parent,
      createdAt: this.now(),
      roles: new Map(),
      pulls: new Map(),
      comments: new Map(),
      statuses: [],
      checkRuns: [],
      protections: new Map(),
      rulesets: new Map(),
      mergeMethods: ['merge', 'squash', 'rebase'],
      deleteBranchOnMerge: false,
      mergeabilityUnknown: 0,
      heads: await git.heads(),
      lastPusher: account,
    };
    this.repositories.set(`${account.login}/${name}`.toLowerCase(), repository);
    return repository;
  }

  /** The repository with all that pull requests may come from or go to. */
  network(repository: Repository): readonly Repository[] {
    const root = repository.parent ?? repository;
    return [...this.repositories.values()].filter((each) => each === root || each.parent === root);
  }

  /** `undefined` for no right at all. A public repository can be read by everybody. */
  role(repository: Repository, account: Account | undefined): Role | undefined {
    if (account?.id === repository.owner.id) return 'admin';
    const given = account === undefined ? undefined : repository.roles.get(account.login.toLowerCase());
    return given ?? (repository.private ? undefined : 'read');
  }

  has(repository: Repository, account: Account | undefined, wanted: Role): boolean {
    const role = this.role(repository, account);
    return role !== undefined && STRENGTH[role] >= STRENGTH[wanted];
  }
}
