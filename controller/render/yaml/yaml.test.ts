import { expect, test } from 'vitest';
import type { Snapshot } from '../../git/snapshot.ts';
import { writeJson } from './json.ts';
import { renderYaml } from './yaml.ts';

const never = new AbortController().signal;

function snapshotOf(files: Readonly<Record<string, string | Uint8Array>>): Snapshot {
  const entries = Object.entries(files).map(([file, text]): [string, Uint8Array] => [
    file,
    typeof text === 'string' ? Buffer.from(text) : text,
  ]);
  return { path: '', files: new Map(entries), treeId: 'test' };
}

async function objectOf(yaml: string): Promise<unknown> {
  const head = 'apiVersion: v1\nkind: Thing\nmetadata: {name: a}\n';
  const { manifests } = await renderYaml(snapshotOf({ 'a.yaml': head + yaml }), never);
  return JSON.parse(writeJson(manifests[0]?.object ?? null));
}

test.each([
  ['spec: yes', true],
  ['spec: on', true],
  ['spec: "yes"', 'yes'],
  ['spec: NO', false],
  ['spec: 0777', 511],
  ['spec: 0x10', 16],
  ['spec: 0b11', 3],
  ['spec: 1_000', 1000],
  ['spec: 12:30:45', '12:30:45'],
  ['spec: 2024-01-01', '2024-01-01'],
  ['spec: 1.10', 1.1],
  ['spec: -.5', -0.5],
  ['spec: 5.', 5],
  ['spec: 1_0e2', 1000],
  ['spec: .', '.'],
  ['spec: -._', '-._'],
  ['spec: e5', 'e5'],
  ['spec: .e5', '.e5'],
  ['spec: ~', null],
])('%s is read as kubectl reads it', async (yaml, expected) => {
  expect(await objectOf(yaml)).toMatchObject({ spec: expected });
});

test('S-031 a merge key gives the merged mapping, and own keys win', async () => {
  const object = await objectOf('base: &base {a: 1, b: 2}\nspec:\n  <<: *base\n  b: 3\n');
  expect(object).toMatchObject({ spec: { a: 1, b: 3 } });
  expect(JSON.stringify(object)).not.toContain('<<');
});

test('S-033 a large integer keeps every digit, in YAML and in JSON', async () => {
  const files = {
    'a.yaml': 'apiVersion: v1\nkind: Thing\nmetadata: {name: a}\nspec: {k: 9007199254740993, m: -9223372036854775808}\n',
    'b.json': '{"apiVersion":"v1","kind":"Thing","metadata":{"name":"b"},\n\t"spec":{"n":9007199254740993}}',
  };
  const { manifests } = await renderYaml(snapshotOf(files), never);
  expect(manifests.map((each) => writeJson(each.object['spec'] ?? null))).toEqual([
    '{"k":9007199254740993,"m":-9223372036854775808}',
    '{"n":9007199254740993}',
  ]);
});

test('S-027 a byte order mark is accepted; UTF-16, invalid UTF-8 and NUL are errors with the name of the file', async () => {
  const good = Buffer.from('\uFEFFapiVersion: v1\nkind: Thing\nmetadata: {name: a}\n');
  expect((await renderYaml(snapshotOf({ 'a.yaml': good }), never)).manifests).toHaveLength(1);
  for (const bytes of [Buffer.from('a: ü', 'utf16le'), Buffer.from([0x61, 0xff, 0xfe]), Buffer.from('a: \0')]) {
    await expect(renderYaml(snapshotOf({ 'x/bad.yaml': bytes }), never)).rejects.toMatchObject({
      code: 'FileEncodingInvalid',
      position: { file: 'x/bad.yaml' },
    });
  }
});

