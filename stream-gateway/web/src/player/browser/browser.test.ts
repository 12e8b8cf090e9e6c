// What stands in for Node's modules in a browser does as they do.
import { constants, createDeflate } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteBuffer } from './buffer.ts';
import { Inflate } from './minizlib.ts';

test('numbers are read as Node reads them, and outside of the bytes there is nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(40), fc.nat(40), (bytes, at, from) => {
      const [ours, nodes] = [ByteBuffer.from(bytes).subarray(from), Buffer.from(bytes).subarray(from)];
      if (!(ours instanceof ByteBuffer)) expect.unreachable('a part is no ByteBuffer');
      for (const read of ['readUInt8', 'readUInt16BE', 'readUInt32BE', 'readInt32BE'] as const) {
        let expected: number | undefined;
        try {
          expected = nodes[read](at);
        } catch {
          expect(() => ours[read](at)).toThrow(RangeError);
        }
        if (expected !== undefined) expect(ours[read](at)).toBe(expected);
      }
      expect(ours.toString('hex')).toBe(nodes.toString('hex'));
      const [one, other] = [new Uint8Array(9), new Uint8Array(9)];
      expect(ours.copy(one, 2, 1)).toBe(nodes.copy(other, 2, Math.min(1, nodes.length)));
      expect(one).toEqual(other);
    }),
  );
});

test('a zlib stream that is flushed after each piece gives each piece at once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300_000 }), { minLength: 1, maxLength: 5 }),
      async (pieces) => {
        const deflate = createDeflate();
        const packed: Buffer[] = [];
        deflate.on('data', (data: Buffer) => packed.push(data));
        const got: Uint8Array[] = [];
        const inflate = new Inflate({}).on('data', (data) => got.push(data));
        for (const piece of pieces) {
          await new Promise<void>((resolve) => deflate.write(piece, () => deflate.flush(constants.Z_SYNC_FLUSH, resolve)));
          inflate.write(Buffer.concat(packed.splice(0)));
          expect(Buffer.concat(got.splice(0)).equals(piece)).toBe(true);
        }
      },
    ),
    { numRuns: 15 },
  );
});

test('what is no zlib is said, and nothing comes of it afterwards', () => {
  const got: string[] = [];
  const inflate = new Inflate({}).on('data', () => got.push('data')).on('error', () => got.push('error'));
  inflate.write(Buffer.from('certainly not zlib'));
  inflate.write(Buffer.from('nor is this'));
  expect(got).toEqual(['error']);
});
