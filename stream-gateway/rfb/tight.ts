// The length of a Tight rectangle (rfbproto, Tight Encoding and Tight PNG Encoding). Nothing is inflated: the four zlib
// streams belong to the two ends, and a control byte that resets them changes no length.
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { Parse, Rectangle, Source } from './source.ts';

const FILL = 0x8;
const JPEG = 0x9;
const PNG = 0xa;
const EXPLICIT_FILTER = 0x4;
const FILTER = { copy: 0, palette: 1, gradient: 2 } as const;
/** Shorter data is sent as it is, without a length. */
const MIN_COMPRESSED_BYTES = 12;

export function* passTight(source: Source, rectangle: Rectangle, options: { readonly png: boolean }): Parse<void> {
  const kind = (yield* source.take(1)).readUInt8(0) >> 4;
  if (kind === FILL) return yield* source.pass(source.negotiation.pixelFormat.tightPixelBytes);
  if (kind === JPEG || (kind === PNG && options.png)) return yield* source.pass(yield* takeCompactLength(source));
  if (kind > 7 || options.png) throw new StreamSpaceError('RfbMalformed', `Tight compression ${kind} is not known`);
  yield* passBasic(source, rectangle, kind);
}

function* passBasic(source: Source, { width, height }: Rectangle, kind: number): Parse<void> {
  const { tightPixelBytes, pixelBytes } = source.negotiation.pixelFormat;
  const filter = kind & EXPLICIT_FILTER ? (yield* source.take(1)).readUInt8(0) : FILTER.copy;
  let size = width * height * tightPixelBytes;
  if (filter === FILTER.palette) {
    const colours = (yield* source.take(1)).readUInt8(0) + 1;
    if (colours < 2) throw new StreamSpaceError('RfbMalformed', 'a Tight palette of one colour');
    yield* source.pass(colours * tightPixelBytes);
    size = colours === 2 ? Math.ceil(width / 8) * height : width * height;
  } else if (filter === FILTER.gradient) {
    if (pixelBytes === 1) throw new StreamSpaceError('RfbMalformed', 'a Tight gradient with pixels of 8 bits');
  } else if (filter !== FILTER.copy) throw new StreamSpaceError('RfbMalformed', `Tight filter ${filter} is not known`);
  yield* source.pass(size < MIN_COMPRESSED_BYTES ? size : yield* takeCompactLength(source));
}

/** One to three bytes, 7, 7 and 8 bits, the low ones first: at most 4,194,303. */
function* takeCompactLength(source: Source): Parse<number> {
  let length = 0;
  for (const [shift, mask] of [
    [0, 0x7f],
    [7, 0x7f],
    [14, 0xff],
  ] as const) {
    const byte = (yield* source.take(1)).readUInt8(0);
    length |= (byte & mask) << shift;
    if (shift === 14 || (byte & 0x80) === 0) break;
  }
  return length;
}
