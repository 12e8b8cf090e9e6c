import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { ClientMessageReader } from './client-messages.ts';
import { ALLOWED_ENCODINGS, ENCODING } from './encodings.ts';
import { cutsOf, singles } from './fixtures/cuts.ts';
import { Negotiation } from './negotiation.ts';
import { parsePixelFormat } from './pixel-format.ts';

const FORMAT = [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0];
const OTHER_FORMAT = [16, 16, 0, 1, 0, 31, 0, 63, 0, 31, 11, 5, 0, 0, 0, 0];

function negotiation(withheld?: ReadonlySet<number>): Negotiation {
  return new Negotiation({
    width: 100,
    height: 80,
    pixelFormat: parsePixelFormat(Buffer.from(FORMAT)),
    ...(withheld === undefined ? {} : { withheld }),
  });
}

interface Outcome {
  readonly messages: readonly (readonly [string, string])[];
  readonly error: string | undefined;
}

function read(chunks: readonly Buffer[], agreed = negotiation()): Outcome {
  const reader = new ClientMessageReader(agreed);
  const messages: [string, string][] = [];
  try {
    for (const chunk of chunks) for (const { name, bytes } of reader.push(chunk)) messages.push([name, bytes.toString('hex')]);
  } catch (error) {
    if (!(error instanceof StreamSpaceError)) throw error;
    return { messages, error: `${error.code}: ${error.message}` };
  }
  return { messages, error: undefined };
}

const s32 = (value: number): number[] => [(value >> 24) & 0xff, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff];
const encodings = (...list: readonly number[]): number[] => [2, 0, list.length >> 8, list.length & 0xff, ...list.flatMap(s32)];
const zeros = (count: number): number[] => new Array(count).fill(0);

/** One of every message there is, each at its own length. */
const EVERY: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['setPixelFormat', [0, 0, 0, 0, ...FORMAT]],
  ['setEncodings', encodings(7, 0, -239)],
  ['framebufferUpdateRequest', [3, 1, ...zeros(8)]],
  ['keyEvent', [4, 1, 0, 0, 0, 0, 0, 0x61]],
  ['pointerEvent', [5, 0x81, 0, 1, 0, 2]],
  ['clientCutText', [6, 0, 0, 0, ...s32(3), 1, 2, 3]],
  ['clientCutText', [6, 0, 0, 0, ...s32(-4), 0, 0, 0, 1]],
  ['enableContinuousUpdates', [150, 1, ...zeros(8)]],
  ['clientFence', [248, 0, 0, 0, 0, 0, 0, 1, 2, 9, 9]],
  ['xvp', [250, 0, 1, 2]],
  ['setDesktopSize', [251, 0, 0, 50, 0, 40, 1, 0, ...zeros(16)]],
  ['qemuKeyEvent', [255, 0, 0, 1, 0, 0, 0, 0x61, 0, 0, 0, 30]],
];
const STREAM = Buffer.from(EVERY.flatMap(([, bytes]) => bytes));

test('every message is found at its length', () => {
  expect(read([STREAM])).toEqual({
    messages: EVERY.map(([name, bytes]) => [name, Buffer.from(bytes).toString('hex')]),
    error: undefined,
  });
});

test('G-01 a stream of the browser cut at any place gives the same messages', () => {
  const whole = read([STREAM]);
  fc.assert(
    fc.property(cutsOf(STREAM), (chunks) => {
      expect(read(chunks)).toEqual(whole);
    }),
  );
});

test('G-18 a clipboard in single bytes is one message, at linear cost', () => {
  const clipboard = Buffer.alloc(8 + 20_000, 0x41);
  clipboard.set([6, 0, 0, 0, ...s32(20_000)]);
  const reader = new ClientMessageReader(negotiation());
  const messages = singles(clipboard).flatMap((chunk) => [...reader.push(chunk)]);
  expect(messages).toEqual([{ name: 'clientCutText', bytes: clipboard }]);
  expect(reader.copiedBytes).toBeLessThanOrEqual(clipboard.length + 16);
});

test('G-02 random bytes end in our error or wait for at most one message', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3_000 }), (random) => {
      const reader = new ClientMessageReader(negotiation());
      try {
        for (const _message of reader.push(Buffer.from(random)));
      } catch (error) {
        expect(error).toBeInstanceOf(StreamSpaceError);
      }
      expect(reader.heldBytes).toBeLessThanOrEqual(8 + (256 + 32) * 1024);
    }),
  );
});

test.each([1, 7, 8, 16, 20, 21, 80, 127, 151, 249, 252, 253, 254])('G-03 message type %i ends the stream', (type) => {
  const { messages, error } = read([Buffer.from([4, 1, 0, 0, 0, 0, 0, 0x61, type, 0, 0, 0, 0, 0])]);
  expect(messages).toHaveLength(1); // what came before is delivered
  expect(error).toMatch(new RegExp(`^RfbUnknownMessage.*${type}`));
});

test.each([
  ['G-04 65,535 encodings', [2, 0, 0xff, 0xff], /^RfbTooLarge: 65535 encodings/],
  ['G-20 a clipboard of 100 MB', [6, 0, 0, 0, ...s32(100_000_000)], /^RfbTooLarge: 100000000 bytes of clipboard/],
  ['an extended clipboard of a byte more than is skipped', [6, 0, 0, 0, ...s32(-16 * 1024 * 1024 - 1)], /^RfbTooLarge/],
  ['the most negative length there is', [6, 0, 0, 0, 0x80, 0, 0, 0], /^RfbTooLarge: 2147483648/],
  ['an extended clipboard without flags', [6, 0, 0, 0, ...s32(-3)], /^RfbMalformed/],
  ['G-13 a fence of 65 bytes', [248, 0, 0, 0, 0, 0, 0, 0, 65], /^RfbMalformed.*65/],
  ['QEMU audio', [255, 1], /^RfbUnknownMessage.*QEMU message 1/],
])('%s is refused on the header, before anything of it is there', (_name, header, expected) => {
  expect(read([Buffer.from(header)]).error).toMatch(expected);
});

