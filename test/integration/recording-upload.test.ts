// What a replica still has of a recording that was deleted meanwhile.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { nextChain } from '../../stream-gateway/recording/format/chain.ts';
import { segmentFile } from '../../stream-gateway/recording/format/manifest.ts';
import { SegmentWriter } from '../../stream-gateway/recording/format/segment-writer.ts';
import { RecordingSpool } from '../../stream-gateway/recording/spool/spool.ts';
import { SpoolUpload } from '../../stream-gateway/recording/spool/upload.ts';
import { FolderStorage } from '../../stream-gateway/recording/storage/folder-storage.ts';
import { spoolFacts, temporaryFolder, toldIndex } from '../support/recording.ts';

const { signal } = new AbortController();

/** One closed segment that nobody has stored yet. */
async function leftOver(root: string): Promise<RecordingSpool> {
  const spool = await RecordingSpool.create(root, spoolFacts());
  const { chain: previousChain } = spool.head();
  const parts: Buffer[] = [];
  const about = { recordingId: spool.facts.id, number: 1, startedAt: 0, startMs: 0, width: 8, height: 8 };
  const writer = new SegmentWriter({ ...about, previousChain }, (bytes) => parts.push(bytes));
  writer.update(0, [Buffer.from('picture')]);
  writer.end(1_000);
  const bytes = Buffer.concat(parts);
  const hash = createHash('sha256').update(bytes).digest();
  const hashes = { sha256: hash.toString('hex'), chain: nextChain(previousChain, hash).toString('hex') };
  await writeFile(join(spool.folder, segmentFile(1)), bytes);
  const place = { number: 1, file: segmentFile(1), startMs: 0, endMs: 1_000, width: 8, height: 8, closed: true };
  await spool.addSegment({ ...place, bytes: bytes.length, ...hashes });
  await spool.setState('Paused');
  return spool;
}

test('is not stored after its deletion, and goes from the disk of the replica', async () => {
  await using folder = await temporaryFolder();
  const spool = await leftOver(join(folder.path, 'spool'));
  const storage = new FolderStorage(join(folder.path, 'storage'));
  const index = {
    ...toldIndex(),
    addSegment: () => Promise.reject(new StreamSpaceError('RecordingDeleted', 'it was deleted')),
  };
  const failures: unknown[] = [];
  const { privateKey: signingKey } = generateKeyPairSync('ed25519');
  const failed = (error: unknown): void => void failures.push(error);
  await new SpoolUpload(spool.folder, { storage, index, signingKey, failed, keyOf: async () => undefined }, 10).run(signal);
  const stored: string[] = [];
  for await (const { key } of storage.list(spool.facts.prefix, { signal })) stored.push(key);
  expect([failures, stored, await readdir(join(folder.path, 'spool'))]).toEqual([[], [], []]);
});
