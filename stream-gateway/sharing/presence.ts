// Who is in the sessions that have streams on this replica. The database has the seats of all replicas; each tells of its own
// and reads the others several times a second, so what somebody decides at one replica holds at all within half a second, and
// nothing is lost when a replica is: the next look finds the whole.
import { randomUUID } from 'node:crypto';
import type { Database } from '../../runtime/db/database.ts';
import type { Logger } from '../../runtime/log/log.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { leaveSeat, listSeats, type NewSeat, type Room, type SeatRow, takeSeat, touchSeats } from '../store/seats.ts';
import { listWaiting, type WaitingGuest } from '../store/visits.ts';
import type { ShareEntry } from '../stream/door/door-ports.ts';
import { LiveSeat, type SeatState, UNTOUCHED } from './live-seat.ts';
import { type Moderation, moderates } from './moderation.ts';
import { Pointers } from './pointers.ts';
import { personHere, presenceFor } from './presence-notice.ts';

export interface PresencePorts {
  readonly db: Database;
  readonly log: Logger;
  readonly moderation: Moderation;
  /** Whether a session is worth looking at often though one person is in it: it is shared. */
  readonly isShared: (namespace: string, session: string) => boolean;
  /** What a share and the policy leave of a right. */
  readonly stateOf: (seat: NewSeat) => Partial<SeatState>;
  /** Milliseconds of a clock that nobody sets. */
  readonly now: () => number;
}

const LOOK_EVERY_MS = 300;
/** Of a session in which one person is alone. */
const LOOK_SELDOM_MS = 3_000;
const TOUCH_EVERY_MS = 3_000;

export type SeatWish = Omit<NewSeat, 'id'>;

export class Presence {
  readonly #ports: PresencePorts;
  readonly #seats = new Map<string, LiveSeat>();
  readonly #pointers = new Pointers((sessionUid) => this.#of(sessionUid));
  /** Sessions with company, by what was read last. */
  #company: ReadonlySet<string> = new Set();
  readonly #rung = new Set<string>();
  #touchedAt = 0;
  #lookedAtAllAt = 0;
  #bell = Promise.withResolvers<void>();

  constructor(ports: PresencePorts) {
    this.#ports = ports;
  }

  get seats(): Iterable<LiveSeat> {
    return this.#seats.values();
  }

