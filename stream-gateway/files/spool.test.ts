import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileSpool, type SpooledFile } from './spool.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spool-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function contentOf(file: SpooledFile, range?: { readonly start: number; readonly end: number }): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of file.read(range)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

test('only the gateway reads what is on its way, and nothing is left when it is done', async () => {
  const spool = new FileSpool({ folder: join(folder, 'files'), maxBytes: 100 });
  {
    await using file = await spool.create();
    await file.write(Buffer.from('secret'), 0);
    expect((await stat(file.path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'files'))).mode & 0o777).toBe(0o700);
    expect(await contentOf(file)).toBe('secret');
  }
  expect(await readdir(join(folder, 'files'))).toEqual([]);
  expect(spool.bytes).toBe(0);
});

test('what a crash left behind is gone with the first file', async () => {
  await writeFile(join(folder, 'leftover'), 'x');
  await using file = await new FileSpool({ folder, maxBytes: 100 }).create();
  expect(await readdir(folder)).toEqual([file.path.slice(folder.length + 1)]);
});

test('the bound holds for what is reserved and for what grows, and room comes back', async () => {
  const spool = new FileSpool({ folder, maxBytes: 10 });
  const full = { code: 'FileSpoolFull' };
  const first = await spool.create(8);
  await expect(spool.create(3)).rejects.toMatchObject(full);
  await first.write(Buffer.alloc(8), 0); // reserved already
  await using second = await spool.create();
  await second.write(Buffer.alloc(2), 0);
  await expect(second.write(Buffer.alloc(1), 2)).rejects.toMatchObject(full);
  await first[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  expect(spool.bytes).toBe(2);
  await second.write(Buffer.alloc(8), 2);
});

test('parts sent in order, some of them twice, give the file', async () => {
  const spool = new FileSpool({ folder, maxBytes: 1_000 });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), fc.array(fc.tuple(fc.nat(60), fc.nat(20))), async (content, parts) => {
      await using file = await spool.create(content.length);
      for (const [at, length] of [...parts, [0, 0] as const]) {
        const position = Math.min(at, file.bytes);
        await file.write(content.subarray(position, position + length), position);
      }
      await file.write(content.subarray(file.bytes), file.bytes);
      expect(await contentOf(file)).toBe(Buffer.from(content).toString('latin1'));
      if (content.length > 2) expect(await contentOf(file, { start: 1, end: 1 })).toHaveLength(1);
      await expect(file.write(Buffer.from('x'), content.length + 1)).rejects.toThrow(RangeError);
    }),
    { numRuns: 50 },
  );
});
