// Who is here, as one of those who are reads it. Pure.
import type { PersonHere, PresenceNotice } from '../../schemas/api/presence-notices.ts';
import type { SeatRow } from '../store/seats.ts';
import { GUEST_PREFIX, type WaitingGuest } from '../store/visits.ts';
import { rightOf, type SeatState } from './live-seat.ts';

export function personHere(row: SeatRow, state: SeatState): PersonHere {
  return {
    id: row.id,
    name: row.displayName,
    guest: row.guest,
    owns: row.owns,
    right: rightOf(row, { ...state, control: row.control }),
    since: row.since.toISOString(),
    typing: row.typing,
    asking: row.asking,
  };
}

/** @param reader only whoever controls the session by a right of his own lets guests in, so only he reads of them */
export function presenceFor(
  reader: { readonly id: string; readonly moderates: boolean },
  people: readonly PersonHere[],
  waiting: readonly WaitingGuest[],
  moderatorAwayUntil: string | null,
): PresenceNotice {
  return {
    type: 'presence',
    you: reader.id,
    people,
    waiting: reader.moderates ? waiting.map(({ id, person }) => ({ id, name: guestName(person) })) : [],
    moderatorAwayUntil,
  };
}

export function guestName(person: string): string {
  return person.startsWith(GUEST_PREFIX) ? person.slice(GUEST_PREFIX.length) : person;
}
