// What a server sends after the upgrade (RFC 6455, 5): whole messages, never masked and never fragmented.
import { MAX_CONTROL_BYTES, type OPCODE } from './protocol.ts';

export type ServerOpcode = Exclude<(typeof OPCODE)[keyof typeof OPCODE], 0>;

/** Smaller payloads are sent as one buffer with their header: a copy costs less than a second buffer in the write. */
export const COPIED_BELOW = 4 * 1024;

/** 5.2. What a frame begins with; `length` bytes of payload follow. */
export function frameHeader(opcode: ServerOpcode, length: number): Buffer {
  const header = Buffer.allocUnsafe(headerBytes(length));
  writeHeader(header, opcode, length);
  return header;
}

/** Header and payload as one, copied: for little ones, of which one write costs less than a copy saves. */
export function wholeFrame(opcode: ServerOpcode, payload: Uint8Array): Buffer {
  const start = headerBytes(payload.length);
  const frame = Buffer.allocUnsafe(start + payload.length);
  writeHeader(frame, opcode, payload.length);
  frame.set(payload, start);
  return frame;
}

/** 5.5.1. @param reason at most 123 bytes of UTF-8 @throws RangeError above it */
export function closePayload(code: number, reason: string): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  if (payload.length > MAX_CONTROL_BYTES) throw new RangeError(`a reason of ${payload.length - 2} bytes`);
  payload.writeUInt16BE(code, 0);
  payload.write(reason, 2);
  return payload;
}

function headerBytes(length: number): number {
  return length < 126 ? 2 : length < 0x10000 ? 4 : 10;
}

function writeHeader(into: Buffer, opcode: ServerOpcode, length: number): void {
  into[0] = 0x80 | opcode;
  if (length < 126) into[1] = length;
  else if (length < 0x10000) {
    into[1] = 126;
    into.writeUInt16BE(length, 2);
  } else {
    into[1] = 127;
    into.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
    into.writeUInt32BE(length % 2 ** 32, 6);
  }
}
