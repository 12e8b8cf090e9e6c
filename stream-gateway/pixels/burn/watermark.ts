// A watermark as the pixels it changes, tile by tile: drawn once for each text and size, then blended into whatever is sent.
import { TILE_SIDE, type TileGrid } from '../tiles.ts';
import { COVER, drawable, drawText, type TextPicture, wrap } from './text.ts';

export type MarkPosition = 'tiled' | 'topLeft' | 'topRight' | 'bottomLeft' | 'bottomRight' | 'center';

export interface WatermarkOptions {
  /** Who, when, from where: one line each. More than 16 lines of 200 characters are cut. */
  readonly lines: readonly string[];
  /** Above 0, up to 1. */
  readonly opacity: number;
  readonly position: MarkPosition;
  /** Size of the letters: 1 is 10 by 20 pixels. By default 1 up to 1439 rows of the screen, and one more for each 720 above. */
  readonly scale?: number;
}

const MAX_LINES = 16;
const MAX_LINE_CHARACTERS = 200;
/** Between two marks, in heights of a mark: dense enough that no window of use is without one. */
const GAP = 1;
const EDGE_PIXELS = 8;

/** Low 12 bits: where in the tile, rows of 64; bit 12: ink, else rim. */
type TileCover = Uint16Array;
const INK_BIT = 1 << 12;

export class Watermark {
  readonly #covers: readonly (TileCover | undefined)[];
  /** Of 256. */
  readonly #alpha: number;

  constructor(grid: TileGrid, options: WatermarkOptions) {
    this.#alpha = Math.max(0, Math.min(256, Math.round(options.opacity * 256)));
    const scale = options.scale ?? Math.max(1, Math.floor(grid.height / 720));
    const lines = options.lines.slice(0, MAX_LINES).map((line) => drawable(line.slice(0, MAX_LINE_CHARACTERS)));
    const picture = drawText(wrap(lines, grid.width - 2 * EDGE_PIXELS, scale), scale);
    const covers: number[][] = Array.from({ length: grid.count }, () => []);
    for (const [left, top] of places(grid, picture, options.position)) place(covers, grid, picture, left, top);
    this.#covers = covers.map((cover) => (cover.length === 0 ? undefined : Uint16Array.from(cover)));
  }

  /** Whether any pixel of the tile is changed. */
  covers(tile: number): boolean {
    return this.#covers[tile] !== undefined;
  }

  /** Blends the mark into the pixels of a tile. @param pixels rows of 64 */
  blend(tile: number, pixels: Uint32Array): void {
    const cover = this.#covers[tile];
    if (cover === undefined) return;
    const alpha = this.#alpha;
    const rest = 256 - alpha;
    for (let index = 0; index < cover.length; index += 1) {
      const entry = cover[index] ?? 0;
      const at = entry & (INK_BIT - 1);
      const pixel = pixels[at] ?? 0;
      // White ink, black rim; red and blue at once, 8 bits apart so that neither runs into the other.
      const ink = entry & INK_BIT ? alpha : 0;
      const redBlue = ((pixel & 0xff00ff) * rest + 0xff00ff * ink) >>> 8;
      const green = ((pixel & 0x00ff00) * rest + 0x00ff00 * ink) >>> 8;
      pixels[at] = ((redBlue & 0xff00ff) | (green & 0x00ff00) | 0xff000000) >>> 0;
    }
  }
}

type Place = readonly [left: number, top: number];

function places(grid: TileGrid, picture: TextPicture, position: MarkPosition): readonly Place[] {
  const right = grid.width - picture.width - EDGE_PIXELS;
  const bottom = grid.height - picture.height - EDGE_PIXELS;
  switch (position) {
    case 'topLeft':
      return [[EDGE_PIXELS, EDGE_PIXELS]];
    case 'topRight':
      return [[right, EDGE_PIXELS]];
    case 'bottomLeft':
      return [[EDGE_PIXELS, bottom]];
    case 'bottomRight':
      return [[right, bottom]];
    case 'center':
      return [[Math.floor((grid.width - picture.width) / 2), Math.floor((grid.height - picture.height) / 2)]];
    case 'tiled':
      return tiled(grid, picture);
  }
}

/** Every other row begins half a mark further left, so that there is no straight lane without one. */
function tiled(grid: TileGrid, picture: TextPicture): readonly Place[] {
  const found: Place[] = [];
  const stepX = picture.width + GAP * picture.height;
  const stepY = (1 + GAP) * picture.height;
  for (let row = 0, top = EDGE_PIXELS; top < grid.height; row += 1, top += stepY)
    for (let left = EDGE_PIXELS - (row % 2) * Math.floor(stepX / 2); left < grid.width; left += stepX) found.push([left, top]);
  return found;
}

function place(covers: number[][], grid: TileGrid, picture: TextPicture, left: number, top: number): void {
  for (let y = Math.max(0, -top); y < picture.height && top + y < grid.height; y += 1)
    for (let x = Math.max(0, -left); x < picture.width && left + x < grid.width; x += 1) {
      const kind = picture.cover[y * picture.width + x];
      if (kind === undefined || kind === COVER.none) continue;
      const [column, row] = [left + x, top + y];
      const tile = Math.floor(row / TILE_SIDE) * grid.columns + Math.floor(column / TILE_SIDE);
      const at = (row % TILE_SIDE) * TILE_SIDE + (column % TILE_SIDE);
      covers[tile]?.push(at | (kind === COVER.ink ? INK_BIT : 0));
    }
}
