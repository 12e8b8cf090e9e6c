// Makes API keys and replaces them: for oneself, or by a team admin for a machine. Policies decide how long one may last.
import type { Database } from '../../../runtime/db/database.ts';
import type { ApiKeyCreate, ApiKeyRotate } from '../../../schemas/api/api-keys.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { SignInDecision } from '../../../schemas/kinds/sign-in/sign-in-rules.ts';
import { type ApiKey, countApiKeys, createApiKey, lockApiKey, MAX_API_KEYS, replaceApiKey } from '../../store/api-keys.ts';
import type { Person } from '../../store/people.ts';
import type { SignInPolicies } from '../sign-in/sign-in-policies.ts';

export interface KeyIssuerPorts {
  readonly db: Database;
  readonly now: () => Date;
  readonly policies: Pick<SignInPolicies, 'decide'>;
}

export interface KeyOrder {
  readonly owner: Person;
  /** Who asks for it. */
  readonly by: Person;
  /** From where. */
  readonly address: string;
  /** No key lasts longer. */
  readonly until?: Date | undefined;
}

export interface RotationOrder extends KeyOrder {
  /** The key replaces itself. */
  readonly itself?: boolean;
}

export interface IssuedKey {
  readonly view: ApiKey;
  /** Shown once. */
  readonly key: string;
}

export interface RotatedKey extends IssuedKey {
  /** When the old one ends. */
  readonly oldExpiresAt: Date;
}

const DEFAULT_DAYS = 90;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export class KeyIssuer {
  readonly #ports: KeyIssuerPorts;

  constructor(ports: KeyIssuerPorts) {
    this.#ports = ports;
  }

  /** @throws StreamSpaceError `RequestInvalid` for what the policies do not allow, `RateLimited` for one key too many */
  async create(order: KeyOrder, wish: ApiKeyCreate): Promise<IssuedKey> {
    await this.#requireRoom(this.#ports.db, order.owner);
    return await this.#make(this.#ports.db, order, wish);
  }

  /**
   * A new key with the name, scopes and addresses of the old, which goes on for a while. The new one lasts as long as the old was
   * made for, as far as the policies of today let it.
   * @throws StreamSpaceError as `create` does, `NotFound`, and `ApiKeyReplaced` for one that was replaced already
   */
  async rotate(order: RotationOrder, id: string, { expiresInDays, graceHours }: ApiKeyRotate): Promise<RotatedKey> {
    const { db, now } = this.#ports;
    return await db.transaction(async (tx) => {
      // Of two that replace the same key at the same time one waits here, and is told.
      const old = await lockApiKey(tx, order.owner.name, id);
      if (old === undefined) throw new StreamSpaceError('NotFound', `${order.owner.name} has no key ${id}`);
      if (old.replacedBy !== null)
        throw new StreamSpaceError('ApiKeyReplaced', `key ${id} was replaced by ${old.replacedBy} already`);
      await this.#requireRoom(tx, order.owner);
      const { name, scopes, addresses } = old;
      const wish = { name, scopes: [...scopes], addresses: [...addresses] };
      const days = expiresInDays ?? this.#daysLike(old, order);
      // Or it would be a key for as long as whoever has it likes.
      if (order.itself === true && days > daysThatLasted(old))
        throw refused(`a key that replaces itself lasts as long as before: ${daysThatLasted(old)} days at most`);
      const made = await this.#make(tx, order, { ...wish, expiresInDays: days });
      const until = new Date(now().getTime() + graceHours * HOUR_MS);
      return { ...made, oldExpiresAt: await replaceApiKey(tx, id, made.view.id, until) };
    });
  }

  #daysLike(old: ApiKey, { owner, address }: KeyOrder): number {
    const lasted = daysThatLasted(old);
    return Math.min(lasted, this.#ports.policies.decide(owner, address).keyMaxDays ?? lasted);
  }

  async #requireRoom(db: Pick<Database, 'query'>, { name }: Person): Promise<void> {
    if ((await countApiKeys(db, name)) >= MAX_API_KEYS)
      throw new StreamSpaceError('RateLimited', `${name} has ${MAX_API_KEYS} API keys; revoke one first`);
  }

  async #make(db: Pick<Database, 'query'>, { owner, by, address, until }: KeyOrder, wish: ApiKeyCreate): Promise<IssuedKey> {
    const { now, policies } = this.#ports;
    const days = daysOf(policies.decide(owner, address), wish.expiresInDays);
    const wished = new Date(now().getTime() + days * DAY_MS);
    const isLonger = until !== undefined && wished > until;
    if (isLonger && wish.expiresInDays !== undefined)
      throw refused(
        `the key that asks for it ends at ${until.toISOString()}, and makes none that lasts longer; sign in for one that does`,
      );
    const expiresAt = isLonger ? until : wished;
    const { name, scopes, addresses = [] } = wish;
    const made = { owner: owner.name, name, expiresAt, addresses, ...(scopes === undefined ? {} : { scopes }) };
    const { id, key, createdAt } = await createApiKey(db, { ...made, ...(by.name === owner.name ? {} : { createdBy: by.name }) });
    const view = { id, name, createdAt, expiresAt, lastUsedAt: null, scopes: scopes ?? ['*'], addresses, replacedBy: null };
    return { view, key };
  }
}

function daysThatLasted({ createdAt, expiresAt }: ApiKey): number {
  return Math.max(1, Math.round((expiresAt.getTime() - createdAt.getTime()) / DAY_MS));
}

/** @throws StreamSpaceError `RequestInvalid` for what the policies do not allow */
function daysOf({ keyMaxDays, keyRequireExpiry }: SignInDecision, wished: number | undefined): number {
  if (wished === undefined && keyRequireExpiry) throw refused('the policy wants to be told when a key ends');
  const days = wished ?? Math.min(DEFAULT_DAYS, keyMaxDays ?? DEFAULT_DAYS);
  if (keyMaxDays !== undefined && days > keyMaxDays) throw refused(`the policy lets keys last ${keyMaxDays} days at most`);
  return days;
}

function refused(message: string): StreamSpaceError {
  return new StreamSpaceError('RequestInvalid', message, { facts: { fields: [{ path: 'expiresInDays', message }] } });
}
