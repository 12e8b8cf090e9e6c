// A watermark as the pixels it changes, tile by tile: drawn once for each text and size, then blended into whatever is sent.
import { decodePng } from '../png.ts';
import { TILE_SIDE, type TileGrid } from '../tiles.ts';
import { ImageMark } from './image-mark.ts';
import { EDGE_PIXELS, type MarkPosition, type Place, placesOf } from './places.ts';
import { COVER, drawable, drawText, type TextPicture, wrap } from './text.ts';

export interface WatermarkOptions {
  /** Who, when, from where: one line each. More than 16 lines of 200 characters are cut. */
  readonly lines: readonly string[];
  /** Above 0, up to 1. */
  readonly opacity: number;
  readonly position: MarkPosition;
  /** A PNG as base64, above the text. One that cannot be read is left out: it is the text that says who it was. */
  readonly image?: string;
  /** Size of the letters: 1 is 10 by 20 pixels. By default 1 up to 1439 rows of the screen, and one more for each 720 above. */
  readonly scale?: number;
}

const MAX_LINES = 16;
const MAX_LINE_CHARACTERS = 200;

/** Low 12 bits: where in the tile, rows of 64; bit 12: ink, else rim. */
type TileCover = Uint16Array;
const INK_BIT = 1 << 12;

export class Watermark {
  readonly #covers: readonly (TileCover | undefined)[];
  readonly #image: ImageMark | undefined;
  /** Of 256. */
  readonly #alpha: number;

  constructor(grid: TileGrid, options: WatermarkOptions) {
    this.#alpha = Math.max(0, Math.min(256, Math.round(options.opacity * 256)));
    const scale = options.scale ?? Math.max(1, Math.floor(grid.height / 720));
    const lines = options.lines.slice(0, MAX_LINES).map((line) => drawable(line.slice(0, MAX_LINE_CHARACTERS)));
    const text = drawText(wrap(lines, grid.width - 2 * EDGE_PIXELS, scale), scale);
    const image = options.image === undefined ? undefined : decodePng(options.image);
    const [imageWidth, imageHeight] = [(image?.width ?? 0) * scale, (image?.height ?? 0) * scale];
    const size = { width: Math.max(text.width, imageWidth), height: imageHeight + text.height };
    const places = placesOf(grid, size, options.position);
    const moved = (by: number, down: number): readonly Place[] => places.map(([left, top]) => [left + by, top + down]);
    this.#image =
      image === undefined
        ? undefined
        : new ImageMark(grid, image, {
            ...{ scale, opacity: options.opacity },
            places: moved(Math.floor((size.width - imageWidth) / 2), 0),
          });
    const covers: number[][] = Array.from({ length: grid.count }, () => []);
    for (const [left, top] of moved(Math.floor((size.width - text.width) / 2), imageHeight)) place(covers, grid, text, left, top);
    this.#covers = covers.map((cover) => (cover.length === 0 ? undefined : Uint16Array.from(cover)));
  }

  /** Whether any pixel of the tile is changed. */
  covers(tile: number): boolean {
    return this.#covers[tile] !== undefined || this.#image?.covers(tile) === true;
  }

  /** Blends the mark into the pixels of a tile. @param pixels rows of 64 */
  blend(tile: number, pixels: Uint32Array): void {
    this.#image?.blend(tile, pixels);
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
