// A recording that can be played, in the index and in the folder of an installation: stripes that change, in two segments.
import { createHash } from 'node:crypto';
import type { Database } from '../../runtime/db/database.ts';
import { SegmentWriter } from '../../stream-gateway/recording/format/segment-writer.ts';
import { FolderStorage } from '../../stream-gateway/recording/storage/folder-storage.ts';
import { addSegment, finish, type NewRecording } from '../../stream-gateway/store/recordings/write.ts';
import { begunRecording, segment, timeAt } from './recordings.ts';

const SIZE = { width: 640, height: 400 };
const SEGMENT_MS = 60_000;

/** A FramebufferUpdate with one rectangle in Raw (RFC 6143, 7.6.1, 7.7.1). */
function stripes(shift: number): Buffer {
  const { width, height } = SIZE;
  const update = Buffer.alloc(16 + 4 * width * height);
  update.writeUInt16BE(1, 2);
  update.writeUInt16BE(width, 8);
  update.writeUInt16BE(height, 10);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      update.writeUInt32LE(((x + shift) & 64 ? 0x7755cc : 0x202530) + ((y >> 5) << 2), 16 + 4 * (y * width + x));
  return update;
}

/** @param folder of the installation's recordings */
export async function playableRecording(db: Database, folder: string, changes: Partial<NewRecording>): Promise<NewRecording> {
  const recording = await begunRecording(db, changes);
  const storage = new FolderStorage(folder);
  const { signal } = new AbortController();
  for (const number of [1, 2]) {
    const startMs = (number - 1) * SEGMENT_MS;
    const parts: Buffer[] = [];
    const about = { recordingId: recording.id, number, startedAt: timeAt(startMs).getTime(), startMs };
    const writer = new SegmentWriter({ ...about, ...SIZE, previousChain: Buffer.alloc(32) }, (bytes) => parts.push(bytes));
    for (const second of [0, 1, 2, 30, 31]) writer.update(1_000 * second, [stripes(8 * second + 16 * number)]);
    writer.end(SEGMENT_MS);
    const bytes = Buffer.concat(parts);
    const row = segment(number, { ...SIZE, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    await storage.put(`${recording.keyPrefix}/${row.file}`, bytes, { signal, replace: true });
    const events = [
      { atMs: startMs + 1_000, kind: 'joined', detail: { person: 'viewer' } },
      { atMs: startMs + 2_000, kind: 'input' },
      { atMs: startMs + 31_000, kind: 'clipboard', detail: { direction: 'Down', bytes: 90 } },
    ];
    await addSegment(db, recording.id, { ...row, events });
  }
  await finish(db, recording.id, { state: 'Complete', endedAt: timeAt(2 * SEGMENT_MS) });
  return recording;
}
