// Who records a session, who may come in, and what happens when it cannot be recorded. Real desktops, disks and threads; the
// Leases are in memory.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ErrorCode } from '../../schemas/errors.ts';
import { verifyRecording } from '../../stream-gateway/recording/format/verify.ts';
import { FolderStorage } from '../../stream-gateway/recording/storage/folder-storage.ts';
import type { StreamRegistry } from '../../stream-gateway/stream/stream-registry.ts';
import { filesOf, temporaryFolder, toldIndex } from '../support/recording.ts';
import {
  leasesInMemory,
  type RecordingReplica,
  recordedSession,
  SIGNING_KEYS,
  startReplica,
} from '../support/recording-replicas.ts';
import { tinyDisk } from '../support/tiny-disk.ts';
import { startXvnc } from '../support/xvnc.ts';

const BUSY = ['xterm', '-e', '/bin/sh', '-c', 'i=0; while :; do i=$((i+1)); echo line $i; sleep 0.05; done'] as const;
const SLOWLY = { timeout: 40_000 };

/** A stream that notes with which code it was cut. */
function streamIn(streams: StreamRegistry): { readonly cut: Promise<{ readonly code: ErrorCode; readonly message: string }> } {
  const path = { namespace: 'team-web', session: 'one', person: 'member' };
  const { promise: cut, resolve } = Promise.withResolvers<{ readonly code: ErrorCode; readonly message: string }>();
  streams.reserve(path).put({ ...path, right: 'control', close: (code, message) => resolve({ code, message }), closed: cut });
  return { cut };
}

/** Under a load that keeps it from beginning in time it is tried again. */
const settled = [() => 'recorded', () => 'not yet'] as const;
const started = ({ audit }: RecordingReplica): number => audit.filter(({ type }) => type === 'recording.started').length;

test('G-45 a replica that drains closes its segment, another one goes on with the same recording, and the gap is marked', async () => {
  await using xvnc = await startXvnc({ program: BUSY });
  await using folder = await temporaryFolder();
  const storage = new FolderStorage(join(folder.path, 'storage'));
  const [index, leases] = [toldIndex(), leasesInMemory()];
  const shared = { folder: folder.path, xvnc, leases, storage, index };
  const session = recordedSession({ mode: 'Required' });
  await using first = startReplica({ ...shared, identity: 'first' });
  first.put(session);
  await first.recordings.admit(session);
  await using second = startReplica({ ...shared, identity: 'second' });
  second.put(session);
  await second.recordings.admit(session); // recorded elsewhere is recorded
  expect(started(second)).toBe(0);

  await first.end();
  await expect.poll(() => started(second), SLOWLY).toBe(1);
  second.put(recordedSession({ record: 'Off' }));
  await expect.poll(() => index.ends, SLOWLY).toEqual(['Incomplete']);

  expect(index.begun).toHaveLength(1);
  const [recording] = index.begun;
  const { manifest, findings } = await verifyRecording(filesOf(storage, recording?.keyPrefix ?? ''), [SIGNING_KEYS.publicKey]);
  expect(findings).toEqual([]);
  expect(manifest.segments.length).toBeGreaterThanOrEqual(2);
  expect(manifest.gaps).toEqual([
    { fromMs: manifest.segments[0]?.endMs, toMs: manifest.segments[1]?.startMs, code: 'ShuttingDown' },
  ]);
  const [gap] = manifest.gaps;
  expect((gap?.toMs ?? 0) - (gap?.fromMs ?? 0)).toBeLessThan(10_000);
});

