// A directory: somebody is who he says when it takes his password (RFC 4511, 4.2). It is asked over TLS only, by an account that
// searches; what somebody typed is never part of a DN.
import { connect, type Socket } from 'node:net';
import { AndFilter, Client, type Entry, EqualityFilter, FilterParser, InvalidCredentialsError, NoSuchObjectError } from 'ldapts';
import type { Logger } from '../../../runtime/log/log.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { LdapProviderSpec } from '../../../schemas/kinds/sign-in/identity-provider.ts';
import type { Person } from '../../store/people.ts';
import { validSubjectName } from '../identity.ts';
import { newSecret } from '../secrets.ts';
import { type PersonRules, personOfClaims } from '../sign-in/claims.ts';
import type { Confirmation, SignedIn } from '../sign-in/provider.ts';
import { refusalOfBind, wrongPassword } from './ldap-bind.ts';
import { filledFilter, filterOfAnybody } from './ldap-filter.ts';

export interface LdapOptions extends Omit<LdapProviderSpec, 'bindPasswordRef'> {
  readonly bindPassword: () => Promise<string>;
  /** Attributes. */
  readonly attributes: {
    readonly username: string;
    /** Left out: `displayName`, else `cn`. */
    readonly displayName?: string | undefined;
    readonly email: string;
    readonly groups: string;
    readonly subject: string;
  };
  readonly rules: Omit<NonNullable<PersonRules['provider']>, 'emailClaim'>;
}

const TIMEOUT_MS = 10_000;
const MAX_GROUPS = 1_000;
/** Both names of a person are the directory's own: its attributes are put under the claims that we choose. */
const CLAIMS = { nameClaim: 'username', groupsClaim: 'groups', emailClaim: 'email' } as const;

export class LdapDirectory {
  readonly #options: LdapOptions;
  readonly #log: Logger;

  constructor(options: LdapOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
  }

  /**
   * @throws StreamSpaceError `SignInFailed`, the same for a name that is not there and for a wrong password;
   * `IdentityProviderUnreachable`
   */
  async signIn(username: string, password: string): Promise<SignedIn> {
    return await this.#asking(async (directory) => {
      const filter = FilterParser.parseString(filledFilter(this.#options.userFilter, { username }));
      const entry = await this.#only(directory, filter);
      // Who is not there costs a bind as well.
      const dn = entry?.dn ?? `cn=${newSecret()},${this.#options.userBase}`;
      const refusal = await this.#refusalOf(dn, password);
      if (refusal !== undefined) throw refusal;
      if (entry === undefined) throw wrongPassword();
      const subject = subjectOf(entry, this.#options.attributes.subject);
      if (subject === undefined) throw new StreamSpaceError('SignInFailed', 'the directory does not say which account this is');
      const account = { issuer: 'ldap', subject: textOf(subject) };
      // Asking again takes the account alone.
      const atProvider = { authenticatedAt: new Date() };
      return { person: await this.#personOf(directory, entry), account, refreshToken: account.subject, atProvider };
    });
  }

  /** Searches again: whoever is not there, or does not fit the filter any more, is gone. Never asks for a password. */
  async confirm(
    _refreshToken: string,
    { account }: { readonly account: SignedIn['account']; readonly person: Person },
  ): Promise<Confirmation> {
    return await this.#asking(async (directory) => {
      const same = new EqualityFilter({ attribute: this.#options.attributes.subject, value: subjectValue(account.subject) });
      const fits = FilterParser.parseString(filterOfAnybody(this.#options.userFilter));
      const entry = await this.#only(directory, new AndFilter({ filters: [same, fits] }));
      if (entry === undefined) return 'gone';
      return { person: await this.#personOf(directory, entry), refreshToken: account.subject };
    });
  }

  /** A directory keeps nothing of a sign-in. */
  async revoke(_refreshToken: string): Promise<void> {
    await Promise.resolve();
  }

  async signOutUrl(): Promise<URL | undefined> {
    return await Promise.resolve(undefined);
  }

  async #personOf(directory: Client, entry: Entry): Promise<Person> {
    const { attributes, rules, groupBase, groupFilter } = this.#options;
    const username = firstText(entry, attributes.username);
    const groups: string[] = [];
    if (groupBase !== undefined) {
      const filter = filledFilter(groupFilter, { dn: entry.dn, username: username ?? '' });
      const found = await directory.search(groupBase, {
        scope: 'sub',
        filter,
        attributes: [attributes.groups],
        sizeLimit: MAX_GROUPS,
      });
      const names = found.searchEntries.map((group) => firstText(group, attributes.groups));
      // Directories are full of `Domain Users`: what cannot be a group here, and has no other name, gives nothing.
      const counts = (name: string): boolean => validSubjectName(name) || rules.groupMappings.some(({ from }) => from === name);
      for (const name of names) if (name !== undefined && counts(name)) groups.push(name);
    }
    const claims = {
      ...{ username, groups, name: this.#displayNameOf(entry) },
      // What stands in the directory was written by whoever runs it.
      ...{ email: firstText(entry, attributes.email), email_verified: true },
    };
    return personOfClaims(claims, { ...CLAIMS, provider: { ...rules, emailClaim: CLAIMS.emailClaim } });
  }

  #displayNameOf(entry: Entry): string | undefined {
    const { displayName } = this.#options.attributes;
    return displayName === undefined
      ? (firstText(entry, 'displayName') ?? firstText(entry, 'cn'))
      : firstText(entry, displayName);
  }

  /** Two that fit are as good as none. */
  async #only(
    directory: Client,
    filter: EqualityFilter | AndFilter | ReturnType<typeof FilterParser.parseString>,
  ): Promise<Entry | undefined> {
    const { userBase, attributes } = this.#options;
    const { searchEntries } = await directory.search(userBase, {
      ...{ scope: 'sub', filter, sizeLimit: 2, timeLimit: 10 },
      attributes: [attributes.displayName ?? 'displayName', 'cn', attributes.username, attributes.email, attributes.subject],
      explicitBufferAttributes: [attributes.subject],
    });
    const [entry, ...others] = searchEntries;
    if (others.length === 0) return entry;
    this.#log.warn('a filter of an identity provider fits several people; none of them can sign in');
    return undefined;
  }

  /** `undefined`: the directory takes the password. @throws StreamSpaceError `IdentityProviderUnreachable` for what says nothing about it */
  async #refusalOf(dn: string, password: string): Promise<StreamSpaceError | undefined> {
    // RFC 4513, 5.1.2: a bind without a password succeeds, as nobody.
    if (password === '') return wrongPassword();
    return await this.#connected(async (client) => {
      try {
        await client.bind(dn, password);
        return undefined;
      } catch (error) {
        // Any other result (busy, unwilling to perform, …) is one of the directory and not of the password.
        if (error instanceof InvalidCredentialsError) return refusalOfBind(error.message);
        // Some say this of the name that we have made up for somebody who is not there.
        if (error instanceof NoSuchObjectError) return wrongPassword();
        throw error;
      }
    });
  }

