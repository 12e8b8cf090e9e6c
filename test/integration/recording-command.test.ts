// `streamspace recordings` on recordings of a real desktop: whether they are genuine, and as videos.
import { readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { durationOf } from '../../stream-gateway/recording/export/video.ts';
import { createDataKey } from '../../stream-gateway/recording/format/data-key.ts';
import { MANIFEST_FILE, readManifest } from '../../stream-gateway/recording/format/manifest.ts';
import { SpoolUpload } from '../../stream-gateway/recording/spool/upload.ts';
import { FolderStorage } from '../../stream-gateway/recording/storage/folder-storage.ts';
import { must, streamspace } from '../support/command.ts';
import { spoolFacts, startRecording, temporaryFolder, toldIndex } from '../support/recording.ts';
import { SIGNING_KEYS } from '../support/recording-replicas.ts';
import { startXvnc } from '../support/xvnc.ts';

const BUSY = ['xterm', '-e', '/bin/sh', '-c', 'i=0; while :; do i=$((i+1)); echo line $i; sleep 0.05; done'] as const;
const WRAPPING_KEY = Buffer.alloc(32, 3);

interface Stored extends AsyncDisposable {
  readonly root: string;
  /** Of the recording. */
  readonly folder: string;
  readonly id: string;
  readonly key: string;
}

async function storedRecording(options: { readonly encrypted?: true } = {}): Promise<Stored> {
  await using xvnc = await startXvnc({ program: BUSY });
  const folder = await temporaryFolder();
  const facts = spoolFacts();
  const { key, wrapped } = createDataKey(WRAPPING_KEY, facts.id);
  await using world = await startRecording({
    ...{ root: join(folder.path, 'spool'), endpoint: xvnc },
    ...(options.encrypted ? { key, facts: { ...facts, encryption: wrapped } } : { facts }),
  });
  await expect.poll(() => world.spool.segments.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(3);
  world.recorder.mark({ type: 'joined', person: 'an auditor' });
  await world.recorder.stop('Complete');
  const storage = new FolderStorage(join(folder.path, 'recordings'));
  const ports = {
    storage,
    index: toldIndex(),
    signingKey: SIGNING_KEYS.privateKey,
    failed: () => undefined,
    keyOf: async () => undefined,
  };
  await new SpoolUpload(world.spool.folder, ports).run(new AbortController().signal);
  const publicKey = join(folder.path, 'key.pem');
  await writeFile(publicKey, SIGNING_KEYS.publicKey.export({ type: 'spki', format: 'pem' }));
  return {
    ...{ root: folder.path, folder: join(folder.path, 'recordings', facts.prefix), id: facts.id, key: publicKey },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

test('verify needs the folder and the public key alone, and names the segment that is not as it was written', async () => {
  await using stored = await storedRecording();
  const verify = () => streamspace(['recordings', 'verify', stored.folder, '--key', stored.key, '--json']);
  const good = await verify();
  expect(good.code, good.stderr).toBe(0);
  expect(JSON.parse(good.stdout)).toMatchObject({ id: stored.id, state: 'Complete', findings: [] });
  // By its id, in the folder of an installation.
  const byId = await streamspace(['recordings', 'verify', stored.id, '--key', stored.key, '--state', stored.root]);
  expect(byId.stdout).toContain('genuine');

  await truncate(join(stored.folder, 'segment-000002.rec'), 200);
  const cut = await verify();
  expect(cut.code).toBe(1);
  expect(JSON.parse(cut.stdout).findings).toMatchObject([{ problem: 'cut', file: 'segment-000002.rec' }]);
  expect(cut.stderr).toContain('RecordingNotGenuine');
  await rename(join(stored.folder, 'segment-000001.rec'), join(stored.root, 'taken-away'));
  expect(JSON.parse((await verify()).stdout).findings[0]).toMatchObject({ problem: 'missing', file: 'segment-000001.rec' });
  expect((await streamspace(['recordings', 'verify', join(stored.root, 'nothing'), '--key', stored.key])).code).toBe(1);
});

test('G-65 a video is as long as its recording, give or take one picture, with what happened as chapters and captions', async () => {
  for (const [encrypted, extension] of [
    [false, 'mp4'],
    [true, 'webm'],
  ] as const) {
    await using stored = await storedRecording(encrypted ? { encrypted } : {});
    const { manifest } = readManifest(await readFile(join(stored.folder, MANIFEST_FILE)));
    const video = join(stored.root, `video.${extension}`);
    const keyFile = join(stored.root, 'policy.key');
    await writeFile(keyFile, WRAPPING_KEY.toString('base64'));
    const args = ['recordings', 'export', stored.folder, '--key', stored.key, '--fps', '10', '-o', video];
    if (encrypted) expect((await streamspace(args)).stderr).toContain('RecordingKeyWrong');
    await must(process.execPath, ['cli/streamspace.mjs', ...args, '--decryption-key', keyFile]);
    const probed = await must('ffprobe', [
      '-v',
      'error',
      '-of',
      'json',
      '-show_format',
      '-show_chapters',
      '-show_streams',
      video,
    ]);
    const { format, chapters, streams } = JSON.parse(probed);
    expect(Math.abs(Number(format.duration) * 1_000 - durationOf(manifest))).toBeLessThanOrEqual(100);
    expect(streams[0]).toMatchObject({ width: 640, height: 480 });
    expect(chapters.map(({ tags }: { tags: { title: string } }) => tags.title)).toContain('an auditor joined');
    expect(await readFile(join(stored.root, 'video.vtt'), 'utf8')).toContain('an auditor joined');
  }
});

test('G-65 without ffmpeg the error says what to install, and nothing is left behind', async () => {
  await using stored = await storedRecording();
  const video = join(stored.root, 'video.mp4');
  const { code, stderr } = await streamspace([
    ...['recordings', 'export', stored.folder, '--key', stored.key, '-o', video, '--ffmpeg', '/nonexistent/ffmpeg'],
  ]);
  expect(code).toBe(1);
  expect(stderr).toContain('ExportFailed');
  expect(stderr).toContain('apt-get install ffmpeg');
  await expect(readFile(video)).rejects.toThrow('ENOENT');
  await rm(video, { force: true });
});
