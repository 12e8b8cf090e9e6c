// Ways of cutting the same bytes, for the law that a cut changes nothing.
import fc from 'fast-check';

/** The bytes in chunks: at random places, mostly a few, sometimes every byte alone. Empty chunks are among them. */
export function cutsOf(bytes: Buffer): fc.Arbitrary<readonly Buffer[]> {
  const places = fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 60 });
  return fc.oneof(
    { weight: 9, arbitrary: places.map((at) => cutAt(bytes, at)) },
    { weight: 1, arbitrary: fc.constant(singles(bytes)) },
  );
}

function cutAt(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const edges = [0, ...[...places].sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

/** Each in memory of its own, as the network gives them. */
export function singles(bytes: Buffer): readonly Buffer[] {
  return Array.from(bytes, (byte) => Buffer.from([byte]));
}
