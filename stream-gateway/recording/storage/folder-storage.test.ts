import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderStorage } from './folder-storage.ts';

const { signal } = new AbortController();
let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'streamspace-folder-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function keysOf(storage: FolderStorage, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key, bytes } of storage.list(prefix, { signal })) keys.push(`${key} ${bytes}`);
  return keys;
}

test('an object is there as it was put, whole and in ranges', async () => {
  const storage = new FolderStorage(root);
  await storage.put('a/b/one.rec', Buffer.from('0123456789'), { signal });
  expect((await storage.get('a/b/one.rec', { signal })).toString()).toBe('0123456789');
  expect((await storage.get('a/b/one.rec', { signal, range: { from: 3, to: 6 } })).toString()).toBe('345');
  expect((await storage.get('a/b/one.rec', { signal, range: { from: 8, to: 60 } })).toString()).toBe('89');
  expect(await keysOf(storage, 'a')).toEqual(['a/b/one.rec 10']);
});

test('the same bytes twice do no harm, other bytes under the same name are refused', async () => {
  const storage = new FolderStorage(root);
  await storage.put('a/one', Buffer.from('same'), { signal });
  await storage.put('a/one', Buffer.from('same'), { signal });
  await expect(storage.put('a/one', Buffer.from('other'), { signal })).rejects.toMatchObject({ code: 'ObjectExists' });
  expect((await storage.get('a/one', { signal })).toString()).toBe('same');
  await storage.put('a/one', Buffer.from('other'), { signal, replace: true });
  expect((await storage.get('a/one', { signal })).toString()).toBe('other');
  expect(await readdir(join(root, 'a'))).toEqual(['one']);
});

test('what another has left half written is no object', async () => {
  const storage = new FolderStorage(root);
  await storage.put('a/one', Buffer.from('x'), { signal });
  await writeFile(join(root, 'a', '.part-123'), 'half');
  expect(await keysOf(storage, 'a')).toEqual(['a/one 1']);
  expect(await keysOf(storage, 'nothing')).toEqual([]);
});

test('what is deleted is missing, and may be deleted again', async () => {
  const storage = new FolderStorage(root);
  await storage.put('a/one', Buffer.from('x'), { signal });
  await storage.delete('a/one', { signal });
  await storage.delete('a/one', { signal });
  await expect(storage.get('a/one', { signal })).rejects.toMatchObject({ code: 'ObjectMissing' });
});

test('no key leads out of the folder', async () => {
  const storage = new FolderStorage(root);
  for (const key of ['../one', 'a/../../one', '/etc/passwd', 'a//b', '.part-1', 'a/.hidden', 'a\0b', 'a\\b', ''])
    await expect(storage.put(key, Buffer.from('x'), { signal }), key).rejects.toThrow(RangeError);
});

test('a folder that is no folder is an error with a code', async () => {
  await writeFile(join(root, 'file'), 'x');
  await expect(new FolderStorage(join(root, 'file')).put('a/one', Buffer.from('x'), { signal })).rejects.toMatchObject({
    code: 'StorageFailed',
  });
});
