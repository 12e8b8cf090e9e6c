// Uploads against somebody who sends them otherwise than a browser does.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseNewPath } from '../dlp/files/home-path.ts';
import { FileSpool, type SpooledFile } from './spool.ts';
import { type Upload, Uploads } from './uploads.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uploads-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const MALLORY = { sessionUid: 'uid', person: 'mallory' };
const MAX_PART = 1_000;
const uploadsOf = (maxBytes = 1_000): Uploads =>
  new Uploads({ spool: new FileSpool({ folder: join(folder, 'spool'), maxBytes }), now: () => 0 });
const wish = (bytes: number) => ({ path: parseNewPath('a.txt'), bytes, declared: '' });
const uploaded = (upload: Upload) => ({ path: upload.path, bytes: upload.bytes, sha256: '', type: 'text/plain' });

async function textOf(file: SpooledFile): Promise<string> {
  let text = '';
  for await (const chunk of file.read()) text += chunk.toString('latin1');
  return text;
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** A body of which the next piece comes when the test says so. */
function slowBody(): { readonly content: AsyncIterable<Uint8Array>; readonly send: (text: string) => void } {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  return { content: readable, send: (text) => void writer.write(Buffer.from(text)).catch(() => undefined) };
}

test('what was judged is what is written: a part that still comes while an upload is committed changes nothing', async () => {
  const uploads = uploadsOf();
  const upload = await uploads.begin(MALLORY, wish(8));
  await uploads.receive(upload, 0, once('harmless'), MAX_PART);
  const late = slowBody();
  const receiving = uploads.receive(upload, 0, late.content, MAX_PART);
  receiving.catch(() => undefined);
  const judged = Promise.withResolvers<string>();
  const written = Promise.withResolvers<string>();
  const goOn = Promise.withResolvers<void>();
  const done = uploads.finish(upload, async () => {
    judged.resolve(await textOf(upload.file));
    await goOn.promise;
    written.resolve(await textOf(upload.file));
    return uploaded(upload);
  });
  expect(await judged.promise).toBe('harmless');
  late.send('infected');
  await expect(receiving).rejects.toMatchObject({ code: 'UploadOffsetWrong' });
  await expect(uploads.receive(upload, 0, once('infected'), MAX_PART)).rejects.toMatchObject({ code: 'UploadOffsetWrong' });
  goOn.resolve();
  expect(await written.promise).toBe('harmless');
  await done;
});

test('what is being written is not taken away from under the hands of whoever writes it', async () => {
  const uploads = uploadsOf();
  const upload = await uploads.begin(MALLORY, wish(2));
  await uploads.receive(upload, 0, once('ab'), MAX_PART);
  const goOn = Promise.withResolvers<void>();
  const done = uploads.finish(upload, async () => {
    await goOn.promise;
    expect(await textOf(upload.file)).toBe('ab');
    return uploaded(upload);
  });
  await expect(uploads.end(upload)).rejects.toMatchObject({ code: 'RequestInProgress' });
  goOn.resolve();
  expect(await done).toMatchObject({ bytes: 2 });
});

test('one person has no more than half of the room, whatever he announces and however often he begins', async () => {
  const uploads = uploadsOf(1_000);
  const full = { code: 'FileSpoolFull' };
  const first = await uploads.begin(MALLORY, wish(400));
  await expect(uploads.begin(MALLORY, wish(101))).rejects.toMatchObject(full);
  await expect(uploads.begin({ ...MALLORY, sessionUid: 'another' }, wish(101))).rejects.toMatchObject(full);
  await uploads.begin({ ...MALLORY, person: 'alice' }, wish(500));
  await uploads.end(first);
  await uploads.begin(MALLORY, wish(500));
});

test('many that begin at once are no more than one after the other', async () => {
  const uploads = uploadsOf();
  const begun = await Promise.allSettled(Array.from({ length: 40 }, () => uploads.begin(MALLORY, wish(1))));
  expect(begun.filter(({ status }) => status === 'fulfilled')).toHaveLength(16);
});
