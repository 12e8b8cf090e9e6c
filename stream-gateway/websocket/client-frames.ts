// What a browser sends after the upgrade (RFC 6455, 5): a total parser. Lengths are judged on the header, before anything is
// held, and any cut of the same bytes gives the same messages. Mostly a frame comes whole: it is unmasked where it lies.
import { isUtf8 } from 'node:buffer';
import { Gathered } from './gathered.ts';
import { MAX_CONTROL_BYTES, OPCODE, WebSocketProblem } from './protocol.ts';

export type ClientMessageKind = 'text' | 'binary' | 'close' | 'ping' | 'pong';

export interface ClientMessage {
  readonly kind: ClientMessageKind;
  /** Of a text: UTF-8. Of a close: empty, or a valid code and a reason. Its memory belongs to whoever gets it. */
  readonly payload: Buffer;
}

/** Of one message: an empty fragment costs us more than its sender. */
const MAX_FRAGMENTS = 1_024;
const MAX_HEADER_BYTES = 14;

const KINDS: Readonly<Record<number, ClientMessageKind>> = {
  [OPCODE.text]: 'text',
  [OPCODE.binary]: 'binary',
  [OPCODE.close]: 'close',
  [OPCODE.ping]: 'ping',
  [OPCODE.pong]: 'pong',
};

export class ClientFrameReader {
  readonly #maxPayload: number;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Of a header that came in parts. */
  readonly #held = Buffer.alloc(MAX_HEADER_BYTES);
  #heldBytes = 0;
  /** Of the frame that is being read; undefined between two. */
  #kind: ClientMessageKind | undefined;
  #isFinal = true;
  #left = 0;
  readonly #mask = new Uint8Array(4);
  #unmasked = 0;
  /** The message that has begun: its kind, how many frames there were, and what is not passed on yet. */
  #message: 'text' | 'binary' | undefined;
  #fragments = 0;
  readonly #data = new Gathered();
  readonly #control = new Gathered();
  #isClosed = false;

  /** @param maxPayload bytes of a whole message */
  constructor(maxPayload: number) {
    this.#maxPayload = maxPayload;
  }

  /** Bytes that wait for the rest of a message: never more than came, and at most `maxPayload` and a control frame. */
  get heldBytes(): number {
    return this.#heldBytes + this.#data.length + this.#control.length;
  }

