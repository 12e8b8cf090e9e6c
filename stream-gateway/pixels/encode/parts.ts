// Changed tiles, put together to rectangles that are alike inside: one colour, few colours, many colours.
import type { Area, Framebuffer } from '../framebuffer.ts';
import type { TileGrid } from '../tiles.ts';
import { ColourSet } from './colour-set.ts';

export interface Part extends Area {
  /** Undefined: more than 256. */
  readonly colours: Uint32Array | undefined;
}

/** Tight allows no rectangle wider than this (rfbproto, Tight Encoding). */
const MAX_WIDTH = 2048;
/** Bounds what one rectangle makes: 768 KiB of pixels before zlib, a fifth of what a compact length can say. */
const MAX_PIXELS = 256 * 1024;

/** @param changed a flag for each tile of the grid */
export class PartFinder {
  readonly #set = new ColourSet();

  find(shown: Framebuffer, grid: TileGrid, changed: Uint8Array): readonly Part[] {
    const done: Part[] = [];
    let above: Part[] = [];
    for (let row = 0; row < grid.rows; row += 1) {
      const { runs, taller } = this.#join(above, this.#row(shown, grid, changed, row));
      done.push(...above.filter((part) => !taller.has(part)));
      above = runs;
    }
    return [...done, ...above];
  }

  /** From left to right. */
  #row(shown: Framebuffer, grid: TileGrid, changed: Uint8Array, row: number): Part[] {
    const runs: Part[] = [];
    for (let column = 0; column < grid.columns; column += 1) {
      const tile = row * grid.columns + column;
      if (!changed[tile]) continue;
      const part = this.#part(shown, grid.area(tile));
      const last = runs.at(-1);
      const touches = last !== undefined && last.x + last.width === part.x && last.width + part.width <= MAX_WIDTH;
      const both = touches ? this.#together(last, part, { ...last, width: last.width + part.width }) : undefined;
      if (both === undefined) runs.push(part);
      else runs[runs.length - 1] = both;
    }
    return runs;
  }

  /** What of the row above goes on below with the same edges becomes one. */
  #join(above: readonly Part[], below: readonly Part[]): { readonly runs: Part[]; readonly taller: ReadonlySet<Part> } {
    const byEdges = new Map(above.map((part) => [`${part.x} ${part.width}`, part]));
    const taller = new Set<Part>();
    const runs = below.map((part) => {
      const upper = byEdges.get(`${part.x} ${part.width}`);
      if (upper === undefined || upper.y + upper.height !== part.y) return part;
      const both = this.#together(upper, part, { ...upper, height: upper.height + part.height });
      if (both !== undefined) taller.add(upper);
      return both ?? part;
    });
    return { runs, taller };
  }

  #part(shown: Framebuffer, area: Area): Part {
    this.#set.clear();
    const few = this.#set.addArea(shown, area);
    return { ...area, colours: few ? this.#set.colours.slice() : undefined };
  }

  /** Undefined where they are better sent apart. */
  #together(one: Part, other: Part, area: Area): Part | undefined {
    if (area.width * area.height > MAX_PIXELS) return undefined;
    const both = { x: area.x, y: area.y, width: area.width, height: area.height };
    if (one.colours === undefined || other.colours === undefined)
      return one.colours === other.colours ? { ...both, colours: undefined } : undefined;
    // Text on a plain ground is one part with the ground beside it only when it is the same ground, and vice versa.
    if ((one.colours.length === 1) !== (other.colours.length === 1)) return undefined;
    this.#set.clear();
    for (const colour of one.colours) this.#set.add(colour);
    for (const colour of other.colours) if (!this.#set.add(colour)) return undefined;
    if (one.colours.length === 1 && this.#set.size > 1) return undefined;
    return { ...both, colours: this.#set.colours.slice() };
  }
}
