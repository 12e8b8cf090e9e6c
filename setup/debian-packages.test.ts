import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { installedNames, parsePackages } from './debian-packages.ts';

test('every package of the list says why, and a browser is for tests only', async () => {
  const packages = parsePackages(await readFile(new URL('./debian-packages.txt', import.meta.url), 'utf8'));
  expect(packages.find(({ name }) => name === 'containerd')).toMatchObject({ testOnly: false });
  expect(packages.find(({ name }) => name === 'chromium')).toMatchObject({
    testOnly: true,
    why: expect.not.stringContaining('[test]'),
  });
  expect(new Set(packages.map(({ name }) => name)).size).toBe(packages.length);
});

test('a package without a reason is refused', () => {
  expect(() => parsePackages('containerd\n')).toThrow(/containerd/);
});

test('a package that was removed but left its configuration counts as missing', () => {
  const answer = 'installed git\nconfig-files postgresql\nnot-installed runc\n';
  expect([...installedNames(answer)]).toEqual(['git']);
});
