// What GitHub knows of people beside their accounts: names, addresses, organizations and teams.
import type { Account } from './state.ts';

export interface EmailAddress {
  readonly email: string;
  readonly primary: boolean;
  readonly verified: boolean;
}

export interface Profile {
  name: string | null;
  emails: readonly EmailAddress[];
}

export interface Membership {
  readonly organization: Account;
  /** `pending`: invited. */
  readonly state: 'active' | 'pending';
}

export interface Team {
  readonly id: number;
  readonly slug: string;
  readonly organization: Account;
  readonly members: Set<Account>;
}

/** What of the forge they need. */
interface Accounts {
  account(login: string, type: Account['type']): Account;
  nextId(): number;
}

export class People {
  readonly #forge: Accounts;
  readonly #profiles = new Map<Account, Profile>();
  readonly #memberships = new Map<Account, Membership[]>();
  readonly #teams = new Map<string, Team>();

  constructor(forge: Accounts) {
    this.#forge = forge;
  }

  profile(account: Account): Profile {
    const known = this.#profiles.get(account) ?? { name: account.login, emails: [] };
    this.#profiles.set(account, known);
    return known;
  }

  memberships(account: Account): readonly Membership[] {
    return this.#memberships.get(account) ?? [];
  }

  join(account: Account, login: string, state: Membership['state']): void {
    const organization = this.#forge.account(login, 'Organization');
    const others = this.memberships(account).filter((each) => each.organization !== organization);
    this.#memberships.set(account, [...others, { organization, state }]);
  }

  /** With all its teams. */
  leave(account: Account, login: string): void {
    const organization = this.#forge.account(login, 'Organization');
    this.#memberships.set(
      account,
      this.memberships(account).filter((each) => each.organization !== organization),
    );
    for (const team of this.#teams.values()) if (team.organization === organization) team.members.delete(account);
  }

  team(login: string, slug: string): Team {
    const organization = this.#forge.account(login, 'Organization');
    const key = `${organization.id}/${slug}`;
    const known = this.#teams.get(key) ?? { id: this.#forge.nextId(), slug, organization, members: new Set<Account>() };
    this.#teams.set(key, known);
    return known;
  }

  teamsOf(account: Account): readonly Team[] {
    return [...this.#teams.values()].filter(({ members }) => members.has(account));
  }
}
