// The picture of a watermark, blended where it stands. Only its places are kept for each tile: a large picture all over a
// screen would else be held once a viewer and pixel.
import type { Picture } from '../png.ts';
import { TILE_SIDE, type TileGrid } from '../tiles.ts';
import type { Place } from './places.ts';

export class ImageMark {
  readonly #grid: TileGrid;
  readonly #picture: Picture;
  readonly #scale: number;
  /** Of 256. */
  readonly #alpha: number;
  readonly #places: readonly Place[][];

  /** @param scale how many pixels a pixel of the picture is wide and high, from 1 @param opacity above 0, up to 1 */
  constructor(grid: TileGrid, picture: Picture, options: { scale: number; opacity: number; places: readonly Place[] }) {
    this.#grid = grid;
    this.#picture = picture;
    this.#scale = options.scale;
    this.#alpha = Math.max(0, Math.min(256, Math.round(options.opacity * 256)));
    this.#places = Array.from({ length: grid.count }, () => []);
    const [width, height] = [picture.width * options.scale, picture.height * options.scale];
    const flags = new Uint8Array(grid.count);
    for (const place of options.places) {
      const [x, y] = place;
      // What lies to the left or above the screen is no tile.
      const [left, top] = [Math.max(0, x), Math.max(0, y)];
      grid.mark(flags.fill(0), { x: left, y: top, width: x + width - left, height: y + height - top });
      for (let tile = 0; tile < flags.length; tile += 1) if (flags[tile] === 1) this.#places[tile]?.push(place);
    }
  }

  covers(tile: number): boolean {
    return (this.#places[tile]?.length ?? 0) > 0;
  }

  /** @param pixels rows of 64 */
  blend(tile: number, pixels: Uint32Array): void {
    const area = this.#grid.area(tile);
    const scale = this.#scale;
    const { width, height } = this.#picture;
    for (const [left, top] of this.#places[tile] ?? []) {
      const [fromX, fromY] = [Math.max(area.x, left), Math.max(area.y, top)];
      const toX = Math.min(area.x + area.width, left + width * scale);
      const toY = Math.min(area.y + area.height, top + height * scale);
      for (let y = fromY; y < toY; y += 1) {
        const row = Math.floor((y - top) / scale) * width;
        for (let x = fromX; x < toX; x += 1)
          this.#blendPixel(pixels, (y - area.y) * TILE_SIDE + x - area.x, row + Math.floor((x - left) / scale));
      }
    }
  }

  #blendPixel(pixels: Uint32Array, at: number, from: number): void {
    const { rgba } = this.#picture;
    const alpha = Math.round((this.#alpha * (rgba[4 * from + 3] ?? 0)) / 255);
    if (alpha === 0) return;
    const rest = 256 - alpha;
    const under = pixels[at] ?? 0;
    const mixed = (channel: number): number =>
      ((((under >>> (8 * channel)) & 0xff) * rest + (rgba[4 * from + channel] ?? 0) * alpha) >>> 8) << (8 * channel);
    pixels[at] = (mixed(0) | mixed(1) | mixed(2) | 0xff000000) >>> 0;
  }
}
