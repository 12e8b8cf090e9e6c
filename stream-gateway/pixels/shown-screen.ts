// What the browser shows: which tiles differ from it, burnt and encoded. The clean picture is never encoded.

import type { BrowserWishes } from './browser-wishes.ts';
import { Burner, type BurnOptions } from './burn/burner.ts';
import { PartFinder } from './encode/parts.ts';
import { RawEncoder, type RectangleEncoder } from './encode/rectangle-encoder.ts';
import { TightEncoder } from './encode/tight-encoder.ts';
import { ZrleEncoder } from './encode/zrle-encoder.ts';
import { type Area, Framebuffer } from './framebuffer.ts';
import { TILE_SIDE, TileGrid } from './tiles.ts';

export class ShownScreen {
  readonly #clean: Framebuffer;
  readonly #shown = new Framebuffer(0, 0);
  readonly #finder = new PartFinder();
  readonly #tile = new Uint32Array(TILE_SIDE * TILE_SIDE);
  #grid = new TileGrid(0, 0);
  #burn: BurnOptions;
  #burner: Burner;
  /** Tiles that may differ from what is shown, and tiles to be sent even if they do not. */
  #dirty = new Uint8Array(0);
  #forced = new Uint8Array(0);
  #encoder: RectangleEncoder = new RawEncoder();
  /** Their zlib streams go on where they were, whatever came between; so does their first level of compression. */
  #tight: TightEncoder | undefined;
  #zrle: ZrleEncoder | undefined;

  /** @param clean the desktop's picture, which others draw into */
  constructor(clean: Framebuffer, burn: BurnOptions) {
    this.#clean = clean;
    this.#burn = burn;
    this.#burner = new Burner(this.#grid, burn);
    this.resize();
  }

  /** The picture with the marks, as far as it was sent. */
  get framebuffer(): Framebuffer {
    return this.#shown;
  }

  /** After the clean picture has another size: all of it is to be sent. */
  resize(): void {
    const { width, height } = this.#clean;
    this.#shown.resize(width, height);
    this.#grid = new TileGrid(width, height);
    this.#burner = new Burner(this.#grid, this.#burn);
    this.#dirty = new Uint8Array(this.#grid.count).fill(1);
    this.#forced = new Uint8Array(this.#grid.count).fill(1);
  }

  /** `area` of the clean picture was drawn. */
  touch(area: Area): void {
    this.#grid.mark(this.#dirty, area);
  }

  /** The browser wants `area` whether it has it or not. */
  force(area: Area): void {
    this.#grid.mark(this.#forced, area);
  }

  /** From now on this is burnt in. */
  setBurn(burn: BurnOptions): void {
    const before = this.#burner;
    const sameRegion = JSON.stringify(burn.region) === JSON.stringify(this.#burn.region);
    this.#burn = burn;
    this.#burner = new Burner(this.#grid, burn);
    for (let tile = 0; tile < this.#grid.count; tile += 1)
      if (!sameRegion || before.marks(tile) || this.#burner.marks(tile)) this.#dirty[tile] = 1;
  }

  setWishes({ encoding, level, jpeg }: BrowserWishes): void {
    if (encoding === 'tight') {
      this.#tight ??= new TightEncoder(level);
      this.#tight.jpeg = jpeg;
      this.#encoder = this.#tight;
    } else if (encoding === 'zrle') {
      this.#zrle ??= new ZrleEncoder(level);
      this.#encoder = this.#zrle;
    } else this.#encoder = new RawEncoder();
  }

  /** Rectangles that bring the browser up to date within `area`, each as one buffer; none if it is. */
  encode(area: Area): readonly Buffer[] {
    const changed = this.#changed(area);
    if (changed === undefined) return [];
    return this.#finder
      .find(this.#shown, this.#grid, changed)
      .map((part) => Buffer.concat(this.#encoder.encode(this.#shown, part)));
  }

  /** Frees the memory of its zlib streams. */
  close(): void {
    this.#tight?.close();
    this.#zrle?.close();
  }

  /** Burns what is dirty and takes over what differs; undefined when nothing does. */
  #changed(area: Area): Uint8Array | undefined {
    const asked = new Uint8Array(this.#grid.count);
    this.#grid.mark(asked, area);
    const changed = new Uint8Array(this.#grid.count);
    let any = false;
    for (let tile = 0; tile < this.#grid.count; tile += 1) {
      if (!asked[tile] || !(this.#dirty[tile] || this.#forced[tile])) continue;
      this.#burner.burn(this.#clean, tile, this.#tile);
      if (this.#takeOver(this.#grid.area(tile)) || this.#forced[tile]) {
        changed[tile] = 1;
        any = true;
      }
      this.#dirty[tile] = 0;
      this.#forced[tile] = 0;
    }
    return any ? changed : undefined;
  }

  /** Whether the tile differed from what was shown. */
  #takeOver(area: Area): boolean {
    const { pixels, width } = this.#shown;
    const tile = this.#tile;
    let differs = 0;
    for (let row = 0; row < area.height; row += 1) {
      const to = (area.y + row) * width + area.x;
      const from = row * TILE_SIDE;
      for (let x = 0; x < area.width; x += 1) {
        const pixel = tile[from + x] ?? 0;
        differs |= (pixels[to + x] ?? 0) ^ pixel;
        pixels[to + x] = pixel;
      }
    }
    return differs !== 0;
  }
}
