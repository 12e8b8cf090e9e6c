import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutsOf } from '../rfb/fixtures/cuts.ts';
import { ClientFrameReader } from './client-frames.ts';
import { clientFrame, fragmentedMessage, hostileFrame } from './fixtures/client-frame.ts';
import { WebSocketProblem } from './protocol.ts';

const MAX = 1_000;

/** What the bytes say, the problem at the end among it. Takes copies: bytes are unmasked where they lie. */
function read(chunks: readonly Uint8Array[], maxPayload = MAX): readonly string[] {
  const reader = new ClientFrameReader(maxPayload);
  const said: string[] = [];
  let came = 0;
  try {
    for (const chunk of chunks) {
      came += chunk.length;
      reader.push(Buffer.from(chunk));
      for (let message = reader.next(); message !== undefined; message = reader.next())
        said.push(`${message.kind} ${message.payload.toString('hex')}`);
      expect(reader.heldBytes).toBeLessThanOrEqual(Math.min(came, maxPayload + 125 + 14));
    }
  } catch (error) {
    if (!(error instanceof WebSocketProblem)) throw error;
    said.push(`${error.closeCode} ${error.message}`);
  }
  return said;
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

test('the examples of RFC 6455, 5.7: a masked text, fragments of one, a ping', () => {
  expect(read([hex('81 85 37fa213d 7f9f4d5158')])).toEqual([`text ${Buffer.from('Hello').toString('hex')}`]);
  expect(read([hex('01 83 00000000 48656c'), hex('80 82 00000000 6c6f')])).toEqual(['text 48656c6c6f']);
  expect(read([hex('89 85 00000000 48656c6c6f')])).toEqual(['ping 48656c6c6f']);
});

test('any cut of the same bytes gives the same messages and the same problem', () => {
  const frames = fc.array(hostileFrame, { maxLength: 6 }).map((all) => Buffer.concat([...all, Buffer.alloc(14)]));
  fc.assert(
    fc.property(
      frames.chain((bytes) => cutsOf(bytes).map((chunks) => ({ bytes, chunks }))),
      ({ bytes, chunks }) => {
        expect(read(chunks)).toEqual(read([bytes]));
      },
    ),
    { numRuns: 500 },
  );
});

test('right frames give what was put into them, whole or in fragments, one byte at a time too', () => {
  fc.assert(
    fc.property(fc.array(fragmentedMessage, { minLength: 1, maxLength: 4 }), (messages) => {
      const bytes = Buffer.concat(messages);
      const said = read([bytes], 10_000);
      expect(said.filter((line) => /^(text|binary) /.test(line))).toHaveLength(messages.length);
      expect(said.every((line) => /^(text|binary|ping|pong) /.test(line))).toBe(true);
      expect(
        read(
          [...bytes].map((byte) => Uint8Array.of(byte)),
          10_000,
        ),
      ).toEqual(said);
    }),
    { numRuns: 60 },
  );
});

test('a whole frame is not copied: its payload is part of the chunk', () => {
  const reader = new ClientFrameReader(MAX);
  const chunk = clientFrame({ first: 0x82, payload: Buffer.from('key'), mask: Uint8Array.of(1, 2, 3, 4) });
  reader.push(chunk);
  const message = reader.next();
  expect(message?.payload.buffer).toBe(chunk.buffer);
  expect(message?.payload.toString()).toBe('key');
});

describe('is refused', () => {
  const zeros = (count: number): Uint8Array => new Uint8Array(count);
  const frame = (first: number, payload: Uint8Array | string = ''): Buffer =>
    clientFrame({ first, payload: Buffer.from(payload) });
  const REFUSED: readonly (readonly [string, number, readonly Buffer[]])[] = [
    ['a frame that is not masked', 1002, [clientFrame({ first: 0x82, payload: zeros(1), mask: null })]],
    ...[0x40, 0x20, 0x10].map((bit) => [`reserved bit ${bit}`, 1002, [frame(0x82 | bit)]] as const),
    ...[3, 7, 0xb, 0xf].map((opcode) => [`opcode ${opcode}`, 1002, [frame(0x80 | opcode)]] as const),
    ['a fragment of nothing', 1002, [frame(0x80)]],
    ['a fragment after the last one', 1002, [frame(0x02), frame(0x80), frame(0x80)]],
    ['a message within another', 1002, [frame(0x02), frame(0x82)]],
    ['a fragmented ping', 1002, [frame(0x09)]],
    ['a ping of 126 bytes', 1002, [frame(0x89, zeros(126))]],
    ['a ping that says in eight bytes that it has none', 1002, [clientFrame({ first: 0x89, payload: zeros(0), lengthBytes: 8 })]],
    ['a message above the limit, on its header alone', 1009, [clientFrame({ first: 0x82, payload: zeros(0), length: 1_001n })]],
    ['a message of 2^63 bytes', 1009, [clientFrame({ first: 0x82, payload: zeros(0), length: 2n ** 63n })]],
    ['fragments that are too large together', 1009, [frame(0x02, zeros(600)), frame(0x80, zeros(401)).subarray(0, 8)]],
    ['a fragment too many', 1009, [frame(0x02), ...Array.from({ length: 1_024 }, () => frame(0x00))]],
    ['a text that is not UTF-8', 1007, [frame(0x81, Uint8Array.of(0xc3, 0x28))]],
    ['half a character at the end of a text', 1007, [frame(0x01, Uint8Array.of(0xc3)), frame(0x80)]],
    ['a close with half a code', 1002, [frame(0x88, zeros(1))]],
    ...[0, 999, 1004, 1005, 1006, 1015, 2999, 5000].map(
      (code) => [`close code ${code}`, 1002, [frame(0x88, Uint8Array.of(code >> 8, code & 255))]] as const,
    ),
    ['a reason that is not UTF-8', 1007, [frame(0x88, Uint8Array.of(3, 232, 0xff))]],
  ];
  test.each(REFUSED)('%s', (_name, code, frames) => {
    const said = read([Buffer.concat(frames)]);
    expect(said.at(-1)).toMatch(new RegExp(`^${code} `));
  });
});

test('a character may be cut between two fragments, and the limit itself passes', () => {
  expect(
    read([
      clientFrame({ first: 0x01, payload: Uint8Array.of(0xc3) }),
      clientFrame({ first: 0x80, payload: Uint8Array.of(0xbc) }),
    ]),
  ).toEqual(['text c3bc']);
  const whole = clientFrame({ first: 0x82, payload: new Uint8Array(MAX) });
  expect(read([whole.subarray(0, 20), whole.subarray(20)])).toEqual([`binary ${'00'.repeat(MAX)}`]);
  const most = [
    clientFrame({ first: 0x02, payload: Uint8Array.of(1) }),
    ...Array.from({ length: 1_022 }, () => Buffer.from('008000000000', 'hex')),
  ];
  expect(read([...most, clientFrame({ first: 0x80, payload: Uint8Array.of(2) })])).toEqual(['binary 0102']);
});

test('after a close nothing counts', () => {
  const close = clientFrame({ first: 0x88, payload: Buffer.concat([Buffer.of(3, 232), Buffer.from('bye')]) });
  expect(read([Buffer.concat([close, Buffer.alloc(20, 0xff)]), Buffer.alloc(20, 0xff)])).toEqual(['close 03e8627965']);
});

test('a message of one byte a chunk costs linear time', () => {
  const payload = new Uint8Array(300_000);
  const frame = clientFrame({ first: 0x82, payload });
  const reader = new ClientFrameReader(payload.length);
  const from = performance.now();
  let length = 0;
  for (let at = 0; at < frame.length; at += 1) {
    reader.push(frame.subarray(at, at + 1));
    length += reader.next()?.payload.length ?? 0;
  }
  expect(length).toBe(payload.length);
  expect(performance.now() - from).toBeLessThan(3_000);
});
