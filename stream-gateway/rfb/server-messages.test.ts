import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { ENCODING } from './encodings.ts';
import { cutsOf, singles } from './fixtures/cuts.ts';
import { readCaptures } from './fixtures/read-capture.ts';
import { Negotiation } from './negotiation.ts';
import { parsePixelFormat } from './pixel-format.ts';
import { ServerMessageReader } from './server-messages.ts';

const TRUE_COLOUR = parsePixelFormat(Buffer.from([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]));
const CAPTURES = readCaptures();

interface Outcome {
  /** Each message with its bytes; the last may be unfinished. */
  readonly messages: readonly (readonly [name: string, hex: string, whole: boolean])[];
  readonly error: string | undefined;
}

function read(chunks: readonly Buffer[], negotiation: Negotiation): Outcome {
  const reader = new ServerMessageReader(negotiation);
  const messages: [string, string, boolean][] = [];
  try {
    for (const chunk of chunks)
      for (const piece of reader.push(chunk)) {
        const last = messages.at(-1);
        if (last === undefined || last[2]) messages.push([piece.message, piece.bytes.toString('hex'), piece.end]);
        else {
          last[1] += piece.bytes.toString('hex');
          last[2] = piece.end;
        }
      }
  } catch (error) {
    if (!(error instanceof StreamSpaceError)) throw error;
    return { messages, error: `${error.code}: ${error.message}` };
  }
  return { messages, error: undefined };
}

function negotiated(...encodings: readonly number[]): Negotiation {
  const negotiation = new Negotiation({ width: 100, height: 80, pixelFormat: TRUE_COLOUR });
  negotiation.ask(encodings);
  return negotiation;
}

const u16 = (value: number): number[] => [value >> 8, value & 0xff];
const s32 = (value: number): number[] => [(value >> 24) & 0xff, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff];
const update = (count: number): number[] => [0, 0, ...u16(count)];
const rect = (encoding: number, x: number, y: number, width: number, height: number): number[] => [
  ...[x, y, width, height].flatMap(u16),
  ...s32(encoding),
];
const BELL = 2;
const bytes = (...parts: readonly (number | readonly number[])[]): Buffer => Buffer.from(parts.flat());
/** Reads an update and a bell after it: the bell is only found when the update was framed right. */
const names = (stream: Buffer, negotiation: Negotiation): readonly string[] =>
  read([stream], negotiation).messages.map(([name]) => name);
const errorOf = (stream: Buffer, negotiation: Negotiation): string | undefined => read([stream], negotiation).error;

