// The streams of this replica, or its consoles: how many there may be, and the handle by which others cut them.
import { type ErrorCode, StreamSpaceError } from '../../schemas/errors.ts';
import type { StreamRight } from '../dlp/view-only.ts';

export interface StreamFacts<R extends string = StreamRight> {
  readonly namespace: string;
  readonly session: string;
  readonly person: string;
  readonly right: R;
}

export interface OpenStream<R extends string = StreamRight> extends StreamFacts<R> {
  readonly close: (code: ErrorCode, message: string) => void;
  readonly closed: Promise<unknown>;
}

export interface RegistryLimits {
  /** Default 16: the owner in a few windows and a class that looks on. */
  readonly maxPerSession: number;
  /** Over all sessions. Default 32: several desktops on several screens; no one person fills a gateway. */
  readonly maxPerPerson: number;
  /** Default 1,000; an idle stream takes a few 10 kB, a slow one up to a little more than 1 MiB. */
  readonly maxStreams: number;
  /** What is said when there are too many. Default `StreamLimitReached`. */
  readonly code: ErrorCode;
  /** What they are called then. Default `streams`. */
  readonly what: string;
}

/** Space for one stream. Dispose it when there is no stream after all; a stream that was put in leaves by itself. */
export interface Reservation<R extends string = StreamRight> extends Disposable {
  put(stream: OpenStream<R>): void;
}

export class StreamRegistry<R extends string = StreamRight> {
  readonly #limits: RegistryLimits;
  readonly #streams = new Set<OpenStream<R>>();
  readonly #perSession = new Counts();
  readonly #perPerson = new Counts();
  #reserved = 0;

  constructor(limits: Partial<RegistryLimits> = {}) {
    this.#limits = {
      maxPerSession: 16,
      maxPerPerson: 32,
      maxStreams: 1_000,
      code: 'StreamLimitReached',
      what: 'streams',
      ...limits,
    };
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Taken before anything is awaited, so that many at once cannot all find room. @throws StreamLimitReached */
  reserve({ namespace, session, person }: Pick<StreamFacts, 'namespace' | 'session' | 'person'>): Reservation<R> {
    const key = `${namespace}/${session}`;
    const { maxPerSession, maxPerPerson, maxStreams, code, what } = this.#limits;
    const refuseAt = (whose: string, count: number, max: number): void => {
      if (count >= max) throw new StreamSpaceError(code, `${whose} ${count} of ${max} ${what}`);
    };
    refuseAt(`session ${session} has`, this.#perSession.of(key), maxPerSession);
    refuseAt('you have', this.#perPerson.of(person), maxPerPerson);
    refuseAt('this gateway has', this.#reserved, maxStreams);
    this.#reserved += 1;
    this.#perSession.add(key, 1);
    this.#perPerson.add(person, 1);
    let held = true;
    const free = (): void => {
      if (!held) return;
      held = false;
      this.#reserved -= 1;
      this.#perSession.add(key, -1);
      this.#perPerson.add(person, -1);
    };
    return {
      put: (stream) => {
        this.#streams.add(stream);
        void stream.closed.finally(() => {
          this.#streams.delete(stream);
          free();
        });
      },
      [Symbol.dispose]: free,
    };
  }

  list(): readonly StreamFacts<R>[] {
    return [...this.#streams].map(({ namespace, session, person, right }) => ({ namespace, session, person, right }));
  }

  /** Cuts every stream that fits; returns how many. */
  closeWhere(fits: (stream: StreamFacts<R>) => boolean, code: ErrorCode, message: string): number {
    const chosen = [...this.#streams].filter((stream) => fits(stream));
    for (const stream of chosen) stream.close(code, message);
    return chosen.length;
  }

  /** Resolves when no stream is left of those that are open now. */
  async drained(): Promise<void> {
    await Promise.allSettled([...this.#streams].map((stream) => stream.closed));
  }
}

/** Numbers by name; what is zero takes no memory. */
class Counts {
  readonly #counts = new Map<string, number>();

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: string, change: 1 | -1): void {
    const count = this.of(key) + change;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}