test('S-028 an alias bomb is refused at once, and an alias that contains itself too', async () => {
  const levels = 'bcdefghi'.split('').map((name, index) => {
    const above = 'abcdefgh'[index];
    return `${name}: &${name} [${Array(9).fill(`*${above}`).join(', ')}]`;
  });
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${levels.join('\n')}\n`;
  const started = performance.now();
  await expect(renderYaml(snapshotOf({ 'bomb.yaml': bomb }), never)).rejects.toMatchObject({ code: 'YamlInvalid' });
  expect(performance.now() - started).toBeLessThan(500);
  await expect(renderYaml(snapshotOf({ 'self.yaml': 'a: &a\n  b: *a\n' }), never)).rejects.toThrow(/contains itself/);
});

test('an anchor may be used more often than a hundred times', async () => {
  const list = Array(300).fill('*x').join(', ');
  expect(await objectOf(`x: &x text\nspec: [${list}]`)).toMatchObject({ spec: Array(300).fill('text') });
});

test('S-030 a key that stands twice is an error with file and line', async () => {
  const yaml = 'apiVersion: v1\nkind: Thing\nmetadata:\n  name: a\n  name: b\n';
  await expect(renderYaml(snapshotOf({ 'dir/a.yaml': yaml }), never)).rejects.toMatchObject({
    code: 'YamlInvalid',
    position: { file: 'dir/a.yaml', line: 5 },
  });
});

test('broken YAML is an error with file, line and document', async () => {
  const yaml = 'apiVersion: v1\nkind: Thing\nmetadata: {name: a}\n---\na: [1, 2\nb: 3\n';
  await expect(renderYaml(snapshotOf({ 'a.yaml': yaml }), never)).rejects.toMatchObject({
    code: 'YamlInvalid',
    position: { file: 'a.yaml', document: 2 },
  });
});

test('S-037 empty documents are ignored and the items of a List keep their own lines', async () => {
  const yaml = [
    '---',
    '---',
    '# only a comment',
    '---',
    'apiVersion: v1',
    'kind: List',
    'items:',
    '- {apiVersion: v1, kind: Thing, metadata: {name: a}}',
    '- apiVersion: v1',
    '  kind: Thing',
    '  metadata:',
    '    name: b',
    '---',
    '',
  ].join('\n');
  const { manifests, warnings } = await renderYaml(snapshotOf({ 'list.yaml': yaml }), never);
  expect(manifests.map((each) => [each.name, each.position.line])).toEqual([
    ['a', 8],
    ['b', 9],
  ]);
  expect(manifests[1]?.lineOf(['metadata', 'name'])).toBe(12);
  expect(warnings).toEqual([]);
});

test('S-038 YAML that is no manifest is skipped with a warning that names it', async () => {
  const { manifests, warnings } = await renderYaml(snapshotOf({ 'values.yaml': 'replicas: 3\n' }), never);
  expect(manifests).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining('values.yaml:1')]);
});

test.each([
  ['apiVersion: v1\nmetadata: {name: a}', /apiVersion without kind/],
  ['kind: Thing\nmetadata: {name: a}', /kind without apiVersion/],
  ['apiVersion: v1\nkind: Thing', /no metadata.name/],
  ['apiVersion: v1\nkind: Thing\nmetadata: {generateName: a-}', /generateName/],
])('S-039 %j is refused with file and document', async (yaml, message) => {
  const error = renderYaml(snapshotOf({ 'a.yaml': `---\nx: 1\n---\n${yaml}` }), never);
  await expect(error).rejects.toThrow(message);
  await expect(error).rejects.toMatchObject({ code: 'ManifestInvalid', position: { file: 'a.yaml', document: 2 } });
});

test('a field called __proto__ is a field and nothing else', async () => {
  const { manifests } = await renderYaml(
    snapshotOf({ 'a.yaml': 'apiVersion: v1\nkind: Thing\nmetadata: {name: a}\n__proto__: {x: 1}\n' }),
    never,
  );
  expect(writeJson(manifests[0]?.object ?? null)).toContain('"__proto__":{"x":1}');
  expect(Object.getPrototypeOf({}).x).toBeUndefined();
});

test('the line of a field is that of its own document, also where the file has many of them and aliases', async () => {
  const yaml = [
    'apiVersion: v1',
    'kind: Thing',
    'metadata: {name: a}',
    '---',
    'apiVersion: v1',
    'kind: Thing',
    'metadata: &shared',
    '  name: b',
    'spec:',
    '- port: 1',
    '- copy: *shared',
    '1: {x: true}',
    '',
  ].join('\n');
  const { manifests } = await renderYaml(snapshotOf({ 'a.yaml': yaml }), never);
  const [a, b] = manifests;
  expect(a?.lineOf(['metadata', 'name'])).toBe(3);
  expect(b?.lineOf(['metadata', 'name'])).toBe(8);
  expect(b?.lineOf(['spec', 0, 'port', 'not there'])).toBe(10);
  expect(b?.lineOf(['spec', 1, 'copy', 'name'])).toBe(11);
  expect(b?.lineOf(['1', 'x'])).toBe(12);
  expect(b?.lineOf([])).toBe(5);
});