describe.each(CAPTURES)('what a real Xvnc sent ($name)', (capture) => {
  test('G-01 is parsed to its last byte, and nothing of it is lost or changed', () => {
    const outcome = read([capture.bytes], capture.negotiation());
    expect(outcome.error).toBeUndefined();
    expect(outcome.messages.map(([, hex]) => hex).join('')).toBe(capture.bytes.toString('hex'));
    expect(outcome.messages.at(-1)?.[2]).toBe(true);
    expect(outcome.messages.filter(([name]) => name === 'framebufferUpdate').length).toBeGreaterThan(2);
  });

  test('G-01 a stream cut at any place gives the same messages', () => {
    const stream = capture.bytes.subarray(0, 20_000);
    const whole = read([stream], capture.negotiation());
    fc.assert(
      fc.property(cutsOf(stream), (chunks) => {
        expect(read(chunks, capture.negotiation())).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });

  test('the memory of a chunk may be used again once the next one comes', () => {
    const stream = capture.bytes.subarray(0, 20_000);
    fc.assert(
      fc.property(cutsOf(stream), (chunks) => {
        const reader = new ServerMessageReader(capture.negotiation());
        const passed = chunks.flatMap((chunk) => {
          const memory = Buffer.from(chunk);
          const hex = [...reader.push(memory)].map(({ bytes }) => bytes.toString('hex'));
          memory.fill(0xaa);
          return hex;
        });
        expect(passed.join('')).toBe(stream.subarray(0, passed.join('').length / 2).toString('hex'));
        expect(stream.length - passed.join('').length / 2).toBeLessThanOrEqual(reader.heldBytes);
      }),
      { numRuns: 40 },
    );
  });

  test('byte by byte it copies each byte twice at most and holds a header at most', () => {
    const reader = new ServerMessageReader(capture.negotiation());
    let held = 0;
    for (const chunk of singles(capture.bytes)) {
      for (const piece of reader.push(chunk)) expect(piece.bytes.length).toBeGreaterThan(0);
      held = Math.max(held, reader.heldBytes);
    }
    expect(reader.copiedBytes).toBeLessThanOrEqual(2 * capture.bytes.length);
    expect(held).toBeLessThanOrEqual(9 + 64);
  });

  test('G-01 split into rectangles it gives the same bytes, whole rectangles and whole updates, however it is cut', () => {
    const stream = capture.bytes.subarray(0, 20_000);
    const split = (chunks: readonly Buffer[]): readonly string[] => {
      const reader = new ServerMessageReader(capture.negotiation(), undefined, { splitRectangles: true });
      const parts: string[] = [];
      let hex = '';
      let of: object | undefined;
      for (const chunk of chunks)
        for (const { bytes, end, rectangle } of reader.push(chunk)) {
          if (hex !== '') expect(rectangle?.header).toBe(of); // one piece never holds bytes of two
          of = rectangle?.header;
          hex += bytes.toString('hex');
          const edge = end || rectangle?.end === true;
          if (edge || rectangle === undefined) {
            parts.push(`${rectangle === undefined ? '' : rectangle.header.encoding} ${end} ${hex}`);
            hex = '';
          }
        }
      return parts;
    };
    const all = split([capture.bytes]);
    expect(all.map((part) => part.split(' ')[2]).join('')).toBe(capture.bytes.toString('hex'));
    const rectangles = (parts: readonly string[]): readonly string[] => parts.filter((part) => /^-?[0-9]/.test(part));
    expect(rectangles(all).length).toBeGreaterThan(2);
    fc.assert(
      fc.property(cutsOf(stream), (chunks) => {
        expect(rectangles(split(chunks))).toEqual(rectangles(all).slice(0, rectangles(split([stream])).length));
      }),
      { numRuns: 10 },
    );
  });

  test('mutated anywhere it ends in our error or in messages, the same for every cut', () => {
    const stream = capture.bytes.subarray(0, 8_000);
    const mutation = fc.record({ at: fc.nat({ max: stream.length - 1 }), to: fc.nat({ max: 255 }) });
    fc.assert(
      fc.property(
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat({ max: stream.length }), { maxLength: 8 }),
        (mutations, places) => {
          const mutant = Buffer.from(stream);
          for (const { at, to } of mutations) mutant[at] = to;
          const edges = [0, ...places.sort((a, b) => a - b), mutant.length];
          const chunks = edges.slice(1).map((edge, index) => mutant.subarray(edges[index], edge));
          expect(read(chunks, capture.negotiation())).toEqual(read([mutant], capture.negotiation()));
        },
      ),
      { numRuns: 60 },
    );
  });
});

test('the captures hold every kind of message and of extension that they were made for', () => {
  const seen = new Set(CAPTURES.flatMap((capture) => names(capture.bytes, capture.negotiation())));
  expect([...seen].sort()).toEqual(['bell', 'endOfContinuousUpdates', 'framebufferUpdate', 'serverCutText', 'serverFence']);
  const extensions = CAPTURES.find(({ name }) => name === 'extensions');
  const negotiation = extensions?.negotiation();
  if (extensions === undefined || negotiation === undefined) throw new Error('no capture of extensions');
  read([extensions.bytes], negotiation);
  expect([...negotiation.confirmed].sort()).toEqual([
    'continuousUpdates',
    'desktopSize',
    'extendedClipboard',
    'fence',
    'qemuKeyEvent',
  ]);
  expect([negotiation.width, negotiation.height]).toEqual([200, 120]);
});

test('random bytes end in our error or wait for more', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), (random) => {
      const outcome = read([Buffer.from(random)], negotiated(7, 5, 16, -239, -308, -312));
      expect(outcome.messages.map(([, hex]) => hex).join('').length).toBeLessThanOrEqual(2 * random.length);
    }),
  );
});

