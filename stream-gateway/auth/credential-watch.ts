// Ends what lives long (lists that are watched, streams) within two seconds of the sign-in or key it came from: one query
// a second for all of them, whatever their number.
import type { Logger } from '../../runtime/log/log.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';

export interface CredentialWatchPorts {
  /** See store/credentials.ts. */
  readonly live: (credentials: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly log: Logger;
  readonly intervalMs?: number;
}

interface Watched {
  readonly controller: AbortController;
  users: number;
}

export interface CredentialLease extends Disposable {
  /** Aborted with `SignInRequired` once the credential has ended. */
  readonly signal: AbortSignal;
}

export class CredentialWatch {
  readonly #ports: CredentialWatchPorts;
  readonly #watched = new Map<string, Watched>();

  constructor(ports: CredentialWatchPorts) {
    this.#ports = ports;
  }

  /** Dispose it when the connection has ended. */
  watch(credential: string): CredentialLease {
    const watched = this.#watched.get(credential) ?? { controller: new AbortController(), users: 0 };
    this.#watched.set(credential, watched);
    watched.users += 1;
    let released = false;
    return {
      signal: watched.controller.signal,
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
      if (live.has(credential)) continue;
      const watched = this.#watched.get(credential);
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
