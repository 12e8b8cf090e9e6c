// Putting somebody out: his streams end and his way in is barred in one step, so nobody who is on his way in comes through between.
import type { Database } from '../../runtime/db/database.ts';
import { kickSeat, lockSeats, type SeatRow } from '../store/seats.ts';
import { barVisitor } from '../store/visits.ts';
import type { Shares } from './shares.ts';

/** @param id of one of his seats @returns that seat; undefined: nobody whom this could be done to has it */
export async function putOut(
  { db, shares }: { readonly db: Database; readonly shares: Pick<Shares, 'byUid' | 'endOf'> },
  id: string,
  sessionUid: string,
): Promise<SeatRow | undefined> {
  return await db.transaction(async (tx) => {
    await lockSeats(tx, sessionUid);
    const seat = await kickSeat(tx, id, sessionUid);
    const share = seat?.shareUid == null ? undefined : shares.byUid(seat.shareUid);
    if (seat === undefined || share === undefined) return seat;
    const visit = { ...seat, share: share.metadata.name, shareUid: share.metadata.uid ?? '' };
    await barVisitor(tx, visit, seat.visit, shares.endOf(share));
    return seat;
  });
}
