import { createReadStream } from 'node:fs';
import { chmod, link, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createZstdDecompress } from 'node:zlib';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeLayer } from './layer.ts';
import { layerOver, readTree } from './tree.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streamspace-tree-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function fill(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const root = join(folder, name);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return root;
}

async function tarOf(
  file: string,
): Promise<
  ReadonlyMap<string, { readonly type: string; readonly content: string; readonly mtime: number; readonly linkname: string }>
> {
  const found = new Map<string, { type: string; content: string; mtime: number; linkname: string }>();
  const reader = extract();
  const source = createReadStream(file).pipe(createZstdDecompress());
  source.pipe(reader);
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
    const { name, type, mtime, linkname } = entry.header;
    found.set(name, {
      type: type ?? '',
      content: Buffer.concat(chunks).toString(),
      mtime: mtime?.getTime() ?? 0,
      linkname: linkname ?? '',
    });
  }
  return found;
}

describe('a layer on top of another', () => {
  test('holds what is new or changed, the folders above it, and nothing else', async () => {
    const below = await readTree(await fill('below', { 'usr/bin/same': 'a', 'usr/bin/changed': 'a', 'etc/only': 'a' }));
    const wanted = await readTree(
      await fill('wanted', { 'usr/bin/same': 'a', 'usr/bin/changed': 'b', 'etc/only': 'a', 'usr/lib/new': 'n' }),
    );
    const layer = await layerOver(below, wanted);
    expect(layer.map(({ path }) => path)).toEqual(['usr', 'usr/bin', 'usr/bin/changed', 'usr/lib', 'usr/lib/new']);
  });

  test('hides what is gone, a whole folder by one mark', async () => {
    const below = await readTree(await fill('below', { 'usr/a': 'a', 'usr/gone/b': 'b', 'usr/gone/c': 'c' }));
    const wanted = await readTree(await fill('wanted', { 'usr/a': 'a' }));
    const layer = await layerOver(below, wanted);
    expect(layer.map(({ path, type }) => [path, type])).toEqual([
      ['usr', 'directory'],
      ['usr/gone', 'whiteout'],
    ]);
  });

  test('is empty over itself', async () => {
    const tree = await readTree(await fill('tree', { 'a/b': 'c', d: 'e' }));
    expect(await layerOver(tree, tree)).toEqual([]);
  });
});

describe('reading a tree', () => {
  test('leaves out what is in dev, proc, sys and tmp, and every setuid bit', async () => {
    const root = await fill('tree', { 'tmp/rubbish': 'x', 'proc/1': 'x', 'usr/bin/su': 'x' });
    await chmod(join(root, 'usr/bin/su'), 0o4755);
    const tree = await readTree(root);
    expect(tree.map(({ path }) => path)).toEqual(['proc', 'tmp', 'usr', 'usr/bin', 'usr/bin/su']);
    expect(tree.at(-1)?.mode).toBe(0o755);
  });
});

describe('a layer file', () => {
  const signal = new AbortController().signal;

  test('is the same, byte for byte, for the same files of another time', async () => {
    const files = { 'usr/b': 'two', 'usr/a': 'one' };
    const first = await writeLayer(await readTree(await fill('first', files)), join(folder, '1'), signal);
    const second = await writeLayer(await readTree(await fill('second', files)), join(folder, '2'), signal);
    expect({ ...second, file: '' }).toEqual({ ...first, file: '' });
    expect(first.digest).not.toBe(first.diffId);
    expect((await readFile(first.file)).length).toBe(first.size);
  });

  test('keeps links as links and writes one content for all names of a file', async () => {
    const root = await fill('tree', { 'bin/tool': 'the tool' });
    await link(join(root, 'bin/tool'), join(root, 'bin/tool-too'));
    await symlink('tool', join(root, 'bin/alias'));
    const { file } = await writeLayer(await readTree(root), join(folder, 'layer'), signal);
    const tar = await tarOf(file);
    expect(tar.get('bin/alias')).toMatchObject({ type: 'symlink', linkname: 'tool' });
    expect(tar.get('bin/tool')).toMatchObject({ type: 'file', content: 'the tool' });
    expect(tar.get('bin/tool-too')).toMatchObject({ type: 'link', linkname: 'bin/tool', content: '' });
  });

  test('marks what it hides as the image specification says', async () => {
    const below = await readTree(await fill('below', { 'etc/gone': 'x', 'etc/kept': 'x' }));
    const wanted = await readTree(await fill('wanted', { 'etc/kept': 'x' }));
    const { file } = await writeLayer(await layerOver(below, wanted), join(folder, 'layer'), signal);
    expect([...(await tarOf(file)).keys()]).toEqual(['etc/', 'etc/.wh.gone']);
  });

  test('fails when a file vanishes instead of leaving a short one', async () => {
    const root = await fill('tree', { a: 'x' });
    const tree = await readTree(root);
    await rm(join(root, 'a'));
    await expect(writeLayer(tree, join(folder, 'layer'), signal)).rejects.toThrow(/ENOENT/);
  });
});