test('G-20 a clipboard above the limit is its header alone; its bytes are skipped, none of them held', () => {
  for (const length of [256 * 1024 + 1, -(256 + 32) * 1024 - 1]) {
    const header = Buffer.from([6, 0, 0, 0, ...s32(length)]);
    const key = Buffer.from([4, 1, 0, 0, 0, 0, 0, 0x61]);
    const stream = Buffer.concat([header, Buffer.alloc(Math.abs(length), 4), key]);
    const reader = new ClientMessageReader(negotiation());
    expect([...reader.push(stream.subarray(0, 5_000))]).toEqual([{ name: 'clientCutText', bytes: header }]);
    expect([reader.heldBytes, reader.unfinished]).toEqual([0, true]);
    expect([...reader.push(stream.subarray(5_000))]).toEqual([{ name: 'keyEvent', bytes: key }]);
    expect(reader.unfinished).toBe(false);
  }
});

test('G-01 G-18 a clipboard that nobody may have is its header alone, however the bytes are cut', () => {
  const stream = Buffer.from([6, 0, 0, 0, ...s32(40), ...zeros(40), 6, 0, 0, 0, ...s32(-40), ...zeros(40), 4, ...zeros(7)]);
  fc.assert(
    fc.property(cutsOf(stream), (chunks) => {
      const reader = new ClientMessageReader(negotiation(), undefined, ({ extended }) => extended);
      const messages = chunks.flatMap((chunk) => [...reader.push(chunk)].map(({ name, bytes }) => `${name} ${bytes.length}`));
      expect(messages).toEqual(['clientCutText 8', 'clientCutText 48', 'keyEvent 8']);
    }),
  );
});

test('G-12 a desktop of 255 screens is one message', () => {
  expect(read([Buffer.from([251, 0, 0, 50, 0, 40, 255, 0, ...zeros(255 * 16)])]).messages).toHaveLength(1);
});

test.each([
  ['24 bits', [24, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]],
  ['a depth of zero', [32, 0, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]],
  ['a shift beyond the pixel', [16, 16, 0, 1, 0, 31, 0, 63, 0, 31, 11, 5, 16, 0, 0, 0]],
  ['a colour map of 16 bits', [16, 16, 0, 0, ...zeros(12)]],
])('a pixel format of %s is malformed', (_name, format) => {
  expect(read([Buffer.from([0, 0, 0, 0, ...format])]).error).toMatch(/^RfbMalformed/);
});

test('the pixel format may change before the first request for an update, and not after', () => {
  const change = [0, 0, 0, 0, ...OTHER_FORMAT];
  const request = [3, 0, ...zeros(8)];
  const agreed = negotiation();
  expect(read([Buffer.from([...change, ...request, ...change])], agreed).error).toBeUndefined();
  expect(agreed.pixelFormat.pixelBytes).toBe(2);
  expect(read([Buffer.from([...request, ...change])]).error).toMatch(/^RfbMalformed.*pixel format/);
});

test('G-05 the desktop is asked for what is allowed only, in the order of the browser and each once', () => {
  const asked = encodings(7, 50, -305, -309, 16, 7, -314, 17, 0, -512, ENCODING.extendedClipboard, -26, 0x574d5664);
  const [message] = read([Buffer.from(asked)]).messages;
  expect(message).toEqual([
    'setEncodings',
    Buffer.from(encodings(7, 16, 0, ENCODING.extendedClipboard, -26, 0x574d5664)).toString('hex'),
  ]);
});

test('G-05 whatever is asked for, the desktop sees a list of allowed ones without repetition', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: -520, max: 60 }), fc.constantFrom(...ALLOWED_ENCODINGS.keys())), { maxLength: 256 }),
      (wish) => {
        const [message] = read([Buffer.from(encodings(...wish))]).messages;
        const bytes = Buffer.from(message?.[1] ?? '', 'hex');
        const seen = Array.from({ length: bytes.readUInt16BE(2) }, (_, index) => bytes.readInt32BE(4 + 4 * index));
        expect(seen).toEqual([...new Set(wish)].filter((encoding) => ALLOWED_ENCODINGS.has(encoding)));
      },
    ),
  );
});

test('an encoding that is withheld is neither asked for nor taken', () => {
  const agreed = negotiation(new Set([ENCODING.continuousUpdates]));
  const [message] = read([Buffer.from(encodings(7, ENCODING.continuousUpdates))], agreed).messages;
  expect(message?.[1]).toBe(Buffer.from(encodings(7)).toString('hex'));
  expect(agreed.hasAskedFor(ENCODING.continuousUpdates)).toBe(false);
});

test('a pointer event with bit 7 is seven bytes once both ends have agreed, and six before', () => {
  const six = [5, 0x80, 0, 1, 0, 2];
  const key = [4, 1, 0, 0, 0, 0, 0, 0x61];
  expect(read([Buffer.from([...six, ...key])]).messages.map(([name]) => name)).toEqual(['pointerEvent', 'keyEvent']);
  const agreed = negotiation();
  agreed.confirm('extendedMouseButtons');
  const { messages } = read([Buffer.from([...six, 1, 5, 1, 0, 1, 0, 2, ...key])], agreed);
  expect(messages.map(([name, hex]) => `${name} ${hex.length / 2}`)).toEqual(['pointerEvent 7', 'pointerEvent 6', 'keyEvent 8']);
});
