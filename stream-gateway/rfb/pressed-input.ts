// Which keys and buttons of one client are down, so that they can be let go when it leaves: a Ctrl that stays down makes a
// desktop useless for everybody else.
import type { ClientMessage } from './client-messages.ts';

/** People have ten fingers; a client that holds more is broken, and its further keys are not forwarded. */
export const MAX_PRESSED_KEYS = 128;

/** Above every keysym. */
const KEYCODES = 2 ** 32;

/** Whether a message presses a key, or repeats one; undefined for what is no key at all. */
export function keyDown({ name, bytes }: ClientMessage): boolean | undefined {
  if (name === 'keyEvent') return bytes.readUInt8(1) !== 0;
  return name === 'qemuKeyEvent' ? bytes.readUInt16BE(2) !== 0 : undefined;
}

interface Position {
  readonly x: number;
  readonly y: number;
}

export class PressedInput {
  /** Keysyms, by themselves (KeyEvent) or by {@link KEYCODES} and the keycode (QEMU); the newest last. */
  readonly #keys = new Map<number, number>();
  #buttons = 0;
  #position: Position = { x: 0, y: 0 };

  /** Notes a message that is about to be forwarded. False: too many keys are down, do not forward it. */
  note(message: ClientMessage): boolean {
    const { name, bytes } = message;
    switch (name) {
      case 'keyEvent':
        return this.#key(bytes.readUInt32BE(4), keyDown(message) === true, bytes.readUInt32BE(4));
      case 'qemuKeyEvent':
        return this.#key(KEYCODES + bytes.readUInt32BE(8), keyDown(message) === true, bytes.readUInt32BE(4));
      case 'pointerEvent':
        // The seventh byte holds the buttons from 8 on; bit 7 of the first only says that it is there.
        this.#buttons =
          (bytes.readUInt8(1) & (bytes.length === 7 ? 0x7f : 0xff)) | (bytes.length === 7 ? bytes.readUInt8(6) << 7 : 0);
        this.#position = { x: bytes.readUInt16BE(2), y: bytes.readUInt16BE(4) };
        return true;
      case 'setPixelFormat':
      case 'setEncodings':
      case 'framebufferUpdateRequest':
      case 'clientCutText':
      case 'enableContinuousUpdates':
      case 'clientFence':
      case 'xvp':
      case 'setDesktopSize':
        return true;
    }
  }

  /** Messages that let everything go, newest key first; afterwards nothing is down. */
  release(): readonly Buffer[] {
    const messages = [...this.#keys].reverse().map(([id, keysym]) => letGo(id, keysym));
    this.#keys.clear();
    if (this.#buttons !== 0) {
      const pointer = Buffer.from([5, 0, 0, 0, 0, 0]);
      pointer.writeUInt16BE(this.#position.x, 2);
      pointer.writeUInt16BE(this.#position.y, 4);
      messages.push(pointer);
      this.#buttons = 0;
    }
    return messages;
  }

  #key(id: number, down: boolean, keysym: number): boolean {
    if (!down) this.#keys.delete(id);
    else if (this.#keys.size >= MAX_PRESSED_KEYS && !this.#keys.has(id)) return false;
    else this.#keys.set(id, keysym);
    return true;
  }
}

/** 7.5.4, or QEMU Extended Key Event. */
function letGo(id: number, keysym: number): Buffer {
  const message = id < KEYCODES ? Buffer.from([4, 0, 0, 0, 0, 0, 0, 0]) : Buffer.from([255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  message.writeUInt32BE(keysym, 4);
  if (id >= KEYCODES) message.writeUInt32BE(id - KEYCODES, 8);
  return message;
}
