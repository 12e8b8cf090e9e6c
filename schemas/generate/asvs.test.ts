// The page about OWASP ASVS is written by hand: what it names has to be there, and its states are those of its legend.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = join(ROOT, 'docs/reference/asvs.md');
const text = readFileSync(PAGE, 'utf8');
const rows = [...text.matchAll(/^\| (V\d[^|]*) \| ([^|]*) \| (.*) \|$/gm)].map((cells) =>
  cells.slice(1).map((cell) => cell.trim()),
);
const files = globSync('**/*.{ts,tsx,json}', {
  cwd: ROOT,
  exclude: (name) => /(^|\/)(node_modules|dist|artifacts)$/.test(name),
}).map((file) => `/${file}`);

test('each row has a state of the legend, and says where or why not', () => {
  const legend = [...text.matchAll(/\*\*([^*]+)\*\*:/g)].map(([, word]) => word);
  expect(legend.slice(0, 4)).toEqual(['met', 'part', 'no', 'n/a']);
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.filter(([, state = '', why = '']) => !legend.includes(state) || why === '')).toEqual([]);
});

test('each requirement stands there once', () => {
  const numbers = rows.flatMap(([requirement = '']) => requirement.match(/V\d+\.\d+\.\d+(?= to | |,|$)/g) ?? []);
  expect(numbers.filter((number, index) => numbers.indexOf(number) !== index)).toEqual([]);
});

test('every file and page that it names is there', () => {
  const named = [...text.matchAll(/`([\w./-]+\.(?:tsx?|json))`/g)].map(([, path = '']) => path);
  const missing = named.filter((path) => !path.startsWith('/api/') && !files.some((file) => file.endsWith(`/${path}`)));
  const links = [...text.matchAll(/\]\((\.\.\/[^)#]+|[\w-]+\.md)\)/g)].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(80);
  expect([...missing, ...links.filter((path) => !existsSync(join(PAGE, '..', path)))]).toEqual([]);
});
