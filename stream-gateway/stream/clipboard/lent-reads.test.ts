import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Lent, LentReads } from './lent-reads.ts';

/** As node:net does it: writes into the buffer that it was given, tells, and asks for the next. */
function socketOf(reads: LentReads) {
  let buffer = reads.onread.buffer();
  return {
    get room() {
      return buffer.length;
    },
    receive: (bytes: Uint8Array): void => {
      buffer.set(bytes);
      reads.onread.callback(bytes.length);
      buffer = reads.onread.buffer();
    },
  };
}

test('what is lent stays as it was until it is released, however the reads and releases come', () => {
  const step = fc.oneof(fc.record({ read: fc.nat(1000) }), fc.record({ release: fc.nat(20) }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const reads = new LentReads();
      const out: { readonly lent: Lent; readonly fill: number; readonly length: number }[] = [];
      let fill = 0;
      let length = 0;
      reads.handOver((lent) => {
        lent.retain();
        out.push({ lent, fill, length });
        lent.release();
      });
      const socket = socketOf(reads);
      for (const each of steps) {
        if ('read' in each) {
          fill = (fill + 1) % 256;
          length = 1 + Math.floor((each.read / 1000) * (socket.room - 1));
          socket.receive(new Uint8Array(length).fill(fill));
        } else out.splice(each.release, 1)[0]?.lent.release();
        for (const kept of out) {
          expect(kept.lent.bytes.length).toBe(kept.length);
          expect(kept.lent.bytes.every((byte) => byte === kept.fill)).toBe(true);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('the memory of a busy stream goes round, and a quiet one gives it back', () => {
  const reads = new LentReads();
  const memory = new Set<ArrayBufferLike>();
  reads.handOver(({ bytes, release }) => {
    memory.add(bytes.buffer);
    release();
  });
  const socket = socketOf(reads);
  for (let count = 0; count < 100; count += 1) socket.receive(new Uint8Array(socket.room));
  expect(socket.room).toBe(32 * 1024);
  expect(memory.size).toBeLessThan(6);
  for (let count = 0; count < 3; count += 1) socket.receive(new Uint8Array(10));
  expect(socket.room).toBe(16 * 1024);
});

test('a loan that is released twice is a mistake that is not passed over', () => {
  const reads = new LentReads();
  let last: Lent | undefined;
  reads.handOver((lent) => {
    last = lent;
  });
  const socket = socketOf(reads);
  socket.receive(new Uint8Array(socket.room));
  last?.release();
  expect(() => last?.release()).toThrow(RangeError);
});
