// Recordings in an object storage, with a real S3 server (versitygw) behind a proxy that fails when it is told to.
import { expect, test } from 'vitest';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { verifyRecording } from '../../stream-gateway/recording/format/verify.ts';
import { frameAt } from '../../stream-gateway/recording/playback/frame-at.ts';
import { SpoolUpload } from '../../stream-gateway/recording/spool/upload.ts';
import type { ObjectStorage } from '../../stream-gateway/recording/storage/object-storage.ts';
import { filesOf, startRecording, temporaryFolder, toldIndex } from '../support/recording.ts';
import { SIGNING_KEYS } from '../support/recording-replicas.ts';
import { startS3Server } from '../support/s3-server.ts';
import { startXvnc } from '../support/xvnc.ts';

const { signal } = new AbortController();
const SLOWLY = { timeout: 40_000 };
const BUSY = ['xterm', '-e', '/bin/sh', '-c', 'i=0; while :; do i=$((i+1)); echo line $i; sleep 0.05; done'] as const;

async function keysOf(storage: ObjectStorage, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key, bytes } of storage.list(prefix, { signal })) keys.push(`${key} ${bytes}`);
  return keys;
}

test('an object in S3 is there as it was put, in ranges too, and is never written over by other bytes', async () => {
  await using server = await startS3Server();
  const { storage } = server;
  await storage.put('a/b/one.rec', Buffer.from('0123456789'), { signal });
  await storage.put('a/b/one.rec', Buffer.from('0123456789'), { signal });
  await expect(storage.put('a/b/one.rec', Buffer.from('other'), { signal })).rejects.toMatchObject({ code: 'ObjectExists' });
  expect((await storage.get('a/b/one.rec', { signal })).toString()).toBe('0123456789');
  expect((await storage.get('a/b/one.rec', { signal, range: { from: 3, to: 6 } })).toString()).toBe('345');
  await storage.put('a/b/one.rec', Buffer.from('other'), { signal, replace: true });
  await storage.put('ab/two.rec', Buffer.from('x'), { signal });
  expect(await keysOf(storage, 'a')).toEqual(['a/b/one.rec 5']);
  await storage.delete('a/b/one.rec', { signal });
  await storage.delete('a/b/one.rec', { signal });
  await expect(storage.get('a/b/one.rec', { signal })).rejects.toMatchObject({ code: 'ObjectMissing' });
});

test('G-55 an object storage that answers 500, or not at all, holds up no recording; what waits is stored when it is back', async () => {
  await using server = await startS3Server({ timeoutMs: 500 });
  const { storage } = server;
  await using xvnc = await startXvnc({ program: BUSY });
  await using folder = await temporaryFolder();
  await using world = await startRecording({ root: folder.path, endpoint: xvnc });
  const failures: string[] = [];
  const failed = (error: unknown): void => {
    if (error instanceof StreamSpaceError) failures.push(error.message);
  };
  const index = toldIndex();
  const ports = { storage, index, signingKey: SIGNING_KEYS.privateKey, failed, keyOf: async () => undefined };
  const upload = new SpoolUpload(world.spool.folder, ports, 50);
  server.behave('failing');
  const done = upload.run(signal);
  await expect.poll(() => failures.some((message) => message.includes('500')), SLOWLY).toBe(true);
  server.behave('slow');
  await expect.poll(() => failures.some((message) => message.includes('no answer within 0.5 s')), SLOWLY).toBe(true);
  await expect.poll(() => world.spool.segments.length, SLOWLY).toBeGreaterThanOrEqual(3);
  expect(index.segments.size).toBe(0);
  server.behave('well');
  await world.recorder.stop('Complete');
  upload.wake();
  await done;
  expect(world.news.some(({ type }) => type === 'interrupted')).toBe(false);
  const { prefix } = world.spool.facts;
  const { findings, manifest } = await verifyRecording(filesOf(storage, prefix), [SIGNING_KEYS.publicKey]);
  expect(findings).toEqual([]);
  expect(manifest.state).toBe('Complete');
  expect([...index.segments.keys()]).toEqual(manifest.segments.map(({ number }) => number));

  // A moment is shown with the ranges of one segment.
  const reads = new Set<string>();
  const read = async (file: string, range: { readonly from: number; readonly to: number }): Promise<Buffer> => {
    reads.add(file);
    return await storage.get(`${prefix}/${file}`, { signal, range });
  };
  expect(await frameAt({ segments: manifest.segments, read }, manifest.segments[1]?.endMs ?? 0)).toBeDefined();
  expect(reads.size).toBe(1);
});
