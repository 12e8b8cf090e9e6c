// The page's end of a console: one accepted WebSocket. Bytes of the terminal and messages, and whether anybody is still there.
import type { WebSocket } from 'ws';
import * as z from 'zod';
import {
  type ConsoleMessage,
  type ConsoleRequest,
  MAX_COLUMNS,
  MAX_PASTE_CHARACTERS,
  MAX_ROWS,
} from '../../schemas/api/console.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';

export interface ConsolePageOptions {
  readonly socket: WebSocket;
  readonly heartbeatMs: number;
  readonly onBytes: (bytes: Buffer) => void;
  readonly onRequest: (request: ConsoleRequest) => void;
  /** Null: the page left. */
  readonly onEnd: (error: StreamSpaceError | null) => void;
}

const consoleRequest: z.ZodType<ConsoleRequest> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('resize'), columns: z.int().min(1).max(MAX_COLUMNS), rows: z.int().min(1).max(MAX_ROWS) }),
  z.object({ type: z.literal('taken'), bytes: z.int().min(0).max(Number.MAX_SAFE_INTEGER) }),
  z.object({ type: z.literal('paste'), text: z.string().max(MAX_PASTE_CHARACTERS), bracketed: z.boolean() }),
]);

export class ConsolePage implements Disposable {
  readonly #options: ConsolePageOptions;
  readonly #heartbeat: NodeJS.Timeout;
  #silent = 0;

  constructor(options: ConsolePageOptions) {
    this.#options = options;
    const { socket, heartbeatMs } = options;
    socket.on('message', (data, isBinary) => this.#message(data, isBinary));
    socket.on('pong', () => {
      this.#silent = 0;
    });
    socket.on('error', (error) =>
      options.onEnd(new StreamSpaceError('ConsoleMalformed', 'the page broke the protocol', { cause: error })),
    );
    socket.on('close', () => options.onEnd(null));
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs);
  }

  send(bytes: Buffer): void {
    if (this.#options.socket.readyState === this.#options.socket.OPEN) this.#options.socket.send(bytes, { binary: true });
  }

  tell(message: ConsoleMessage): void {
    if (this.#options.socket.readyState === this.#options.socket.OPEN)
      this.#options.socket.send(JSON.stringify(message), { binary: false });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#heartbeat);
  }

  #beat(): void {
    this.#silent += 1;
    if (this.#silent > 2) this.#options.onEnd(new StreamSpaceError('StreamIdle', 'the page does not answer'));
    else if (this.#options.socket.readyState === this.#options.socket.OPEN) this.#options.socket.ping();
  }

  #message(data: unknown, isBinary: boolean): void {
    this.#silent = 0;
    if (!Buffer.isBuffer(data)) return;
    if (isBinary) {
      this.#options.onBytes(data);
      return;
    }
    const request = consoleRequest.safeParse(jsonOf(data.toString('utf8'))).data;
    if (request === undefined) this.#options.onEnd(new StreamSpaceError('ConsoleMalformed', 'the page sent what is no message'));
    else this.#options.onRequest(request);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
