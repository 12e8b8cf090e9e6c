// The filter beside the parser of the terminal that the page uses: whatever a program writes, what is left sets no clipboard.
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { OutputFilter } from '../../dlp/console/output-filter.ts';

const SECRET = Buffer.from('secret').toString('base64');
const PIECES = [
  '\u001b',
  '\u001b]',
  ']',
  '52',
  '5',
  '2',
  ';',
  `52;c;${SECRET}`,
  '?',
  '\u0007',
  '\\',
  '\u009d',
  '\u009c',
  '\u0018',
];
const CONTROLS = ['\u0000', '\r', '\ufeff', '\u007f', '\u0085', '[', 'P', '_', 'X', ' ', 'x', 'ü'];
const RAW = [Buffer.of(0x9d), Buffer.of(0xff), Buffer.of(0xc2), Buffer.of(0xe2, 0x80), Buffer.of(0xf0)];
const piece = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...PIECES).map((text) => Buffer.from(text)) },
  { weight: 2, arbitrary: fc.constantFrom(...CONTROLS).map((text) => Buffer.from(text)) },
  { weight: 1, arbitrary: fc.constantFrom(...RAW) },
);
/** A whole one, with other things at places within it. */
const disguised = fc
  .tuple(
    fc.constantFrom('\u001b]', '\u009d'),
    fc.constantFrom('\u0007', '\u001b\\', '\u009c'),
    fc.array(fc.tuple(fc.nat(18), piece), { maxLength: 2 }),
  )
  .map(([begin, end, disguises]) => {
    let bytes = Buffer.from(`${begin}52;c;${SECRET}${end}`);
    for (const [at, what] of disguises) bytes = Buffer.concat([bytes.subarray(0, at), what, bytes.subarray(at)]);
    return bytes;
  });
const hostile = fc.array(fc.oneof(piece, disguised), { maxLength: 20 }).map((parts) => Buffer.concat(parts));

test('G-68 xterm.js finds no clipboard in what the filter leaves, and finds one in what it was given', async () => {
  vi.stubGlobal('matchMedia', () => ({
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    matches: false,
  }));
  const { Terminal } = await import('@xterm/xterm');
  const terminal = new Terminal({ cols: 80, rows: 24, logLevel: 'off' });
  let found = 0;
  terminal.parser.registerOscHandler(52, () => {
    found += 1;
    return true;
  });
  const seenIn = async (bytes: Uint8Array): Promise<number> => {
    found = 0;
    terminal.reset();
    // A string escape of the run before is left behind.
    await new Promise<void>((resolve) => terminal.write(new Uint8Array([0x18, ...bytes]), resolve));
    return found;
  };
  let inInput = 0;
  await fc.assert(
    fc.asyncProperty(hostile, async (bytes) => {
      const items = [...new OutputFilter().push(bytes)];
      const passed = items.map((item) => (item.kind === 'text' ? item.text : '')).join('');
      inInput += await seenIn(bytes);
      expect(await seenIn(Buffer.from(passed))).toBe(0);
    }),
    { numRuns: 1_000 },
  );
  expect(inInput).toBeGreaterThan(100);
  terminal.dispose();
}, 60_000);