test.each([
  ['raw', [ENCODING.raw, 0, 0, 2, 2], new Array(16).fill(9)],
  ['copyRect', [ENCODING.copyRect, 0, 0, 2, 2], [0, 98, 0, 78]],
  ['rre of two rectangles', [ENCODING.rre, 0, 0, 4, 4], [...s32(2), ...new Array(4 + 2 * 12).fill(9)]],
  [
    'hextile: raw, plain, coloured',
    [ENCODING.hextile, 0, 0, 33, 1],
    [1, ...new Array(64).fill(9), 2, 1, 2, 3, 4, 24, 1, 1, 2, 3, 4, 0, 0],
  ],
  ['tight fill of three bytes', [ENCODING.tight, 0, 0, 50, 50], [0x80, 1, 2, 3]],
  ['tight fill with all streams reset', [ENCODING.tight, 0, 0, 50, 50], [0x8f, 1, 2, 3]],
  ['tight jpeg with a length of two bytes', [ENCODING.tight, 0, 0, 50, 50], [0x90, 0x80, 0x01, ...new Array(128).fill(9)]],
  [
    'tight jpeg with a length of three bytes',
    [ENCODING.tight, 0, 0, 50, 50],
    [0x90, 0x80, 0x80, 0x01, ...new Array(16_384).fill(9)],
  ],
  ['tight copy below 12 bytes, which has no length', [ENCODING.tight, 0, 0, 3, 1], [0x00, ...new Array(9).fill(9)]],
  ['tight palette of two: a bit a pixel', [ENCODING.tight, 0, 0, 9, 2], [0x40, 1, 1, 1, 2, 3, 4, 5, 6, ...new Array(4).fill(9)]],
  [
    'tight palette of three: a byte a pixel',
    [ENCODING.tight, 0, 0, 3, 3],
    [0x40, 1, 2, ...new Array(9).fill(1), ...new Array(9).fill(9)],
  ],
  ['tight palette of three, compressed', [ENCODING.tight, 0, 0, 4, 3], [0x40, 1, 2, ...new Array(9).fill(1), 2, 9, 9]],
  ['tight gradient', [ENCODING.tight, 0, 0, 4, 4], [0x50, 2, 3, 9, 9, 9]],
  ['tight png', [ENCODING.tightPng, 0, 0, 4, 4], [0xa0, 3, 9, 9, 9]],
  ['zlib', [ENCODING.zlib, 0, 0, 4, 4], [...s32(3), 9, 9, 9]],
  ['zrle', [ENCODING.zrle, 0, 0, 4, 4], [...s32(3), 9, 9, 9]],
  ['cursor with its mask', [ENCODING.cursor, 1, 1, 9, 2], new Array(9 * 2 * 4 + 4).fill(9)],
  ['VMware cursor with masks', [ENCODING.vmwareCursor, 0, 0, 2, 2], [0, 0, ...new Array(32).fill(9)]],
  ['VMware cursor with alpha', [ENCODING.vmwareCursor, 0, 0, 2, 2], [1, 0, ...new Array(16).fill(9)]],
  ['G-12 255 screens', [ENCODING.extendedDesktopSize, 0, 0, 50, 50], [255, 0, 0, 0, ...new Array(255 * 16).fill(0)]],
  ['LED state', [ENCODING.ledState, 0, 0, 0, 0], [1]],
  ['QEMU key events', [ENCODING.qemuKeyEvent, 0, 0, 0, 0], []],
  ['extended mouse buttons', [ENCODING.extendedMouseButtons, 0, 0, 0, 0], []],
  ['desktop name', [ENCODING.desktopName, 0, 0, 0, 0], [...s32(3), 65, 66, 67]],
] as const)('what follows a rectangle is framed right: %s', (_name, [encoding, x, y, width, height], body) => {
  const stream = bytes(update(1), rect(encoding, x, y, width, height), body, BELL);
  expect(read(singles(stream), negotiated(encoding))).toEqual(read([stream], negotiated(encoding)));
  expect(names(stream, negotiated(encoding))).toEqual(['framebufferUpdate', 'bell']);
});

test('G-09 an update of 65,535 rectangles ends with LastRect', () => {
  const stream = bytes(update(65_535), rect(0, 0, 0, 1, 1), [1, 2, 3, 4], rect(ENCODING.lastRect, 0, 0, 0, 0), BELL);
  expect(names(stream, negotiated(ENCODING.lastRect))).toEqual(['framebufferUpdate', 'bell']);
  expect(errorOf(stream, negotiated())).toMatch(/^RfbUnknownMessage.*-224/);
});

test('G-10 an update without rectangles is passed on', () => {
  expect(names(bytes(update(0), BELL), negotiated())).toEqual(['framebufferUpdate', 'bell']);
});

test('G-07 the compact length of a Tight rectangle may fall on the edge of a chunk', () => {
  const stream = bytes(update(1), rect(7, 0, 0, 50, 50), [0x90, 0x83, 0x80, 0x01], new Array(16_387).fill(9), BELL);
  const whole = read([stream], negotiated(7));
  expect(whole.messages.map(([name]) => name)).toEqual(['framebufferUpdate', 'bell']);
  for (let at = 15; at <= 22; at += 1) expect(read([stream.subarray(0, at), stream.subarray(at)], negotiated(7))).toEqual(whole);
});

