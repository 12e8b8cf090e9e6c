// Asks the identity provider again about everybody who is signed in: who left a group there loses what it gave, without
// having to sign in again (P-01-6). While the provider is away everybody keeps what he has.
import pMap from 'p-map';
import type { Queryable } from '../../../runtime/db/database.ts';
import type { Logger } from '../../../runtime/log/log.ts';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import { type ErrorCode, StreamSpaceError } from '../../../schemas/errors.ts';
import type { AuditEvent } from '../../../schemas/events.ts';
import { claimDue, type DueSignIn, saveConfirmed } from '../../store/confirmations.ts';
import { endSignIn } from '../../store/sign-ins.ts';
import type { Seal } from '../seal.ts';
import type { Confirmation } from './provider.ts';
import type { Providers } from './providers.ts';

export interface ConfirmationPorts {
  readonly db: Queryable;
  readonly providers: Pick<Providers, 'ofPerson' | 'ready'>;
  readonly seal: Seal;
  readonly audit: (event: AuditEvent) => Promise<void>;
  readonly log: Logger;
  /** After this somebody is asked about again. */
  readonly ageMs: number;
}

/** In one go, of which {@link PARALLEL} at the same time: a provider with 10,000 people signed in is asked 35 times a second. */
const BATCH = 64;
const PARALLEL = 8;
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['SignInFailed', 'SignInForbidden'] as const);

export class PeopleConfirmation {
  readonly #ports: ConfirmationPorts;

  constructor(ports: ConfirmationPorts) {
    this.#ports = ports;
  }

  /**
   * Everybody who is due; who cannot be asked about now is due again in a minute, and keeps nobody else waiting.
   * @throws StreamSpaceError `DatabaseUnavailable`
   */
  async confirmDue(): Promise<void> {
    for (let more = true; more; ) {
      const waiting = await claimDue(this.#ports.db, this.#ports.ageMs, BATCH);
      more = waiting.length === BATCH;
      const confirm = async (due: (typeof waiting)[number]): Promise<void> => {
        await this.#confirm(due).catch((error: unknown) => {
          this.#ports.log.warn({ err: error }, 'a person could not be confirmed; trying again');
          more = false; // the provider may be away
        });
      };
      await pMap(waiting, confirm, { concurrency: PARALLEL });
    }
  }

  /** Resolves when the signal is aborted. */
  async loop(signal: AbortSignal): Promise<void> {
    const { ageMs, log } = this.#ports;
    while (!signal.aborted) {
      await this.confirmDue().catch((error: unknown) => log.warn({ err: error }, 'people could not be confirmed; trying again'));
      await delay(Math.min(15_000, ageMs / 4), signal).catch(() => undefined);
    }
  }

  async #confirm(due: DueSignIn): Promise<void> {
    const token = this.#ports.seal.open(due.refreshToken, due.person.name);
    // Sealed with a key that was replaced: only a new sign-in helps.
    const answer = token === undefined ? 'gone' : await this.#ask(token, due);
    if (answer === 'gone' || answer.person.name !== due.person.name) await this.#lapsed(due);
    else await this.#confirmed(due, answer);
  }

  /** Who would be refused if he signed in now, for his name or for what he belongs to, is as good as gone. */
  async #ask(token: string, due: DueSignIn): Promise<Confirmation> {
    const { providers } = this.#ports;
    if (!providers.ready) throw new StreamSpaceError('IdentityProviderUnreachable', 'the identity providers are not known yet');
    const way = providers.ofPerson(due.person.name);
    if (way === undefined) return 'gone';
    try {
      return await way.source.confirm(token, { person: due.person, account: due.account });
    } catch (error) {
      if (error instanceof StreamSpaceError && REFUSALS.has(error.code)) return 'gone';
      throw error;
    }
  }

  async #confirmed({ id, person: before, refreshToken: used }: DueSignIn, answer: Exclude<Confirmation, 'gone'>): Promise<void> {
    const { db, seal, audit } = this.#ports;
    const { person, refreshToken } = answer;
    const sealed = refreshToken === undefined ? used : seal.close(refreshToken, person.name);
    if (!(await saveConfirmed(db, id, person, sealed))) return;
    const came = person.groups.filter((group) => !before.groups.includes(group));
    const went = before.groups.filter((group) => !person.groups.includes(group));
    if (came.length === 0 && went.length === 0) return;
    const details = { came: came.join(' '), went: went.join(' ') };
    await audit({ type: 'person.groups-changed', actor: null, result: 'success', object: `Person/${person.name}`, details });
  }

  async #lapsed({ id, person: { name } }: DueSignIn): Promise<void> {
    if (!(await endSignIn(this.#ports.db, id))) return;
    await this.#ports.audit({ type: 'signin.lapsed', actor: null, result: 'success', object: `Person/${name}` });
  }
}

/** Resolves when the signal is aborted; at once where nothing may be sealed. */
export async function confirmPeople(
  ports: Omit<ConfirmationPorts, 'seal' | 'ageMs'> & {
    readonly settings: { readonly seal: Seal | undefined; readonly confirmMs: number };
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { settings, signal, ...rest } = ports;
  if (settings.seal === undefined) return;
  await new PeopleConfirmation({ ...rest, seal: settings.seal, ageMs: settings.confirmMs }).loop(signal);
}
