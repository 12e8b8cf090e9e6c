// One WebSocket of a browser after the handshake (RFC 6455, 5 to 7): messages in, messages out, and the way both ends leave.
// Little messages go out as one buffer in one write, because each step of a stream that was quiet for a moment runs cold.
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ClientFrameReader, type ClientMessage } from './client-frames.ts';
import { OPCODE, WebSocketProblem } from './protocol.ts';
import { COPIED_BELOW, closePayload, frameHeader, type ServerOpcode, wholeFrame } from './server-frames.ts';

/** All of them are called from the event loop, and none after `onLeave`. */
export interface ConnectionListener {
  readonly onBinary: (payload: Buffer) => void;
  readonly onText: (payload: Buffer) => void;
  /** It is answered already. */
  readonly onPing?: () => void;
  readonly onPong?: (payload: Buffer) => void;
  /** Something that was sent has left this process, or never will. */
  readonly onWritten?: () => void;
  /** Once. Null: the browser closed, or the connection is gone; else what it did wrong, which it has been told. */
  readonly onLeave: (problem: WebSocketProblem | null) => void;
}

export interface ConnectionOptions {
  /** Open, with the 101 written. The connection owns it from here on. */
  readonly socket: Duplex;
  /** What came behind the request. */
  readonly head: Buffer;
  /** Of a whole message of the browser, in bytes. */
  readonly maxPayload: number;
  /** How long the browser may take over its part of the goodbye. Default 10 s. */
  readonly closeTimeoutMs?: number;
}

/** With so much waiting only the last ping is answered, once there is room (5.5.3). */
const PONG_ROOM = 64 * 1024;
const NOBODY: ConnectionListener = { onBinary: () => undefined, onText: () => undefined, onLeave: () => undefined };

export class WebSocketConnection {
  /** Resolves when nothing is left of the connection. */
  readonly closed: Promise<void>;
  readonly #socket: Duplex;
  readonly #reader: ClientFrameReader;
  readonly #closeTimeoutMs: number;
  #listener = NOBODY;
  #isOpen = true;
  #hasLeft = false;
  #closeTimer: NodeJS.Timeout | undefined;
  #duePong: Buffer | undefined;

  constructor({ socket, head, maxPayload, closeTimeoutMs = 10_000 }: ConnectionOptions) {
    this.#socket = socket;
    this.#reader = new ClientFrameReader(maxPayload);
    this.#closeTimeoutMs = closeTimeoutMs;
    if (socket instanceof Socket) socket.setTimeout(0).setNoDelay(true);
    if (head.length > 0) socket.unshift(head);
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        clearTimeout(this.#closeTimer);
        this.#leave(null);
        resolve();
      });
    });
    socket
      .on('error', () => undefined) // `close` follows
      .on('end', () => this.#end())
      .on('data', (chunk: Buffer) => this.#read(chunk));
  }

  /** Before the event loop goes on: what comes while nobody listens is lost. */
  listen(listener: ConnectionListener): void {
    this.#listener = listener;
  }

  /** Whether anything can still be sent. */
  get isOpen(): boolean {
    return this.#isOpen;
  }
  /** Bytes that wait in this process, the headers of frames among them. */
  get waitingBytes(): number {
    return this.#socket.writableLength;
  }
  /** The TCP or TLS connection: tells how far a large write has come. */
  get transport(): Duplex {
    return this.#socket;
  }

  /** @param onDone once, when nothing reads these bytes any more, sent or not; perhaps before this returns */
  send(bytes: Buffer, onDone?: () => void): void {
    if (!this.#isOpen) onDone?.();
    else if (bytes.length < COPIED_BELOW) {
      this.#write(OPCODE.binary, bytes);
      onDone?.();
    } else {
      this.#socket.cork();
      this.#socket.write(frameHeader(OPCODE.binary, bytes.length));
      this.#socket.write(bytes, () => {
        onDone?.();
        this.#written();
      });
      this.#socket.uncork();
    }
  }

  sendText(text: string): void {
    if (this.#isOpen) this.#write(OPCODE.text, Buffer.from(text));
  }

  /** @param payload at most 125 bytes */
  ping(payload: Buffer = Buffer.alloc(0)): void {
    if (this.#isOpen) this.#write(OPCODE.ping, payload);
  }

  /** Stops reading. What was read already still arrives. */
  pause(): void {
    if (this.#isOpen) this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Says goodbye, and reads on until the browser has done so too. Nothing of it is told any more. */
  close(code: number, reason: string): void {
    this.#sayClose(closePayload(code, reason));
  }

  /** At once, without a word. */
  terminate(): void {
    this.#isOpen = false;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    if (this.#hasLeft) return;
    this.#reader.push(chunk);
    try {
      for (let message = this.#reader.next(); message !== undefined; message = this.#reader.next()) this.#take(message);
    } catch (error) {
      if (!(error instanceof WebSocketProblem)) throw error;
      // 7.1.7: whatever it may still say cannot be read.
      this.#sayClose(closePayload(error.closeCode, ''));
      this.#socket.end();
      this.#leave(error);
    }
  }

  #take({ kind, payload }: ClientMessage): void {
    if (kind === 'close') {
      // 5.5.1: answered with its own code. The server is the one that closes the connection first (7.1.1).
      this.#sayClose(payload.subarray(0, 2));
      this.#end();
    } else if (!this.#isOpen) return;
    else if (kind === 'binary') this.#listener.onBinary(payload);
    else if (kind === 'text') this.#listener.onText(payload);
    else if (kind === 'pong') this.#listener.onPong?.(payload);
    else {
      this.#duePong = payload;
      this.#answerPing();
      this.#listener.onPing?.();
    }
  }

  #answerPing(): void {
    if (this.#duePong === undefined || !this.#isOpen || this.waitingBytes > PONG_ROOM) return;
    const payload = this.#duePong;
    this.#duePong = undefined;
    this.#write(OPCODE.pong, payload);
  }

  #write(opcode: ServerOpcode, payload: Uint8Array): void {
    this.#socket.write(wholeFrame(opcode, payload), this.#written);
  }

  readonly #written = (): void => {
    if (this.#duePong !== undefined) this.#answerPing();
    if (!this.#hasLeft) this.#listener.onWritten?.();
  };

  #sayClose(payload: Buffer): void {
    if (!this.#isOpen) return;
    this.#write(OPCODE.close, payload);
    this.#isOpen = false;
    this.#closeTimer = setTimeout(() => this.#socket.destroy(), this.#closeTimeoutMs).unref();
    this.#socket.resume(); // or its part of the goodbye would not be read
  }

  /** It sends nothing more, with a goodbye or without. */
  #end(): void {
    this.#isOpen = false;
    this.#socket.end();
    this.#closeTimer ??= setTimeout(() => this.#socket.destroy(), this.#closeTimeoutMs).unref();
    this.#leave(null);
  }

  #leave(problem: WebSocketProblem | null): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#listener.onLeave(problem);
  }
}