test.each([
  ['a rectangle that is too wide', bytes(update(1), rect(0, 99, 0, 2, 1)), /RfbMalformed.*2x1 at 99,0/],
  ['a rectangle that is too high', bytes(update(1), rect(0, 0, 79, 1, 2)), /RfbMalformed/],
  ['a copy from outside', bytes(update(1), rect(1, 0, 0, 2, 2), [0, 99, 0, 0]), /RfbMalformed/],
  ['more RRE rectangles than pixels', bytes(update(1), rect(2, 0, 0, 2, 2), s32(5)), /RfbTooLarge/],
  ['a Hextile tile of kind 32', bytes(update(1), rect(5, 0, 0, 2, 2), [32]), /RfbMalformed/],
  ['a Tight compression that nobody asked for', bytes(update(1), rect(7, 0, 0, 2, 2), [0xa0]), /RfbMalformed/],
  ['a Tight filter that does not exist', bytes(update(1), rect(7, 0, 0, 2, 2), [0x40, 3]), /RfbMalformed/],
  ['a Tight palette of one', bytes(update(1), rect(7, 0, 0, 2, 2), [0x40, 1, 0]), /RfbMalformed/],
  ['ZRLE of four gigabytes', bytes(update(1), rect(16, 0, 0, 2, 2), s32(-1)), /RfbTooLarge.*4294967295/],
  ['a cursor of 513 pixels', bytes(update(1), rect(-239, 0, 0, 513, 1)), /RfbTooLarge/],
  ['a framebuffer above the limit', bytes(update(1), rect(-223, 0, 0, 16_385, 1)), /RfbTooLarge/],
  ['a framebuffer of too many pixels', bytes(update(1), rect(-223, 0, 0, 7_681, 4_320)), /RfbTooLarge/],
  ['a name above the limit', bytes(update(1), rect(-307, 0, 0, 0, 0), s32(4_097)), /RfbTooLarge/],
  ['an encoding that was not asked for', bytes(update(1), rect(21, 0, 0, 1, 1)), /RfbUnknownMessage.*21/],
  ['a colour map of 257 entries', bytes([1, 0, 0, 0, 1, 1]), /RfbMalformed/],
  ['G-13 a fence of 65 bytes', bytes([248, 0, 0, 0, 0x80, 0, 0, 0, 65]), /RfbMalformed.*65/],
  ['an xvp message', bytes([250, 0, 1, 0]), /RfbUnknownMessage.*250/],
  ['QEMU audio', bytes([255, 1, 0, 1]), /RfbUnknownMessage.*255/],
  ['an extended clipboard that was not asked for', bytes([3, 0, 0, 0], s32(-8)), /RfbMalformed/],
  ['a clipboard of two gigabytes', bytes([3, 0, 0, 0], s32(0x7fffffff)), /RfbTooLarge/],
])('%s ends the stream, on its header', (_name, stream, expected) => {
  const asked = (): Negotiation => negotiated(1, 2, 5, 7, 16, -239, -223, -307, -312);
  const outcome = read([bytes(BELL, [...stream])], asked());
  expect(outcome.error).toMatch(expected);
  expect(outcome.messages[0]).toEqual(['bell', '02', true]); // what came before is delivered
  expect(read(singles(bytes(BELL, [...stream])), asked())).toEqual(outcome);
});

test('messages of an extension that was not asked for end the stream', () => {
  expect(errorOf(bytes([248, 0, 0, 0, 0, 0, 0, 0, 0]), negotiated())).toMatch(/^RfbUnknownMessage/);
  expect(errorOf(bytes([150]), negotiated())).toMatch(/^RfbUnknownMessage/);
});

test('a clipboard above the limit is told apart, and what follows is framed right', () => {
  const length = 256 * 1024;
  const within = bytes([3, 0, 0, 0], s32(length), new Array(length).fill(65), BELL);
  const above = bytes([3, 0, 0, 0], s32(length + 1), new Array(length + 1).fill(65), BELL);
  expect(names(within, negotiated())).toEqual(['serverCutText', 'bell']);
  expect(names(above, negotiated())).toEqual(['oversizedCutText', 'bell']);
});

test('a fence comes whole, however it is cut', () => {
  const fence = bytes([248, 0, 0, 0, 0x80, 0, 0, 1, 3, 1, 2, 3]);
  const reader = new ServerMessageReader(negotiated(-312));
  const pieces = singles(fence).flatMap((chunk) => [...reader.push(chunk)]);
  expect(pieces).toEqual([{ message: 'serverFence', bytes: fence, end: true }]);
});

test('a large update passes without being kept', () => {
  const negotiation = new Negotiation({ width: 7_680, height: 4_320, pixelFormat: TRUE_COLOUR });
  const reader = new ServerMessageReader(negotiation);
  expect([...reader.push(bytes(update(1), rect(0, 0, 0, 7_680, 4_320)))]).toHaveLength(1);
  const chunk = Buffer.alloc(1024 * 1024);
  const copied = reader.copiedBytes;
  let passed = 0;
  while (passed + chunk.length <= 7_680 * 4_320 * 4) {
    for (const piece of reader.push(chunk)) passed += piece.bytes.length;
    expect(reader.heldBytes).toBe(0);
  }
  expect(reader.copiedBytes).toBe(copied);
});
