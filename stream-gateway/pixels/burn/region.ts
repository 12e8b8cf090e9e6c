// The part of the screen that may be seen. Everything else never leaves the gateway.
import { type Area, BLACK, rgbx } from '../framebuffer.ts';
import { TILE_SIDE } from '../tiles.ts';

export interface VisibleRegion {
  /** `percent`: of the width and the height of the screen, whatever its size. */
  readonly unit: 'pixels' | 'percent';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** `mosaic` shows the mean colour of squares of 32 pixels: that something is there, not what. */
  readonly outside: 'black' | 'mosaic';
}

const MOSAIC_SIDE = 32;

/** The visible pixels; empty where the region lies outside the screen. Rounded inwards: a pixel in doubt is hidden. */
export function visibleArea(region: VisibleRegion, width: number, height: number): Area {
  const [scaleX, scaleY] = region.unit === 'percent' ? [width / 100, height / 100] : [1, 1];
  const left = clamp(Math.ceil(region.x * scaleX), width);
  const top = clamp(Math.ceil(region.y * scaleY), height);
  const right = clamp(Math.floor((region.x + region.width) * scaleX), width);
  const bottom = clamp(Math.floor((region.y + region.height) * scaleY), height);
  return { x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
}

function clamp(value: number, max: number): number {
  return Number.isFinite(value) ? Math.max(0, Math.min(max, value)) : 0;
}

/** Hides what of a tile is not visible. @param pixels of the tile, rows of 64, as they are shown inside */
export function hideOutside(pixels: Uint32Array, tile: Area, visible: Area, outside: VisibleRegion['outside']): void {
  const left = clamp(visible.x - tile.x, tile.width);
  const right = clamp(visible.x + visible.width - tile.x, tile.width);
  const top = clamp(visible.y - tile.y, tile.height);
  const bottom = clamp(visible.y + visible.height - tile.y, tile.height);
  if (left === 0 && top === 0 && right === tile.width && bottom === tile.height) return;
  const cover = outside === 'black' ? () => BLACK : mosaicOf(pixels, tile);
  for (let y = 0; y < tile.height; y += 1)
    for (let x = 0; x < tile.width; x += 1)
      if (x < left || x >= right || y < top || y >= bottom) pixels[y * TILE_SIDE + x] = cover(x, y);
}

function mosaicOf(pixels: Uint32Array, tile: Area): (x: number, y: number) => number {
  const perRow = TILE_SIDE / MOSAIC_SIDE;
  const means = new Uint32Array(perRow * perRow);
  for (let index = 0; index < means.length; index += 1) {
    const startX = (index % perRow) * MOSAIC_SIDE;
    const startY = Math.floor(index / perRow) * MOSAIC_SIDE;
    const sums = [0, 0, 0];
    let count = 0;
    for (let y = startY; y < Math.min(startY + MOSAIC_SIDE, tile.height); y += 1)
      for (let x = startX; x < Math.min(startX + MOSAIC_SIDE, tile.width); x += 1, count += 1) {
        const pixel = pixels[y * TILE_SIDE + x] ?? 0;
        for (let channel = 0; channel < 3; channel += 1)
          sums[channel] = (sums[channel] ?? 0) + ((pixel >>> (8 * channel)) & 0xff);
      }
    const mean = (channel: number): number => (count === 0 ? 0 : Math.floor((sums[channel] ?? 0) / count));
    means[index] = rgbx(mean(0), mean(1), mean(2));
  }
  return (x, y) => means[Math.floor(y / MOSAIC_SIDE) * perRow + Math.floor(x / MOSAIC_SIDE)] ?? BLACK;
}
