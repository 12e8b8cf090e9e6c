// Somebody with an account at the double, as a test moves him about.
import type { Forge } from './forge.ts';
import type { Profile } from './people.ts';
import type { Account } from './state.ts';

export class PersonHandle {
  readonly #forge: Forge;
  readonly #account: Account;

  constructor(forge: Forge, account: Account) {
    this.#forge = forge;
    this.#account = account;
  }

  get id(): number {
    return this.#account.id;
  }

  is(profile: Partial<Profile>): this {
    Object.assign(this.#forge.people.profile(this.#account), profile);
    return this;
  }

  /** @returns the number of the organization */
  join(organization: string, state: 'active' | 'pending' = 'active'): number {
    this.#forge.people.join(this.#account, organization, state);
    return this.#forge.account(organization).id;
  }

  leave(organization: string): void {
    this.#forge.people.leave(this.#account, organization);
  }

  joinTeam(organization: string, slug: string): void {
    this.#forge.people.team(organization, slug).members.add(this.#account);
  }

  leaveTeam(organization: string, slug: string): void {
    this.#forge.people.team(organization, slug).members.delete(this.#account);
  }

  /** The old login is anybody's from now on. */
  rename(login: string): void {
    this.#forge.rename(this.#account, login);
  }

  /** All that count. */
  tokens(): readonly string[] {
    return this.#forge.tokensOf(this.#account);
  }

  /** Of every application, as in the settings of the account. */
  revokeAll(): void {
    for (const token of this.tokens()) this.#forge.revoke(token);
  }
}
