// The lengths of rectangles by encoding (RFC 6143, 7.7 and 7.8, and rfbproto). What has no row here is not in the
// allow-list either, so a server has no right to send it.
import { StreamSpaceError } from '../../schemas/errors.ts';
import { ENCODING } from './encodings.ts';
import { fitsFramebuffer } from './limits.ts';
import { PASSED, type Parse, type Rectangle, type Source } from './source.ts';
import { passTight } from './tight.ts';

type Body = (source: Source, rectangle: Rectangle) => Parse<void>;

/** Pixels at a place: the rectangle must lie within the framebuffer. */
const PIXELS: ReadonlyMap<number, Body> = new Map<number, Body>([
  [ENCODING.raw, (source, { width, height }) => source.pass(width * height * source.negotiation.pixelFormat.pixelBytes)],
  [ENCODING.copyRect, passCopyRect],
  [ENCODING.rre, passRre],
  [ENCODING.hextile, passHextile],
  [ENCODING.tight, (source, rectangle) => passTight(source, rectangle, { png: false })],
  [ENCODING.tightPng, (source, rectangle) => passTight(source, rectangle, { png: true })],
  [ENCODING.zlib, (source, rectangle) => passDeflated(source, rectangle, 'zlib')],
  [ENCODING.zrle, (source, rectangle) => passDeflated(source, rectangle, 'ZRLE')],
]);

/** Everything else: position and size mean something of their own. */
const PSEUDO: ReadonlyMap<number, Body> = new Map<number, Body>([
  [ENCODING.cursor, passCursor],
  [ENCODING.vmwareCursor, passVmwareCursor],
  [ENCODING.desktopSize, resizeTo],
  [ENCODING.extendedDesktopSize, passExtendedDesktopSize],
  [ENCODING.desktopName, passDesktopName],
  [ENCODING.ledState, (source) => source.pass(1)],
  [ENCODING.qemuKeyEvent, (source) => confirm(source, 'qemuKeyEvent')],
  [ENCODING.extendedMouseButtons, (source) => confirm(source, 'extendedMouseButtons')],
]);

/** Reads what follows the header of a rectangle. LastRect is the business of the update. */
export function passRectangle(source: Source, rectangle: Rectangle): Parse<void> {
  const { encoding, x, y, width, height } = rectangle;
  if (!source.negotiation.hasAskedFor(encoding))
    throw new StreamSpaceError('RfbUnknownMessage', `the desktop used encoding ${encoding} without being asked to`, {
      facts: { encoding },
    });
  const pixels = PIXELS.get(encoding);
  if (pixels !== undefined) {
    const { width: maxX, height: maxY } = source.negotiation;
    // Each side for itself: comparing areas is the mistake behind more than one advisory.
    if (x + width > maxX || y + height > maxY)
      throw new StreamSpaceError(
        'RfbMalformed',
        `a rectangle of ${width}x${height} at ${x},${y} in a framebuffer of ${maxX}x${maxY}`,
      );
    return pixels(source, rectangle);
  }
  const pseudo = PSEUDO.get(encoding);
  if (pseudo === undefined)
    throw new StreamSpaceError('RfbUnknownMessage', `encoding ${encoding} of the desktop has no rectangles`, {
      facts: { encoding },
    });
  return pseudo(source, rectangle);
}

// 7.7.2: where the pixels come from.
function* passCopyRect(source: Source, { width, height }: Rectangle): Parse<void> {
  const from = yield* source.take(4);
  const { width: maxX, height: maxY } = source.negotiation;
  if (from.readUInt16BE(0) + width > maxX || from.readUInt16BE(2) + height > maxY)
    throw new StreamSpaceError('RfbMalformed', 'a copy from outside the framebuffer');
}

// 7.7.3: a background, then rectangles of one colour each.
function* passRre(source: Source, { width, height }: Rectangle): Parse<void> {
  const { pixelBytes } = source.negotiation.pixelFormat;
  const count = (yield* source.take(4)).readUInt32BE(0);
  if (count > width * height)
    throw new StreamSpaceError('RfbTooLarge', `${count} rectangles in ${width * height} pixels`, { facts: { count } });
  yield* source.pass(pixelBytes + count * (pixelBytes + 8));
}

const HEXTILE = { raw: 1, background: 2, foreground: 4, any: 8, coloured: 16 } as const;