  /** The next bytes, which are unmasked in place. Only after {@link next} has said that it has nothing more. */
  push(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** Undefined: more bytes are needed, or nothing can follow because the browser has closed (5.5.1). @throws WebSocketProblem */
  next(): ClientMessage | undefined {
    const little = this.#littleFrame();
    if (little !== undefined) return little;
    while (!this.#isClosed) {
      const kind = this.#kind ?? this.#header();
      if (kind === undefined) return undefined;
      const message = this.#payload(kind);
      if (message !== undefined) return message;
      if (this.#left > 0) return undefined;
    }
    return undefined;
  }

  /** What most frames are, in one go: binary, final, of one length byte, all there, and nothing under way. */
  #littleFrame(): ClientMessage | undefined {
    const chunk = this.#chunk;
    const at = this.#at;
    const length = (chunk[at + 1] ?? 0) - 0x80;
    const isLittle = chunk[at] === (0x80 | OPCODE.binary) && length >= 0 && length < 126 && length <= this.#maxPayload;
    const start = at + 6;
    if (!isLittle || chunk.length < start + length) return undefined;
    if (this.#isClosed || this.#kind !== undefined || this.#message !== undefined || this.#heldBytes > 0) return undefined;
    for (let index = 0; index < length; index += 1)
      chunk[start + index] = (chunk[start + index] ?? 0) ^ (chunk[at + 2 + (index & 3)] ?? 0);
    this.#at = start + length;
    return { kind: 'binary', payload: chunk.subarray(start, start + length) };
  }

  #header(): ClientMessageKind | undefined {
    const chunk = this.#chunk;
    const at = this.#at;
    const left = chunk.length - at;
    if (this.#heldBytes > 0 || left < 2 || left < headerBytes(chunk, at)) return this.#headerInParts();
    this.#at += headerBytes(chunk, at);
    return this.#begin(chunk, at);
  }

  #headerInParts(): ClientMessageKind | undefined {
    while (this.#at < this.#chunk.length) {
      this.#held[this.#heldBytes] = this.#chunk[this.#at] ?? 0;
      this.#at += 1;
      this.#heldBytes += 1;
      if (this.#heldBytes < 2 || this.#heldBytes < headerBytes(this.#held, 0)) continue;
      this.#heldBytes = 0;
      return this.#begin(this.#held, 0);
    }
    return undefined;
  }

  /** 5.2. @param bytes with a whole header at `at` */
  #begin(bytes: Buffer, at: number): ClientMessageKind {
    const first = bytes.readUInt8(at);
    const second = bytes.readUInt8(at + 1);
    if ((first & 0x70) !== 0) throw new WebSocketProblem(1002, 'a reserved bit is set, and no extension was agreed on');
    if ((second & 0x80) === 0) throw new WebSocketProblem(1002, 'a frame is not masked');
    this.#isFinal = (first & 0x80) !== 0;
    const length = payloadBytes(bytes, at);
    const kind = this.#judge(first & 0x0f, length);
    // Also where a longer form says that there is less (5.5).
    if (kind !== 'text' && kind !== 'binary' && (second & 0x7f) > MAX_CONTROL_BYTES)
      throw new WebSocketProblem(1002, `a control frame of more than ${MAX_CONTROL_BYTES} bytes`);
    bytes.copy(this.#mask, 0, at + headerBytes(bytes, at) - 4);
    this.#unmasked = 0;
    this.#left = length;
    this.#kind = kind;
    return kind;
  }

  #judge(opcode: number, length: number): ClientMessageKind {
    const kind = opcode === OPCODE.continuation ? this.#message : KINDS[opcode];
    if (kind === undefined)
      throw new WebSocketProblem(
        1002,
        opcode === OPCODE.continuation ? 'a fragment of nothing' : `opcode ${opcode} is not known`,
      );
    if (kind !== 'text' && kind !== 'binary') {
      if (!this.#isFinal) throw new WebSocketProblem(1002, 'a control frame is fragmented');
      return kind;
    }
    if (opcode !== OPCODE.continuation && this.#message !== undefined)
      throw new WebSocketProblem(1002, 'a message begins within another');
    if (this.#data.length + length > this.#maxPayload)
      throw new WebSocketProblem(1009, `a message of more than ${this.#maxPayload} bytes`);
    this.#fragments = opcode === OPCODE.continuation ? this.#fragments + 1 : 1;
    if (this.#fragments > MAX_FRAGMENTS) throw new WebSocketProblem(1009, `a message of more than ${MAX_FRAGMENTS} fragments`);
    this.#message = kind;
    return kind;
  }

  #payload(kind: ClientMessageKind): ClientMessage | undefined {
    const end = Math.min(this.#chunk.length, this.#at + this.#left);
    const part = this.#chunk.subarray(this.#at, end);
    unmask(part, this.#mask, this.#unmasked);
    this.#unmasked += part.length;
    this.#left -= part.length;
    this.#at = end;
    const isData = kind === 'text' || kind === 'binary';
    const gathered = isData ? this.#data : this.#control;
    const isWhole = this.#left === 0 && this.#isFinal;
    if (!isWhole || gathered.length > 0) gathered.append(part);
    if (this.#left > 0) return undefined;
    this.#kind = undefined;
    if (!isWhole) return undefined;
    if (isData) this.#message = undefined;
    return this.#finish(kind, gathered.length > 0 ? gathered.take() : part);
  }

  #finish(kind: ClientMessageKind, payload: Buffer): ClientMessage {
    if (kind === 'text' && !isUtf8(payload)) throw new WebSocketProblem(1007, 'a text is not UTF-8');
    if (kind === 'close') {
      this.#isClosed = true;
      checkClose(payload);
    }
    return { kind, payload };
  }
}

/** Of the whole header. @param bytes with two bytes or more at `at` */
function headerBytes(bytes: Buffer, at: number): number {
  const second = bytes.readUInt8(at + 1);
  const length = second & 0x7f;
  return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0);
}

function payloadBytes(bytes: Buffer, at: number): number {
  const length = bytes.readUInt8(at + 1) & 0x7f;
  if (length === 126) return bytes.readUInt16BE(at + 2);
  // Above 2^53 it is not exact, and refused whatever it is.
  return length === 127 ? bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6) : length;
}

/** 5.3. @param from how many bytes of the frame came before */
function unmask(bytes: Buffer, mask: Uint8Array, from: number): void {
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = (bytes[index] ?? 0) ^ (mask[(from + index) & 3] ?? 0);
}

/** 5.5.1 and 7.4. @throws WebSocketProblem */
function checkClose(payload: Buffer): void {
  if (payload.length === 0) return;
  if (payload.length === 1) throw new WebSocketProblem(1002, 'a close frame with half a code');
  const code = payload.readUInt16BE(0);
  if (!isCloseCode(code)) throw new WebSocketProblem(1002, `close code ${code} may not be sent`);
  if (!isUtf8(payload.subarray(2))) throw new WebSocketProblem(1007, 'a reason is not UTF-8');
}

/** 7.4.2, and the registry of the IANA up to 1014. */
function isCloseCode(code: number): boolean {
  return (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code <= 4999);
}
