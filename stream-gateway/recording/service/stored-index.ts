// The index of recordings in the database, as the recorder sees it.
import type { Database } from '../../../runtime/db/database.ts';
import { findConsent } from '../../store/recordings/consents.ts';
import { listRecordings } from '../../store/recordings/read.ts';
import { addSegment, amend, begin, finish, gap, joined, type MarkedEvent } from '../../store/recordings/write.ts';
import type { RecordingIndex, TimedEvent } from '../index-port.ts';

export function storedIndex(db: Database): RecordingIndex {
  return {
    unfinished: async (sessionUid) => {
      const page = { before: undefined, limit: 100 };
      const found = await listRecordings(db, { sessionUid, state: 'Recording' }, 'everything', page);
      return found.toReversed().map(({ id, keyPrefix, durationMs }) => ({ id, keyPrefix, durationMs }));
    },
    amend: (id, { policy, rules }) => amend(db, id, policy, rules),
    joined: (sessionUid, person) => joined(db, sessionUid, person),
    agreed: async (sessionUid) => (await findConsent(db, sessionUid))?.agreed === true,
    begin: (recording) => begin(db, recording),
    addSegment: (id, { startMs, endMs, ...segment }, events) =>
      addSegment(db, id, { ...segment, startMs, durationMs: endMs - startMs, events: events.map(markOf) }),
    gap: (id, one) => gap(db, id, one),
    finish: (id, end) => finish(db, id, end),
  };
}

function markOf({ atMs, event: { type: kind, ...detail } }: TimedEvent): MarkedEvent {
  return { atMs, kind, detail };
}