  /** As the account that searches. */
  async #asking<T>(ask: (directory: Client) => Promise<T>): Promise<T> {
    const password = await this.#options.bindPassword();
    return await this.#connected(async (client) => {
      await client.bind(this.#options.bindDN, password);
      return await ask(client);
    });
  }

  async #connected<T>(use: (client: Client) => Promise<T>): Promise<T> {
    const { url, certificateAuthority } = this.#options;
    const { protocol, hostname } = new URL(url);
    const tls = { ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }), minVersion: 'TLSv1.2' } as const;
    const options = { url, timeout: TIMEOUT_MS, connectTimeout: TIMEOUT_MS, strictDN: false };
    const client = new Client(
      protocol === 'ldaps:' ? { ...options, tlsOptions: tls } : { ...options, createConnection: onlyOnce() },
    );
    try {
      if (protocol !== 'ldaps:') await client.startTLS({ ...tls, host: hostname });
      return await use(client);
    } catch (error) {
      if (error instanceof StreamSpaceError) throw error;
      const message =
        error instanceof InvalidCredentialsError ? 'the directory refuses our own account' : 'the directory does not answer';
      throw new StreamSpaceError('IdentityProviderUnreachable', message, { cause: error });
    } finally {
      await client.unbind().catch(() => undefined);
    }
  }
}

/** The library connects again where a connection is lost: after StartTLS that would send the password in the clear. */
function onlyOnce(): typeof connect {
  let used = false;
  const once = (...given: Parameters<typeof connect>): Socket => {
    if (used) throw new StreamSpaceError('IdentityProviderUnreachable', 'the directory ended the connection');
    used = true;
    return connect(...given);
  };
  return once as typeof connect;
}

/** Attribute names know no case (RFC 4512, 2.5). */
function valuesOf(entry: Entry, attribute: string): readonly (string | Buffer)[] {
  const found = Object.entries(entry).find(([name]) => name.toLowerCase() === attribute.toLowerCase())?.[1];
  return found === undefined ? [] : Array.isArray(found) ? found : [found];
}

function firstText(entry: Entry, attribute: string): string | undefined {
  const [value] = valuesOf(entry, attribute);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function subjectOf(entry: Entry, attribute: string): Buffer | undefined {
  const [value] = valuesOf(entry, attribute);
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return bytes === undefined || bytes.length === 0 ? undefined : bytes;
}

/** `objectGUID` is bytes; a subject is kept as text. */
function textOf(subject: Buffer): string {
  return /^[\x21-\x7e]+$/.test(subject.toString('latin1'))
    ? `text:${subject.toString('latin1')}`
    : `hex:${subject.toString('hex')}`;
}

function subjectValue(subject: string): string | Buffer {
  return subject.startsWith('hex:') ? Buffer.from(subject.slice(4), 'hex') : subject.slice(5);
}
