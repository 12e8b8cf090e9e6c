// The colours of a part of the screen, as long as they are few: a small hash table that is never emptied, only outdated.
import type { Area, Framebuffer } from '../framebuffer.ts';

/** As many as a Tight palette has. */
export const MAX_COLOURS = 256;
const SLOTS = 1024;

export class ColourSet {
  readonly #keys = new Uint32Array(SLOTS);
  readonly #indexes = new Uint16Array(SLOTS);
  readonly #times = new Uint32Array(SLOTS);
  readonly #colours = new Uint32Array(MAX_COLOURS);
  #time = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }
  /** In the order they were seen. A view: valid until the next clear. */
  get colours(): Uint32Array {
    return this.#colours.subarray(0, this.#size);
  }

  clear(): void {
    this.#time += 1;
    this.#size = 0;
  }

  /** False: there is no room for it. */
  add(colour: number): boolean {
    const slot = this.#slot(colour);
    if (this.#times[slot] === this.#time) return true;
    if (this.#size === MAX_COLOURS) return false;
    this.#times[slot] = this.#time;
    this.#keys[slot] = colour;
    this.#indexes[slot] = this.#size;
    this.#colours[this.#size] = colour;
    this.#size += 1;
    return true;
  }

  /** False: there are too many; those that fitted in are there then. */
  addArea({ pixels, width }: Framebuffer, area: Area): boolean {
    let last = -1;
    for (let row = area.y; row < area.y + area.height; row += 1) {
      const end = row * width + area.x + area.width;
      for (let at = end - area.width; at < end; at += 1) {
        const pixel = pixels[at] ?? 0;
        if (pixel === last) continue;
        if (!this.add(pixel)) return false;
        last = pixel;
      }
    }
    return true;
  }

  /** Of a colour that was added. */
  indexOf(colour: number): number {
    return this.#indexes[this.#slot(colour)] ?? 0;
  }

  #slot(colour: number): number {
    let slot = Math.imul(colour, 0x9e3779b1) >>> 22;
    while (this.#times[slot] === this.#time && this.#keys[slot] !== colour) slot = (slot + 1) & (SLOTS - 1);
    return slot;
  }
}
