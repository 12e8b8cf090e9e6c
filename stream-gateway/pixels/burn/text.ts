// Text as pixels, without a font file or a graphics library: what a watermark says must be there on any machine.
import { inflateRawSync } from 'node:zlib';
import { GLYPH_HEIGHT, GLYPH_RANGES, GLYPH_WIDTH, GLYPHS_DEFLATED } from './font-10x20.ts';

/** A picture of a text. */
export interface TextPicture {
  readonly width: number;
  readonly height: number;
  /** A {@link COVER} for each pixel, row by row. */
  readonly cover: Uint8Array;
}

/** Glyphs have a rim of the other colour, so that they are seen on dark and on light. */
export const COVER = { none: 0, rim: 1, ink: 2 } as const;

const BYTES_PER_GLYPH = 2 * GLYPH_HEIGHT;
const glyphs = inflateRawSync(Buffer.from(GLYPHS_DEFLATED, 'base64'));

const PLACES: ReadonlyMap<number, number> = new Map(
  GLYPH_RANGES.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => first + index)).map(
    (codePoint, place) => [codePoint, place],
  ),
);

/**
 * What can be drawn of a line: composed characters, no control characters, and any other script spelled as `U+5F20`, which
 * still says who it was, while a box or a question mark would not.
 */
export function drawable(line: string): string {
  return Array.from(line.normalize('NFC'), (character) => {
    const codePoint = character.codePointAt(0) ?? 0;
    if (PLACES.has(codePoint)) return character;
    if (codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0)) return ' ';
    return `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
  }).join('');
}

/** Lines broken where they would be wider than `maxWidth` pixels; at least one character a line. */
export function wrap(lines: readonly string[], maxWidth: number, scale: number): readonly string[] {
  const perLine = Math.max(1, Math.floor((maxWidth - 2 * scale) / (GLYPH_WIDTH * scale)));
  return lines.flatMap((line) => {
    const characters = Array.from(line);
    const parts: string[] = [];
    for (let at = 0; at === 0 || at < characters.length; at += perLine) parts.push(characters.slice(at, at + perLine).join(''));
    return parts;
  });
}

/** @param lines as {@link drawable} gives them @param scale how many pixels a pixel of the font is wide and high, from 1 */
export function drawText(lines: readonly string[], scale: number): TextPicture {
  const columns = Math.max(0, ...lines.map((line) => Array.from(line).length));
  const width = (columns * GLYPH_WIDTH + 2) * scale;
  const height = (lines.length * GLYPH_HEIGHT + 2) * scale;
  const cover = new Uint8Array(width * height);
  for (const [row, line] of lines.entries())
    for (const [column, character] of Array.from(line).entries())
      drawGlyph(cover, width, scale, {
        left: (column * GLYPH_WIDTH + 1) * scale,
        top: (row * GLYPH_HEIGHT + 1) * scale,
        place: PLACES.get(character.codePointAt(0) ?? 0),
      });
  addRim(cover, width, height, scale);
  return { width, height, cover };
}

interface Glyph {
  readonly left: number;
  readonly top: number;
  readonly place: number | undefined;
}

function drawGlyph(cover: Uint8Array, width: number, scale: number, { left, top, place }: Glyph): void {
  if (place === undefined) return;
  for (let y = 0; y < GLYPH_HEIGHT; y += 1) {
    const bits = glyphs.readUInt16BE(place * BYTES_PER_GLYPH + 2 * y);
    for (let x = 0; x < GLYPH_WIDTH; x += 1) {
      if (((bits >> (GLYPH_WIDTH - 1 - x)) & 1) === 0) continue;
      for (let row = 0; row < scale; row += 1) {
        const start = (top + y * scale + row) * width + left + x * scale;
        cover.fill(COVER.ink, start, start + scale);
      }
    }
  }
}

/** All within `scale` pixels of ink; the picture has that much room at its edges. */
function addRim(cover: Uint8Array, width: number, height: number, scale: number): void {
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      if (cover[y * width + x] !== COVER.ink) continue;
      for (let row = Math.max(0, y - scale); row <= Math.min(height - 1, y + scale); row += 1)
        for (let column = Math.max(0, x - scale); column <= Math.min(width - 1, x + scale); column += 1)
          if (cover[row * width + column] === COVER.none) cover[row * width + column] = COVER.rim;
    }
}
