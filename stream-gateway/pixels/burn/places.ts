// Where a mark stands on the screen.
import type { TileGrid } from '../tiles.ts';

export type MarkPosition = 'tiled' | 'topLeft' | 'topRight' | 'bottomLeft' | 'bottomRight' | 'center';

export type Place = readonly [left: number, top: number];

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Between two marks, in heights of a mark: dense enough that no window of use is without one. */
const GAP = 1;
export const EDGE_PIXELS = 8;

/** The upper left corner of each mark; it may lie outside the screen in part. */
export function placesOf(grid: TileGrid, mark: Size, position: MarkPosition): readonly Place[] {
  const right = grid.width - mark.width - EDGE_PIXELS;
  const bottom = grid.height - mark.height - EDGE_PIXELS;
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
      return [[Math.floor((grid.width - mark.width) / 2), Math.floor((grid.height - mark.height) / 2)]];
    case 'tiled':
      return tiled(grid, mark);
  }
}

/** Every other row begins half a mark further left, so that there is no straight lane without one. */
function tiled(grid: TileGrid, mark: Size): readonly Place[] {
  const found: Place[] = [];
  const stepX = mark.width + GAP * mark.height;
  const stepY = (1 + GAP) * mark.height;
  for (let row = 0, top = EDGE_PIXELS; top < grid.height; row += 1, top += stepY)
    for (let left = EDGE_PIXELS - (row % 2) * Math.floor(stepX / 2); left < grid.width; left += stepX) found.push([left, top]);
  return found;
}
