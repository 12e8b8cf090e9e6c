// What tar made in a container, taken apart and made anew.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { extract, type Header, pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachEntry, repacked } from './archive.ts';
import { FileSpool, type SpooledFile } from './spool.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archive-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function spooled(content: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<SpooledFile> {
  const file = await new FileSpool({ folder, maxBytes: 1_000_000 }).create();
  for await (const chunk of content) await file.write(chunk, file.bytes);
  return file;
}

async function archiveOf(
  entries: readonly (Partial<Header> & Pick<Header, 'name'> & { readonly content?: string })[],
): Promise<SpooledFile> {
  const made = pack();
  for (const { content, ...header } of entries) made.entry(header, content ?? '');
  made.finalize();
  return await spooled(Readable.from(made));
}

async function namesIn(content: AsyncIterable<Buffer>): Promise<readonly string[]> {
  const reader = extract();
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  reader.end(Buffer.concat(chunks));
  const names: string[] = [];
  for await (const part of reader) {
    let text = '';
    for await (const chunk of part) text += String(chunk);
    names.push(`${part.header.type} ${part.header.name} ${text}`);
  }
  return names;
}

test('G-34 of a hostile archive only plain files and folders below it are left, under one name', async () => {
  await using archive = await archiveOf([
    { name: './', type: 'directory' },
    { name: './deep/', type: 'directory' },
    { name: './deep/file', content: 'good' },
    { name: '../above', content: 'evil' },
    { name: '/etc/passwd', content: 'evil' },
    { name: 'deep/../../above', content: 'evil' },
    { name: 'link', type: 'symlink', linkname: '/etc/passwd' },
    { name: 'hard', type: 'link', linkname: '/etc/passwd' },
    { name: 'device', type: 'character-device' },
    { name: 'pipe', type: 'fifo' },
    { name: `./${'n'.repeat(200)}`, content: 'long' },
  ]);
  expect(await namesIn(repacked(archive, 'home'))).toEqual([
    'directory home/deep ',
    'file home/deep/file good',
    `file home/${'n'.repeat(200)} long`,
  ]);
});

test('an archive that is cut off or is none is an error, and not a smaller folder', async () => {
  await using whole = await archiveOf([{ name: 'file', content: 'x'.repeat(5_000) }]);
  await using cut = await spooled([await bytesOf(whole, 3_000)]);
  await using none = await spooled([Buffer.alloc(2_048, 'x')]);
  for (const archive of [cut, none]) {
    const reading = eachEntry(archive, async (_entry, content) => {
      for await (const _chunk of content);
    });
    await expect(reading).rejects.toMatchObject({ code: 'FileTransferFailed' });
  }
  await expect(namesIn(repacked(cut, 'home'))).rejects.toThrow();
});

async function bytesOf(file: SpooledFile, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of file.read()) chunks.push(chunk);
  return Buffer.concat(chunks).subarray(0, length);
}
