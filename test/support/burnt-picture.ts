// The picture that a marked stream or recording has to show, made from what a client sees that no policy limits.
import { Burner, type BurnOptions } from '../../stream-gateway/pixels/burn/burner.ts';
import { Framebuffer } from '../../stream-gateway/pixels/framebuffer.ts';
import { TILE_SIDE, TileGrid } from '../../stream-gateway/pixels/tiles.ts';
import type { RfbClient } from './rfb-client.ts';

/** Red, green and blue alone: the fourth byte means nothing. */
export function colours(client: RfbClient): Uint32Array {
  return Uint32Array.from({ length: client.pixels.length / 4 }, (_, at) => client.pixels.readUInt32LE(4 * at) & 0xffffff);
}

/** The picture of a plain client with the mark in it. */
export function burnt(client: RfbClient, burn: BurnOptions): Uint32Array {
  const clean = new Framebuffer(client.width, client.height);
  clean.pixels.set(colours(client));
  const grid = new TileGrid(client.width, client.height);
  const burner = new Burner(grid, burn);
  const tile = new Uint32Array(TILE_SIDE * TILE_SIDE);
  const picture = new Uint32Array(client.width * client.height);
  for (let index = 0; index < grid.count; index += 1) {
    burner.burn(clean, index, tile);
    const area = grid.area(index);
    for (let y = 0; y < area.height; y += 1)
      for (let x = 0; x < area.width; x += 1)
        picture[(area.y + y) * client.width + area.x + x] = (tile[y * TILE_SIDE + x] ?? 0) & 0xffffff;
  }
  return picture;
}

export function bytesOf({ buffer }: Uint32Array): Buffer {
  return Buffer.from(buffer);
}
