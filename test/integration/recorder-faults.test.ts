// A recorder that is killed, a disk that is full or broken, a storage that fails: what is lost is said, and nothing else is lost.
// The faults are real ones: SIGKILL, a tiny file system that is filled, one that is taken away.
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { createDataKey } from '../../stream-gateway/recording/format/data-key.ts';
import { verifyRecording } from '../../stream-gateway/recording/format/verify.ts';
import { frameAt } from '../../stream-gateway/recording/playback/frame-at.ts';
import { finishLost } from '../../stream-gateway/recording/spool/recover.ts';
import { requireRoom } from '../../stream-gateway/recording/spool/room.ts';
import { RecordingSpool } from '../../stream-gateway/recording/spool/spool.ts';
import { SpoolUpload, type UploadPorts } from '../../stream-gateway/recording/spool/upload.ts';
import { FolderStorage } from '../../stream-gateway/recording/storage/folder-storage.ts';
import type { ObjectStorage } from '../../stream-gateway/recording/storage/object-storage.ts';
import { filesOf, RULES, sourceOf, spoolFacts, startRecording, temporaryFolder, toldIndex } from '../support/recording.ts';
import { tinyDisk } from '../support/tiny-disk.ts';
import { startXvnc } from '../support/xvnc.ts';

const BUSY = ['xterm', '-e', '/bin/sh', '-c', 'i=0; while :; do i=$((i+1)); echo line $i; sleep 0.05; done'] as const;
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const { signal } = new AbortController();
const SLOWLY = { timeout: 30_000 };

function uploadPorts(storage: ObjectStorage, more: Partial<UploadPorts> = {}): UploadPorts {
  return { storage, index: toldIndex(), signingKey: privateKey, failed: () => undefined, keyOf: async () => undefined, ...more };
}

