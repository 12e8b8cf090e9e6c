// The picture of a desktop as the gateway holds it: one 32 bit number a pixel, in memory the bytes red, green, blue, 255.

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The smallest area that holds both. */
export function around(one: Area, other: Area): Area {
  const x = Math.min(one.x, other.x);
  const y = Math.min(one.y, other.y);
  return {
    x,
    y,
    width: Math.max(one.x + one.width, other.x + other.width) - x,
    height: Math.max(one.y + one.height, other.y + other.height) - y,
  };
}

/** As a pixel of a {@link Framebuffer}; each colour 0 to 255. */
export function rgbx(red: number, green: number, blue: number): number {
  return (red | (green << 8) | (blue << 16) | 0xff000000) >>> 0;
}

export const BLACK = rgbx(0, 0, 0);

export class Framebuffer {
  #width: number;
  #height: number;
  #pixels: Uint32Array;
  #bytes: Uint8Array;

  /** Black. @param width @param height in pixels, 0 is fine */
  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#pixels = new Uint32Array(width * height).fill(BLACK);
    this.#bytes = new Uint8Array(this.#pixels.buffer);
  }

  get width(): number {
    return this.#width;
  }
  get height(): number {
    return this.#height;
  }
  /** Row by row, without gaps. Another array after {@link resize}. */
  get pixels(): Uint32Array {
    return this.#pixels;
  }
  /** The same memory: four bytes a pixel. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  contains({ x, y, width, height }: Area): boolean {
    // Each side for itself, and none negative: an area of a negative width would pass the comparison.
    return x >= 0 && y >= 0 && width >= 0 && height >= 0 && x + width <= this.#width && y + height <= this.#height;
  }

  /** All black again, with the new size. */
  resize(width: number, height: number): void {
    this.#width = width;
    this.#height = height;
    this.#pixels = new Uint32Array(width * height).fill(BLACK);
    this.#bytes = new Uint8Array(this.#pixels.buffer);
  }

  /** @throws RangeError outside the framebuffer, as all that draws */
  fillRect(area: Area, pixel: number): void {
    this.#check(area);
    const { x, y, width, height } = area;
    for (let start = y * this.#width + x, row = 0; row < height; row += 1, start += this.#width)
      this.#pixels.fill(pixel, start, start + width);
  }

  /** Both may overlap. */
  copyRect(fromX: number, fromY: number, area: Area): void {
    this.#check(area);
    this.#check({ ...area, x: fromX, y: fromY });
    const { x, y, width, height } = area;
    for (let index = 0; index < height; index += 1) {
      // Downwards from below: a row must be read before it is written over.
      const row = y > fromY ? height - 1 - index : index;
      const from = (fromY + row) * this.#width + fromX;
      this.#pixels.copyWithin((y + row) * this.#width + x, from, from + width);
    }
  }

  /** @param source rows of `stride` pixels, the first of them at `offset` */
  blit(area: Area, source: Uint32Array, offset = 0, stride = area.width): void {
    this.#check(area);
    const { x, y, width, height } = area;
    if (width === 0 || height === 0) return;
    if (offset + (height - 1) * stride + width > source.length) throw new RangeError('too few pixels to draw');
    for (let row = 0; row < height; row += 1) {
      const from = offset + row * stride;
      this.#pixels.set(source.subarray(from, from + width), (y + row) * this.#width + x);
    }
  }

  #check(area: Area): void {
    if (this.contains(area)) return;
    const { x, y, width, height } = area;
    throw new RangeError(`${width}x${height} at ${x},${y} in a framebuffer of ${this.#width}x${this.#height}`);
  }
}
