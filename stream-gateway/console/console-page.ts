// The page's end of a console: one accepted WebSocket. Bytes of the terminal and messages, and whether anybody is still there.
import * as z from 'zod';
import {
  type ConsoleMessage,
  type ConsoleRequest,
  MAX_COLUMNS,
  MAX_PASTE_CHARACTERS,
  MAX_ROWS,
} from '../../schemas/api/console.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { WebSocketConnection } from '../websocket/connection.ts';

export interface ConsolePageOptions {
  readonly connection: WebSocketConnection;
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
    const { connection, heartbeatMs } = options;
    connection.listen({
      onBinary: (bytes) => {
        this.#silent = 0;
        options.onBytes(bytes);
      },
      onText: (bytes) => this.#text(bytes),
      onPong: () => {
        this.#silent = 0;
      },
      onLeave: (cause) =>
        options.onEnd(cause && new StreamSpaceError('ConsoleMalformed', 'the page broke the protocol', { cause })),
    });
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs);
  }

  send(bytes: Buffer): void {
    this.#options.connection.send(bytes);
  }

  tell(message: ConsoleMessage): void {
    this.#options.connection.sendText(JSON.stringify(message));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#heartbeat);
  }

  #beat(): void {
    this.#silent += 1;
    if (this.#silent > 2) this.#options.onEnd(new StreamSpaceError('StreamIdle', 'the page does not answer'));
    else this.#options.connection.ping();
  }

  #text(bytes: Buffer): void {
    this.#silent = 0;
    const request = consoleRequest.safeParse(jsonOf(bytes.toString('utf8'))).data;
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