test('G-54 after a SIGKILL all closed segments verify, the last is cut at its last whole record, and the gap is exact', async () => {
  await using xvnc = await startXvnc({ program: BUSY });
  for (const encrypted of [false, true]) {
    await using folder = await temporaryFolder();
    const facts = spoolFacts();
    const { wrapped } = createDataKey(Buffer.alloc(32, 1), facts.id);
    const spool = await RecordingSpool.create(folder.path, { ...facts, ...(encrypted ? { encryption: wrapped } : {}) });
    const child = spawn(
      process.execPath,
      [
        '--conditions=source',
        fileURLToPath(new URL('../support/recorder-process.ts', import.meta.url)),
        spool.folder,
        String(xvnc.port),
        xvnc.password,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let segments = 0;
    for await (const line of createInterface(child.stdout)) {
      if (line.includes('"segment"')) segments += 1;
      if (segments === 2) break;
    }
    const killedAt = Date.now() - facts.startedAt;
    child.kill('SIGKILL');
    await once(child, 'exit');

    const found = await RecordingSpool.open(spool.folder);
    if (found === undefined) throw new Error('the spool is gone');
    expect(found.segments).toHaveLength(2);
    await finishLost(found, Date.now(), 'RecordingStopped');
    await finishLost(found, Date.now(), 'RecordingStopped'); // twice is once
    const storage = new FolderStorage(join(folder.path, 'storage'));
    const index = toldIndex();
    const source = sourceOf(found);
    if (!encrypted) for (const { endMs } of found.segments) expect(await frameAt(source, endMs)).toBeDefined();
    await new SpoolUpload(spool.folder, uploadPorts(storage, { index })).run(signal);

    const { manifest, findings } = await verifyRecording(filesOf(storage, facts.prefix), [publicKey]);
    expect(findings).toEqual([]);
    expect(manifest.state).toBe('Incomplete');
    const last = manifest.segments.at(-1);
    expect(manifest.segments.map(({ closed }) => closed)).toEqual([true, true, ...(manifest.segments.length > 2 ? [false] : [])]);
    expect(manifest.gaps).toEqual([{ fromMs: last?.endMs, toMs: expect.any(Number), code: 'RecordingStopped' }]);
    // Nothing of the last second was lost: it ends where it was killed, not a segment earlier.
    expect(killedAt - (last?.endMs ?? 0)).toBeLessThan(1_500);
    expect(index.ends).toEqual(['Incomplete']);
    expect([...index.segments.keys()]).toEqual(manifest.segments.map(({ number }) => number));
  }
});

test('G-55 a full disk and one that is gone interrupt the recording with their code; it goes on by itself, with the gap stated', async () => {
  await using xvnc = await startXvnc({ program: BUSY });
  await using disk = await tinyDisk('4m');
  await using world = await startRecording({ root: disk.path, endpoint: xvnc, rules: { ...RULES, segmentSeconds: 2 } });
  const interruptions = (): string[] => world.news.flatMap((news) => (news.type === 'interrupted' ? [news.code] : []));
  const resumptions = (): number => world.news.filter(({ type }) => type === 'recording').length;
  await expect.poll(resumptions, SLOWLY).toBe(1);

  const ballast = join(disk.path, 'ballast');
  await writeFile(ballast, Buffer.alloc(4 * 1024 * 1024)).catch(() => undefined); // as much as there is room for
  await expect.poll(interruptions, SLOWLY).toContain('StorageFull');
  await rm(ballast);
  await expect.poll(resumptions, SLOWLY).toBe(2);

  await disk.takeAway();
  await expect.poll(interruptions, SLOWLY).toContain('StorageFailed');
  await disk.bringBack();
  await expect.poll(resumptions, SLOWLY).toBe(3);

  await world.recorder.stop('Complete');
  expect(world.spool.state).toBe('Incomplete');
  expect(world.spool.gaps.map(({ code }) => code)).toEqual(['StorageFull', 'StorageFailed']);
  const source = sourceOf(world.spool);
  // Everything that the journal names can be played: no segment is empty, none is half a picture.
  for (const { startMs, endMs } of world.spool.segments) {
    expect(await frameAt(source, startMs)).toBeDefined();
    expect(await frameAt(source, endMs)).toBeDefined();
  }
});

test('G-55 a storage that takes nothing never stalls the recording, until the spool has no more room: then it is said', async () => {
  await using xvnc = await startXvnc({ program: BUSY });
  await using folder = await temporaryFolder();
  const failures: string[] = [];
  const broken: Pick<ObjectStorage, 'put'> = {
    put: async () => {
      throw new StreamSpaceError('StorageFailed', 'the object storage answered 500');
    },
  };
  const storage = Object.assign(new FolderStorage(folder.path), broken);
  const room = { bytes: 1e9 };
  await using world = await startRecording({
    ...{ root: folder.path, endpoint: xvnc },
    requireRoom: () => requireRoom(folder.path, room.bytes),
  });
  const stop = new AbortController();
  const failed = (error: unknown): void => {
    if (error instanceof StreamSpaceError) failures.push(error.code);
  };
  const upload = new SpoolUpload(world.spool.folder, uploadPorts(storage, { failed }), 50);
  const running = upload.run(stop.signal).catch(() => undefined);
  await expect.poll(() => world.spool.segments.length, SLOWLY).toBeGreaterThan(2);
  expect(failures).toContain('StorageFailed');
  expect(world.news.some(({ type }) => type === 'interrupted')).toBe(false);
  room.bytes = 1;
  await expect
    .poll(() => world.news.flatMap((news) => (news.type === 'interrupted' ? [news.code] : [])), SLOWLY)
    .toContain('StorageFull');
  stop.abort();
  await running;
});

test('G-61 an upload that a restart cut off goes on where it was, and a segment sent twice is stored once', async () => {
  await using xvnc = await startXvnc({ program: BUSY });
  await using folder = await temporaryFolder();
  await using world = await startRecording({ root: folder.path, endpoint: xvnc });
  await expect.poll(() => world.spool.segments.length, SLOWLY).toBeGreaterThanOrEqual(4);
  await world.recorder.stop('Complete');

  const kept = new FolderStorage(join(folder.path, 'storage'));
  const first = new AbortController();
  const sent: string[] = [];
  // Stored, but the process ends before anybody hears of it.
  const cut: ObjectStorage = Object.assign(new FolderStorage(join(folder.path, 'storage')), {
    put: async (key: string, bytes: Buffer, options: Parameters<ObjectStorage['put']>[2]) => {
      await kept.put(key, bytes, options);
      sent.push(key);
      if (sent.length < 2) return;
      first.abort(new Error('the process ends'));
      throw first.signal.reason;
    },
  });
  await expect(new SpoolUpload(world.spool.folder, uploadPorts(cut)).run(first.signal)).rejects.toThrow('the process ends');
  const index = toldIndex();
  await new SpoolUpload(world.spool.folder, uploadPorts(kept, { index })).run(signal);
  expect((await verifyRecording(filesOf(kept, world.spool.facts.prefix), [publicKey])).findings).toEqual([]);
  expect(index.segments.get(2)?.file).toBe(sent[1]?.split('/').at(-1));
  expect(index.ends).toEqual(['Complete']);
  expect(await RecordingSpool.open(world.spool.folder)).toBeUndefined();
});
