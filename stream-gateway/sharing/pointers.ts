// Where the others point. Each browser hears of moves ten times a second at most, all of them in one frame.
import type { PointersNotice } from '../../schemas/api/presence-notices.ts';
import type { SeatRow } from '../store/seats.ts';
import type { LiveSeat } from './live-seat.ts';

const TELL_EVERY_MS = 100;

type Pointer = PointersNotice['at'][number];

export class Pointers implements Disposable {
  readonly #seatsOf: (sessionUid: string) => readonly LiveSeat[];
  /** Sessions in which somebody has moved; each is told of when its timer is due. */
  readonly #due = new Map<string, NodeJS.Timeout>();
  /** Of seats of other replicas: what was told last. */
  readonly #elsewhere = new Map<string, string>();

  constructor(seatsOf: (sessionUid: string) => readonly LiveSeat[]) {
    this.#seatsOf = seatsOf;
  }

  moved({ facts: { sessionUid } }: LiveSeat): void {
    if (this.#due.has(sessionUid)) return;
    const timer = setTimeout(() => {
      this.#due.delete(sessionUid);
      const seats = this.#seatsOf(sessionUid);
      this.#tell(
        seats,
        seats.flatMap((seat) => {
          const at = seat.takePointer();
          return at === undefined ? [] : [{ id: seat.facts.id, ...at }];
        }),
      );
    }, TELL_EVERY_MS);
    this.#due.set(sessionUid, timer.unref());
  }

  /** As the database has them, a few times a second. */
  fromElsewhere(sessionUid: string, rows: readonly SeatRow[]): void {
    const moved = rows.flatMap(({ id, pointer }) => {
      const text = pointer === null ? '' : `${pointer.x} ${pointer.y}`;
      if (pointer === null || this.#elsewhere.get(id) === text) return [];
      this.#elsewhere.set(id, text);
      return [{ id, ...pointer }];
    });
    // Far more than are in sessions at a time: seats that have gone are forgotten together.
    if (this.#elsewhere.size > 10_000) this.#elsewhere.clear();
    this.#tell(this.#seatsOf(sessionUid), moved);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#due.values()) clearTimeout(timer);
    this.#due.clear();
  }

  #tell(seats: readonly LiveSeat[], at: readonly Pointer[]): void {
    for (const seat of seats) {
      const others = at.filter(({ id }) => id !== seat.facts.id);
      if (others.length > 0) seat.notify({ type: 'pointers', at: others });
    }
  }
}
