// From the clean picture to the one that may be shown: region first, then the mark, which therefore is on hidden parts too.
// The clean picture is not touched, so what the desktop copies or moves never drags a piece of a mark along.
import type { Area, Framebuffer } from '../framebuffer.ts';
import { TILE_SIDE, type TileGrid } from '../tiles.ts';
import { hideOutside, type VisibleRegion, visibleArea } from './region.ts';
import { Watermark, type WatermarkOptions } from './watermark.ts';

/** What is burnt in. */
export interface BurnOptions {
  readonly watermark?: WatermarkOptions;
  readonly region?: VisibleRegion;
}

export class Burner {
  readonly #grid: TileGrid;
  readonly #watermark: Watermark | undefined;
  readonly #region: { readonly visible: Area; readonly outside: VisibleRegion['outside'] } | undefined;

  constructor(grid: TileGrid, { watermark, region }: BurnOptions) {
    this.#grid = grid;
    this.#watermark = watermark === undefined ? undefined : new Watermark(grid, watermark);
    this.#region =
      region === undefined ? undefined : { visible: visibleArea(region, grid.width, grid.height), outside: region.outside };
  }

  /** Whether the mark is in this tile. */
  marks(tile: number): boolean {
    return this.#watermark?.covers(tile) ?? false;
  }

  /** The pixels of a tile as they may be shown. @param into rows of 64; beyond the tile they are left as they are */
  burn(clean: Framebuffer, tile: number, into: Uint32Array): void {
    const area = this.#grid.area(tile);
    const { pixels, width } = clean;
    for (let row = 0; row < area.height; row += 1) {
      const from = (area.y + row) * width + area.x;
      const to = row * TILE_SIDE;
      for (let x = 0; x < area.width; x += 1) into[to + x] = pixels[from + x] ?? 0; // for so few pixels faster than set()
    }
    if (this.#region !== undefined) hideOutside(into, area, this.#region.visible, this.#region.outside);
    this.#watermark?.blend(tile, into);
  }
}