  /** @param admit throws to refuse */
  async sit(wish: SeatWish, via: ShareEntry | undefined, admit: (room: Room) => void): Promise<LiveSeat> {
    const facts = { ...wish, id: randomUUID() };
    const seat: LiveSeat = new LiveSeat(facts, via, { ...UNTOUCHED, ...this.#ports.stateOf(facts) }, () =>
      this.#pointers.moved(seat),
    );
    await takeSeat(this.#ports.db, facts, admit);
    this.#seats.set(facts.id, seat);
    this.ring(facts.sessionUid);
    return seat;
  }

  /** Never rejects: a row that stays is taken for gone soon. */
  async leave(seat: LiveSeat): Promise<void> {
    this.#seats.delete(seat.facts.id);
    await leaveSeat(this.#ports.db, seat.facts.id).catch((error: unknown) =>
      this.#ports.log.debug({ err: error }, 'a seat could not be given back'),
    );
    this.ring(seat.facts.sessionUid);
  }

  /** Something was decided about a session: look now. */
  ring(sessionUid: string): void {
    this.#rung.add(sessionUid);
    this.#bell.resolve();
  }

  /** Resolves when the signal is aborted. */
  async loop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // Before the look: what is rung meanwhile may be too late for it.
      this.#bell = Promise.withResolvers<void>();
      await this.look().catch((error: unknown) => this.#ports.log.debug({ err: error }, 'who is where could not be read'));
      const waited = new AbortController();
      const wait = delay(LOOK_EVERY_MS, AbortSignal.any([signal, waited.signal])).catch(() => undefined);
      await Promise.race([wait, this.#bell.promise]);
      waited.abort();
    }
    this.#pointers[Symbol.dispose]();
  }

  /** Tells of the own seats and reads all. Without an answer everything stays as it is. */
  async look(): Promise<void> {
    const { db, now } = this.#ports;
    if (this.#seats.size === 0) return;
    await this.#touch(now());
    const sessions = this.#sessionsToLookAt(now());
    if (sessions.length === 0) return;
    const [rows, waiting] = await Promise.all([listSeats(db, sessions), listWaiting(db, sessions)]);
    const bySession = Map.groupBy(rows, ({ sessionUid }) => sessionUid);
    this.#company = new Set([...bySession].filter(([, seats]) => seats.length > 1).map(([uid]) => uid));
    for (const uid of sessions) {
      const guests = waiting.filter(({ sessionUid }) => sessionUid === uid);
      // One that cannot be hibernated must not hold up the others.
      await this.#apply(uid, bySession.get(uid) ?? [], guests).catch((error: unknown) =>
        this.#ports.log.warn({ err: error, sessionUid: uid }, 'who is in a session could not be told'),
      );
    }
  }

  async #touch(nowMs: number): Promise<void> {
    const all = nowMs - this.#touchedAt >= TOUCH_EVERY_MS;
    const news = [...this.#seats.values()].map((seat) => seat.takeNews()).filter(({ isNews }) => all || isNews);
    if (all) this.#touchedAt = nowMs;
    if (news.length === 0) return;
    const there = new Set(await touchSeats(this.#ports.db, news));
    // After a long outage they were taken for gone: nobody who is here may be invisible.
    const lost = news.filter(({ id }) => !there.has(id)).flatMap(({ id }) => this.#seats.get(id) ?? []);
    for (const seat of lost)
      await takeSeat(this.#ports.db, seat.facts, ({ barred }) => {
        if (barred) seat.close('ShareKicked', 'you were put out of the session');
      });
  }

  /** A thousand people who are each alone are no reason for a thousand rows three times a second. */
  #sessionsToLookAt(nowMs: number): readonly string[] {
    const all = nowMs - this.#lookedAtAllAt >= LOOK_SELDOM_MS;
    if (all) this.#lookedAtAllAt = nowMs;
    const wanted = [...this.#seats.values()].filter(
      ({ facts }) =>
        all ||
        this.#rung.has(facts.sessionUid) ||
        this.#company.has(facts.sessionUid) ||
        this.#ports.isShared(facts.namespace, facts.session),
    );
    this.#rung.clear();
    return [...new Set(wanted.map(({ facts }) => facts.sessionUid))];
  }

  async #apply(sessionUid: string, rows: readonly SeatRow[], waiting: readonly WaitingGuest[]): Promise<void> {
    const away = await this.#ports.moderation.look(sessionUid, rows);
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const seat of this.#of(sessionUid)) {
      const row = byId.get(seat.facts.id);
      if (row?.kicked === true) seat.close('ShareKicked', 'you were put out of the session');
      else seat.update({ frozen: away !== null, ...(row === undefined ? {} : { control: row.control }) });
    }
    const here = rows.filter(({ kicked }) => !kicked);
    const people = here.map((row) => {
      const own = this.#seats.get(row.id);
      const person = personHere(row, { ...UNTOUCHED, frozen: away !== null, ...this.#ports.stateOf(row) });
      return own === undefined ? person : { ...person, right: own.right };
    });
    this.#pointers.fromElsewhere(
      sessionUid,
      here.filter(({ id }) => !this.#seats.has(id)),
    );
    for (const seat of this.#of(sessionUid))
      seat.tellPresence(presenceFor({ id: seat.facts.id, moderates: moderates(seat.facts) }, people, waiting, away));
  }

  #of(sessionUid: string): readonly LiveSeat[] {
    return [...this.#seats.values()].filter(({ facts }) => facts.sessionUid === sessionUid);
  }
}
