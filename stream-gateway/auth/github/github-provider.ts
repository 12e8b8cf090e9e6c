// GitHub, where people sign in by OAuth 2.0: who somebody is says the REST API, asked with the token of the sign-in. That token is kept in place of a
// refresh token, sealed, and asked with again. A person is the number of his account: a login can be given up, and taken by somebody else.
import * as z from 'zod';
import type { Logger } from '../../../runtime/log/log.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { GitHubProviderSpec } from '../../../schemas/kinds/sign-in/github-provider.ts';
import type { Person } from '../../store/people.ts';
import { validSubjectName } from '../identity.ts';
import { type PersonRules, personOfClaims } from '../sign-in/claims.ts';
import { type Confirmation, callbackUrl, type SignedIn, type SignInProof } from '../sign-in/provider.ts';
import { githubApiUrl } from './api-url.ts';
import { GITHUB_TIMEOUT_MS, GitHubReader, unreachable } from './github-api.ts';
import { authorizeUrl, deleteToken, type GitHubApp, redeemCode } from './github-app.ts';
import { groupsIn, organizationsOf } from './memberships.ts';

export interface GitHubOptions {
  readonly spec: Omit<GitHubProviderSpec, 'clientSecretRef'>;
  /** Read again each time: it may have been renewed. */
  readonly clientSecret: () => Promise<string>;
  readonly publicUrl: string;
  readonly rules: Omit<NonNullable<PersonRules['provider']>, 'emailClaim'>;
}

/** All names of a person are put under the claims that we choose. */
const CLAIMS = { nameClaim: 'id', displayNameClaim: 'name', groupsClaim: 'groups', emailClaim: 'email' } as const;

const organization = z.object({ id: z.int(), login: z.string() });
const user = z.object({ id: z.int().positive(), login: z.string().min(1), name: z.string().nullish() });
const memberships = z.array(z.object({ state: z.string(), organization }));
const teams = z.array(z.object({ slug: z.string(), organization }));
const emails = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }));

export class GitHubProvider {
  readonly #options: GitHubOptions;
  readonly #app: GitHubApp;
  readonly #log: Logger;

  constructor(options: GitHubOptions, log: Logger) {
    const { spec, clientSecret, publicUrl, rules } = options;
    this.#options = options;
    this.#app = {
      ...{ url: spec.url, apiUrl: githubApiUrl(spec), clientId: spec.clientId, clientSecret },
      redirectUri: callbackUrl(publicUrl, rules.name),
    };
    this.#log = log;
  }

  /**
   * Where to send the browser.
   * @throws StreamSpaceError `ReauthenticationMissing` where it has to ask for the password again; `ProviderSecretMissing`
   */
  async signInUrl(proof: SignInProof, { fresh }: { readonly fresh: boolean }): Promise<URL> {
    if (fresh)
      throw new StreamSpaceError(
        'ReauthenticationMissing',
        'GitHub cannot be told to ask for the password again: use a second factor',
      );
    // Told before somebody has gone there and back.
    await this.#app.clientSecret();
    return await authorizeUrl(this.#app, proof);
  }

  /**
   * Redeems the code, and asks who it is.
   * @throws StreamSpaceError `SignInFailed`; `SignInForbidden` for who is no member, or has no address that is allowed; `IdentityProviderUnreachable`
   */
  async finish(callback: URL, proof: SignInProof): Promise<SignedIn> {
    const token = await redeemCode(this.#app, callback, proof);
    try {
      const { id, person } = await this.#personOf(token);
      // GitHub does not say when it asked for credentials, or in which session.
      return { person, account: { issuer: this.#issuer, subject: id }, refreshToken: token, atProvider: {} };
    } catch (error) {
      await this.revoke(token);
      throw error;
    }
  }

  /**
   * Asks again who somebody is. The token stays the same: one of an OAuth App ends when it is taken back.
   * @throws StreamSpaceError `SignInFailed` where it was; `SignInForbidden` for who is no member any more; `IdentityProviderUnreachable`
   */
  async confirm(
    token: string,
    { account }: { readonly account: SignedIn['account']; readonly person: Person },
  ): Promise<Confirmation> {
    // The object points at another GitHub now, which has no business with this token.
    if (account.issuer !== this.#issuer) return 'gone';
    const { id, person } = await this.#personOf(token);
    return id === account.subject ? { person, refreshToken: token } : 'gone';
  }

  /** Never rejects. */
  async revoke(token: string): Promise<void> {
    await deleteToken(this.#app, token).catch((error: unknown) =>
      this.#log.warn({ err: error }, 'GitHub did not take a token back; whoever it was given to can do so there'),
    );
  }

  /** Who signs out here stays signed in there. */
  async signOutUrl(): Promise<URL | undefined> {
    return await Promise.resolve(undefined);
  }

  /** An OpenID provider may call itself the same. */
  get #issuer(): string {
    return `github:${this.#app.url}`;
  }

  async #personOf(token: string): Promise<{ readonly id: string; readonly person: Person }> {
    const { spec, rules } = this.#options;
    const github = new GitHubReader(this.#app.apiUrl, token, AbortSignal.timeout(GITHUB_TIMEOUT_MS));
    const { id, login, name } = read(user, await github.one('/user'));
    const groups = await this.#groupsOf(github);
    if (groups.length === 0 && !spec.anybody)
      throw new StreamSpaceError(
        'SignInForbidden',
        'GitHub names this account in no organization whose members may sign in here',
        {
          facts: { why: 'not-member' },
        },
      );
    // Directories of a company are full of long names: what cannot be a group here, and has no other name, gives nothing.
    const counts = (group: string): boolean => validSubjectName(group) || rules.groupMappings.some(({ from }) => from === group);
    const claims = {
      ...{ id: String(id), name: name === null || name === undefined || name === '' ? login : `${name} (${login})` },
      ...{ groups: groups.filter(counts), ...(rules.allowedDomains === undefined ? {} : await primaryAddress(github)) },
    };
    const person = personOfClaims(claims, { ...CLAIMS, provider: { ...rules, emailClaim: CLAIMS.emailClaim } });
    return { id: String(id), person };
  }

  async #groupsOf(github: GitHubReader): Promise<readonly string[]> {
    const { organizations } = this.#options.spec;
    if (organizations.length === 0) return [];
    const joined = organizationsOf(
      organizations,
      read(memberships, await github.all('/user/memberships/orgs', { state: 'active' })),
    );
    return joined.length === 0 ? [] : groupsIn(joined, read(teams, await github.all('/user/teams')));
  }
}

/** Of several addresses the one that GitHub writes to; whether it has been verified goes with it. */
async function primaryAddress(github: GitHubReader): Promise<{ readonly email?: string; readonly email_verified?: boolean }> {
  const primary = read(emails, await github.all('/user/emails')).find((each) => each.primary);
  return primary === undefined ? {} : { email: primary.email, email_verified: primary.verified };
}

function read<T>(shape: z.ZodType<T>, body: unknown): T {
  const said = shape.safeParse(body);
  if (said.success) return said.data;
  throw unreachable('GitHub answers with something else than it describes');
}