// 7.7.4: tiles of 16 by 16, each with a mask that says what follows.
function* passHextile(source: Source, { width, height }: Rectangle): Parse<void> {
  const { pixelBytes } = source.negotiation.pixelFormat;
  for (let top = 0; top < height; top += 16) {
    for (let left = 0; left < width; left += 16) {
      const mask = (source.tryTake(1) ?? (yield* source.take(1))).readUInt8(0);
      if (mask > 31) throw new StreamSpaceError('RfbMalformed', `a Hextile tile of kind ${mask}`);
      if (mask & HEXTILE.raw) {
        yield* source.pass(Math.min(16, width - left) * Math.min(16, height - top) * pixelBytes);
        continue;
      }
      const colours = (mask & HEXTILE.background ? pixelBytes : 0) + (mask & HEXTILE.foreground ? pixelBytes : 0);
      if (mask & HEXTILE.any) {
        const head = source.tryTake(colours + 1) ?? (yield* source.take(colours + 1));
        yield* source.pass(head.readUInt8(colours) * (mask & HEXTILE.coloured ? pixelBytes + 2 : 2));
      } else yield* source.pass(colours);
    }
  }
}

// zlib (rfbproto) and ZRLE (7.7.6): one zlib stream each. The worst of ZRLE is a run of one for every pixel; twice the pixels
// leaves zlib room to grow.
function* passDeflated(source: Source, { width, height }: Rectangle, name: string): Parse<void> {
  const length = (yield* source.take(4)).readUInt32BE(0);
  const max = 2 * width * height * source.negotiation.pixelFormat.pixelBytes + 64 * 1024;
  if (length > max)
    throw new StreamSpaceError('RfbTooLarge', `${length} bytes for a ${name} rectangle of ${width}x${height}`, {
      facts: { length, max },
    });
  yield* source.pass(length);
}

function checkCursor(source: Source, { width, height }: Rectangle): void {
  const max = source.limits.maxCursorSide;
  if (width > max || height > max)
    throw new StreamSpaceError('RfbTooLarge', `a cursor of ${width}x${height}; at most ${max}x${max} is allowed`);
}

// 7.8.1: pixels, then a mask of one bit a pixel.
function* passCursor(source: Source, rectangle: Rectangle): Parse<void> {
  checkCursor(source, rectangle);
  const { width, height } = rectangle;
  yield* source.pass(width * height * source.negotiation.pixelFormat.pixelBytes + Math.ceil(width / 8) * height);
}

// VMware Cursor: a kind, a padding; then two masks of whole pixels, or pixels with alpha.
function* passVmwareCursor(source: Source, rectangle: Rectangle): Parse<void> {
  checkCursor(source, rectangle);
  const kind = (yield* source.take(2)).readUInt8(0);
  if (kind > 1) throw new StreamSpaceError('RfbMalformed', `a VMware cursor of kind ${kind}`);
  const bytes = kind === 0 ? 2 * source.negotiation.pixelFormat.pixelBytes : 4;
  yield* source.pass(rectangle.width * rectangle.height * bytes);
}

// 7.8.2. It has no bytes of its own.
function resizeTo(source: Source, { width, height }: Rectangle): Parse<void> {
  if (!fitsFramebuffer(source.limits, width, height))
    throw new StreamSpaceError('RfbTooLarge', `a framebuffer of ${width}x${height}`, { facts: { width, height } });
  source.negotiation.resize(width, height);
  return PASSED;
}

// ExtendedDesktopSize: x is the reason, y the status. After a request that failed the size is the old one.
function* passExtendedDesktopSize(source: Source, rectangle: Rectangle): Parse<void> {
  const count = yield* source.take(4);
  source.negotiation.confirm('desktopSize');
  if (!(rectangle.x === 1 && rectangle.y !== 0)) yield* resizeTo(source, rectangle);
  const head = Buffer.from(count);
  const screens = Buffer.concat([head, yield* source.take(16 * head.readUInt8(0))]);
  const { width, height } = source.negotiation;
  source.negotiation.layOut({ width, height, screens, by: rectangle.x, status: rectangle.y });
}

// DesktopName.
function* passDesktopName(source: Source): Parse<void> {
  const length = (yield* source.take(4)).readUInt32BE(0);
  const { maxNameBytes } = source.limits;
  if (length > maxNameBytes)
    throw new StreamSpaceError('RfbTooLarge', `a name of ${length} bytes; at most ${maxNameBytes} are allowed`);
  yield* source.pass(length);
}

function confirm(source: Source, extension: 'qemuKeyEvent' | 'extendedMouseButtons'): Parse<void> {
  source.negotiation.confirm(extension);
  return PASSED;
}
