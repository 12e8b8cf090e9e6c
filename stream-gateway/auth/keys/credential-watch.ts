// Ends what lives long (lists that are watched, streams) within two seconds of the sign-in or key it came from, and knows
// who its person is by now: one query a second for all of them, whatever their number.
import type { Logger } from '../../../runtime/log/log.ts';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { Person } from '../../store/people.ts';

export interface CredentialWatchPorts {
  /** See store/credentials.ts. */
  readonly live: (credentials: readonly string[]) => Promise<ReadonlyMap<string, Person>>;
  readonly log: Logger;
  readonly intervalMs?: number;
}

interface Watched {
  readonly controller: AbortController;
  person: Person;
  users: number;
}

export interface CredentialLease extends Disposable {
  /** Aborted with `SignInRequired` once the credential has ended. */
  readonly signal: AbortSignal;
  /** As he was seen at the last look: his groups change while a stream is open. */
  readonly person: () => Person;
}

export class CredentialWatch {
  readonly #ports: CredentialWatchPorts;
  readonly #watched = new Map<string, Watched>();

  constructor(ports: CredentialWatchPorts) {
    this.#ports = ports;
  }

  /** Dispose it when the connection has ended. @param person who it is now */
  watch(credential: string, person: Person): CredentialLease {
    const watched = this.#watched.get(credential) ?? { controller: new AbortController(), person, users: 0 };
    watched.person = person;
    this.#watched.set(credential, watched);
    watched.users += 1;
    let released = false;
    return {
      signal: watched.controller.signal,
      person: () => watched.person,
      [Symbol.dispose]: () => {
        if (released) return;
        released = true;
        watched.users -= 1;
        if (watched.users === 0 && this.#watched.get(credential) === watched) this.#watched.delete(credential);
      },
    };
  }

  /** One look at the database. While it does not answer, everything lives on: an outage signs nobody out. */
  async check(): Promise<void> {
    const credentials = [...this.#watched.keys()];
    if (credentials.length === 0) return;
    const live = await this.#ports.live(credentials);
    for (const credential of credentials) {
      const watched = this.#watched.get(credential);
      const person = live.get(credential);
      if (person !== undefined) {
        if (watched !== undefined) watched.person = person;
        continue;
      }
      this.#watched.delete(credential);
      watched?.controller.abort(new StreamSpaceError('SignInRequired', 'the sign-in has ended'));
    }
  }

  /** Resolves when the signal is aborted. */
  async loop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.check().catch((error: unknown) => this.#ports.log.debug({ err: error }, 'credentials could not be checked'));
      await delay(this.#ports.intervalMs ?? 1_000, signal).catch(() => undefined);
    }
  }
}
