// Bytes that come in parts and are wanted as one. Grows with what has come, never with what was announced.

const SMALLEST = 256;

export class Gathered {
  #buffer: Buffer | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Copies them: at most twice a byte, as the room doubles. */
  append(part: Buffer): void {
    const length = this.#length + part.length;
    if (this.#buffer === undefined || this.#buffer.length < length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(SMALLEST, 2 * this.#length, length));
      this.#buffer?.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    part.copy(this.#buffer, this.#length);
    this.#length = length;
  }

  /** Everything, once; whoever takes it owns it. */
  take(): Buffer {
    const whole = this.#buffer?.subarray(0, this.#length) ?? Buffer.alloc(0);
    this.#buffer = undefined;
    this.#length = 0;
    return whole;
  }
}
