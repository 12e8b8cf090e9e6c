// After the recorder was cut off: its open segment is closed at the last whole record, or taken away when it shows nothing.
import { createHash } from 'node:crypto';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { nextChain } from '../format/chain.ts';
import { type SegmentEntry, segmentFile } from '../format/manifest.ts';
import { scanSegment } from '../format/scan.ts';
import { fileError, isFileError } from '../storage/files.ts';
import type { RecordingSpool } from './spool.ts';

/** Twice is once. Afterwards every segment on the disk is in the journal. @returns what was closed here @throws StorageFull, StorageFailed */
export async function recoverOpenSegment(spool: RecordingSpool): Promise<SegmentEntry | undefined> {
  const { number, chain } = spool.head();
  const file = segmentFile(number + 1);
  const path = join(spool.folder, file);
  try {
    const bytes = await readFile(path);
    const scan = scanSegment(bytes);
    if (scan === undefined || !scan.playable || !scan.header.previousChain.equals(chain)) {
      await rm(path);
      return undefined;
    }
    const whole = bytes.subarray(0, scan.wholeBytes);
    await using handle = await open(path, 'r+');
    await handle.truncate(whole.length);
    await handle.sync();
    const sha256 = createHash('sha256').update(whole).digest();
    const { startMs, width, height } = scan.header;
    const hashes = { sha256: sha256.toString('hex'), chain: nextChain(chain, sha256).toString('hex') };
    const times = { startMs, endMs: startMs + scan.timeMs };
    const segment = { number: number + 1, file, ...times, bytes: whole.length, ...hashes, width, height, closed: scan.closed };
    await spool.addSegment(segment);
    return segment;
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return undefined;
    throw fileError(error, `segment ${number + 1} of recording ${spool.facts.id}`);
  }
}

/** Nobody goes on with it: what is missing at its end is a gap, and it is Incomplete. Twice is once. @param code why it ended */
export async function finishLost(spool: RecordingSpool, now: number, code: string): Promise<void> {
  await recoverOpenSegment(spool);
  if (spool.state !== 'Recording' && spool.state !== 'Paused') return;
  const { endMs } = spool.head();
  await spool.addGap({ fromMs: endMs, toMs: Math.max(endMs, now - spool.facts.startedAt), code });
  await spool.setState('Incomplete');
}
