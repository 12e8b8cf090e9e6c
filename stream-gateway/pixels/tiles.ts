// The grid in which changes are found, marked and sent: squares of 64 pixels, smaller at the right and lower edge.
import type { Area } from './framebuffer.ts';

export const TILE_SIDE = 64;

export class TileGrid {
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;

  /** @param width @param height of the framebuffer, in pixels */
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.columns = Math.ceil(width / TILE_SIDE);
    this.rows = Math.ceil(height / TILE_SIDE);
  }

  get count(): number {
    return this.columns * this.rows;
  }

  /** @param index row by row, from 0 */
  area(index: number): Area {
    const x = (index % this.columns) * TILE_SIDE;
    const y = Math.floor(index / this.columns) * TILE_SIDE;
    return { x, y, width: Math.min(TILE_SIDE, this.width - x), height: Math.min(TILE_SIDE, this.height - y) };
  }

  /** Sets the flag of every tile that `area` touches. What lies outside the framebuffer is left out. */
  mark(flags: Uint8Array, area: Area): void {
    if (area.width <= 0 || area.height <= 0) return;
    const right = Math.min(this.columns - 1, Math.floor((area.x + area.width - 1) / TILE_SIDE));
    const bottom = Math.min(this.rows - 1, Math.floor((area.y + area.height - 1) / TILE_SIDE));
    for (let row = Math.max(0, Math.floor(area.y / TILE_SIDE)); row <= bottom; row += 1)
      for (let column = Math.max(0, Math.floor(area.x / TILE_SIDE)); column <= right; column += 1)
        flags[row * this.columns + column] = 1;
  }
}