test('G-55 a session that must be recorded ends its streams when the disk is full, and lets nobody in until it is recorded', async () => {
  await using xvnc = await startXvnc({ program: BUSY });
  await using disk = await tinyDisk('3m');
  await using folder = await temporaryFolder();
  const storage = new FolderStorage(join(folder.path, 'storage'));
  const shared = { folder: disk.path, xvnc, leases: leasesInMemory(), storage, index: toldIndex() };
  const session = recordedSession({ mode: 'Required' });
  await using replica = startReplica({ ...shared, identity: 'only' });
  replica.put(session);
  await replica.recordings.admit(session);
  const stream = streamIn(replica.streams);

  const ballast = join(disk.path, 'ballast');
  await writeFile(ballast, Buffer.alloc(4 * 1024 * 1024)).catch(() => undefined);
  const { code, message } = await stream.cut;
  expect(code).toBe('RecordingStopped');
  expect(message).toContain('ENOSPC');
  await expect(replica.recordings.admit(session)).rejects.toMatchObject({ code: 'RecordingStopped' });
  await rm(ballast);
  await expect.poll(() => started(replica), SLOWLY).toBe(2);
  await replica.recordings.admit(session);
});

test('G-55 where best effort is enough the stream goes on, and the audit has the interruption with its code', async () => {
  await using xvnc = await startXvnc({ program: BUSY });
  await using disk = await tinyDisk('3m');
  await using folder = await temporaryFolder();
  const storage = new FolderStorage(join(folder.path, 'storage'));
  const index = toldIndex();
  await using replica = startReplica({ folder: disk.path, xvnc, leases: leasesInMemory(), storage, index, identity: 'only' });
  replica.put(recordedSession({ mode: 'BestEffort' }));
  await expect.poll(() => started(replica), SLOWLY).toBe(1);
  const { cut } = streamIn(replica.streams);
  await writeFile(join(disk.path, 'ballast'), Buffer.alloc(4 * 1024 * 1024)).catch(() => undefined);
  await expect
    .poll(
      () => replica.audit.filter(({ type }) => type === 'recording.interrupted').map(({ details }) => details?.['code']),
      SLOWLY,
    )
    .toEqual(['StorageFull']);
  expect(replica.recordings.count()).toEqual({ running: 0, interrupted: 1 });
  // Open as long as nothing is recorded: a page can say so while it lasts.
  await expect.poll(() => index.gaps, SLOWLY).toContainEqual(expect.objectContaining({ toMs: null, code: 'StorageFull' }));
  expect(await Promise.race([cut, Promise.resolve('open')])).toBe('open');
});

test('a session is recorded while its policy says so: on demand by wish, never without', async () => {
  await using xvnc = await startXvnc({ program: BUSY });
  await using folder = await temporaryFolder();
  const storage = new FolderStorage(join(folder.path, 'storage'));
  const index = toldIndex();
  await using replica = startReplica({ folder: folder.path, xvnc, leases: leasesInMemory(), storage, index, identity: 'only' });
  const rules = { record: 'OnDemand', mode: 'Required' } as const;
  replica.put(recordedSession(rules));
  await replica.recordings.admit(recordedSession(rules)); // nobody wishes it, so nobody waits for it
  replica.put(recordedSession(rules, { record: true }));
  await expect.poll(() => started(replica), SLOWLY).toBe(1);
  replica.put(recordedSession(rules, { record: false }));
  await expect.poll(() => index.ends, SLOWLY).toEqual(['Complete']);
});

test('a process that is not the home of a session records it when somebody comes in there and the home is away', async () => {
  await using xvnc = await startXvnc({ program: BUSY });
  await using folder = await temporaryFolder();
  const storage = new FolderStorage(join(folder.path, 'storage'));
  const shared = { folder: folder.path, xvnc, leases: leasesInMemory(), storage, index: toldIndex() };
  const session = recordedSession({ mode: 'Required' });
  const keys: string[] = [];
  const isHome = (key: string): boolean => {
    keys.push(key);
    return false;
  };
  await using other = startReplica({ ...shared, identity: 'other', isHome });
  other.put(session);
  await using home = startReplica({ ...shared, identity: 'home' });
  home.put(session);
  await expect.poll(() => started(home), SLOWLY).toBe(1);
  await expect.poll(() => keys, SLOWLY).toContain('team-web/one'); // it has looked, and left it alone
  await home.end();
  expect(started(other)).toBe(0);
  await expect.poll(() => other.recordings.admit(session).then(...settled), SLOWLY).toBe('recorded');
  await expect.poll(() => started(other), SLOWLY).toBe(1);
});
