// What a player is sent of a recording whose storage is in the hands of somebody else.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { NOT_RECORDED } from '../../../schemas/kinds/policies/recording-rules.ts';
import type { Segment } from '../../store/recordings/read.ts';
import type { Recording } from '../../store/recordings/recording.ts';
import { SegmentWriter } from '../format/segment-writer.ts';
import { segmentReader } from './objects.ts';
import { openedRecords } from './opened-segment.ts';

const ID = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
const OTHER = '0190163d-8694-739b-aea5-966c26f8ad91';
const KEY = Buffer.alloc(32, 7);
const { signal } = new AbortController();

function written(picture: string, about: { readonly id?: string; readonly number?: number; readonly key?: Buffer } = {}): Buffer {
  const { id = ID, number = 1, key } = about;
  const parts: Buffer[] = [];
  const header = { recordingId: id, number, startedAt: 0, startMs: 0, width: 8, height: 8, previousChain: Buffer.alloc(32) };
  const writer = new SegmentWriter(header, (bytes) => parts.push(bytes), key);
  for (const timeMs of [0, 500, 900]) writer.update(timeMs, [Buffer.from(`${picture} ${timeMs}`)]);
  writer.end(1_000);
  return Buffer.concat(parts);
}

const RECORDING: Recording = {
  ...{ id: ID, session: { namespace: 'team-web', name: 'one', uid: 'uid' }, owner: 'member', participants: [], team: null },
  ...{ template: 'terminal', policy: { name: null, revision: null, hash: 'h' }, rules: NOT_RECORDED, state: 'Complete' },
  ...{ reason: null, startedAt: new Date(0), endedAt: null, durationMs: 1_000, bytes: 1, segments: 1, chain: null },
  ...{ keyPrefix: ID, keyId: null, retentionUntil: null, hold: null, deletingAt: null, deletedBy: null, deletedReason: null },
  deletedAt: null,
};

/** What goes out of a segment that was written as one thing and is now stored as another, and the code that ends it. */
async function played(
  was: Buffer,
  is: Buffer,
  key?: Buffer,
  untilMs?: number,
): Promise<{ readonly text: string; readonly code?: unknown }> {
  const segment: Segment = {
    ...{ number: 1, file: 'segment-000001.rec', startMs: 0, durationMs: 1_000, bytes: was.length, chain: '' },
    ...{ sha256: createHash('sha256').update(was).digest('hex'), width: 8, height: 8, closed: true },
  };
  const read = segmentReader({ get: async (_key, { range }) => is.subarray(range?.from, range?.to) });
  let text = '';
  try {
    for await (const bytes of openedRecords(read, RECORDING, segment, { key, untilMs, signal })) text += bytes.toString();
    return { text };
  } catch (error) {
    return { text, code: error instanceof Error && 'code' in error ? error.code : error };
  }
}

test('a segment goes out as it was written', async () => {
  for (const key of [undefined, KEY]) {
    const bytes = written('true', key === undefined ? {} : { key });
    const { text, code } = await played(bytes, bytes, key);
    expect([code, text.includes('true 900')]).toEqual([undefined, true]);
  }
});

test.each([
  ['other pictures, written as a segment is', written('fake'), undefined],
  ['a segment of another recording', written('fake', { id: OTHER }), undefined],
  ['another segment of the same recording', written('fake', { number: 2 }), undefined],
  ['in place of an encrypted one a plain one', written('fake'), KEY],
  ['in place of an encrypted one another of the same recording', written('fake', { number: 2, key: KEY }), KEY],
  ['its beginning alone', written('true').subarray(0, 180), undefined],
  ['nothing', Buffer.alloc(0), undefined],
])('%s is no segment that anybody is shown', async (_what, is, key) => {
  const was = written('true', key === undefined ? {} : { key });
  for (const untilMs of [undefined, 0]) {
    const { text, code } = await played(was, is, key, untilMs);
    expect([code, text]).toEqual(['RecordingMalformed', '']);
  }
});
