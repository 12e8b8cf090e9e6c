import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readGreeting, readRefs } from './advertisement.ts';
import { encodePktLine, FLUSH, readPktLines } from './pkt-line.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const lines = (...texts: readonly string[]): Buffer =>
  Buffer.concat(texts.map((text) => (text === 'flush' ? FLUSH : encodePktLine(`${text}\n`))));

async function* cut(bytes: Buffer, at: readonly number[]): AsyncGenerator<Buffer> {
  let from = 0;
  for (const end of [...at, bytes.length].toSorted((a, b) => a - b)) {
    yield bytes.subarray(from, Math.max(from, Math.min(end, bytes.length)));
    from = Math.max(from, Math.min(end, bytes.length));
  }
}

const OLD = lines(
  '# service=git-upload-pack',
  'flush',
  `${A} HEAD\0agent=git/2 object-format=sha1`,
  `${A} refs/tags/v1`,
  `${B} refs/tags/v1^{}`,
  'flush',
);
const REFS = [
  { name: 'HEAD', oid: A },
  { name: 'refs/tags/v1', oid: A, peeled: B },
];

test('the refs of protocol 0 are the same in any cut of the bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(OLD.length), { maxLength: 20 }), async (at) => {
      expect(await readGreeting(readPktLines(cut(OLD, at), 10_000))).toEqual({ version: 0, refs: REFS });
    }),
    { numRuns: 50 },
  );
});

test('protocol 2 is greeted with and without the line of the service, and its refs carry what a tag names', async () => {
  for (const head of [[], ['# service=git-upload-pack', 'flush']]) {
    const bytes = lines(...head, 'version 2', 'agent=git/2', 'ls-refs=unborn', 'flush');
    expect(await readGreeting(readPktLines(cut(bytes, []), 10_000))).toEqual({ version: 2 });
  }
  const answer = lines('unborn HEAD symref-target:refs/heads/main', `${A} HEAD`, `${A} refs/tags/v1 peeled:${B}`, 'flush');
  expect(await readRefs(readPktLines(cut(answer, [5]), 10_000))).toEqual(REFS);
});

test('an empty repository has no refs', async () => {
  const bytes = lines(`${'0'.repeat(40)} capabilities^{}\0agent=git/2`, 'flush');
  expect(await readGreeting(readPktLines(cut(bytes, []), 10_000))).toEqual({ version: 0, refs: [] });
});

test.each([
  ['S-015 SHA-256 names in protocol 2', lines('version 2', 'object-format=sha256', 'flush'), 'GitObjectFormat'],
  ['S-015 SHA-256 names in protocol 0', lines(`${'c'.repeat(64)} HEAD\0agent=git/2`, 'flush'), 'GitObjectFormat'],
  ['a page', Buffer.from('<!DOCTYPE html><title>Sign in</title>'), 'GitProtocolInvalid'],
  ['an end in the middle', lines(`${A} HEAD\0x`), 'GitProtocolInvalid'],
  ['a line that is cut', Buffer.from('00ffabc'), 'GitProtocolInvalid'],
  ['a length that is none', Buffer.from('0003'), 'GitProtocolInvalid'],
  ['a refusal', lines('ERR access denied'), 'GitUnreachable'],
  [
    'more than is read',
    Buffer.concat(Array.from({ length: 300 }, () => encodePktLine(`${A} refs/heads/x`))),
    'GitSnapshotTooLarge',
  ],
])('%s is an error of its own', async (_what, bytes, code) => {
  await expect(readGreeting(readPktLines(cut(bytes, [3, 70]), 10_000))).rejects.toMatchObject({ code });
});
