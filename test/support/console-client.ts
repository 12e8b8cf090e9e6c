// A console as the page opens it, for tests: a ticket, then the WebSocket.
import { WebSocket } from 'ws';
import type { TicketView } from '../../schemas/api/api.ts';
import { CONSOLE_PROTOCOL, type ConsoleMessage, type ConsoleRequest } from '../../schemas/api/console.ts';
import { type Answer, apiAs } from './api.ts';
import type { Servers } from './servers.ts';
import { eventually } from './wait.ts';

export interface ConsoleClosed {
  readonly code: number;
  /** `CODE: words`; empty for an end that is nobody's mistake. */
  readonly reason: string;
}

export class ConsoleClient implements AsyncDisposable {
  readonly messages: ConsoleMessage[] = [];
  readonly closed: Promise<ConsoleClosed>;
  /** Whether it says that it has shown what comes. */
  acknowledges = true;
  output = '';
  receivedBytes = 0;
  readonly #socket: WebSocket;

  constructor(url: string, protocols: readonly string[], origin: string) {
    this.#socket = new WebSocket(url, [...protocols], { origin });
    this.closed = new Promise((resolve, reject) => {
      this.#socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
      this.#socket.on('unexpected-response', (_request, response) => reject(new Error(`HTTP ${response.statusCode}`)));
    });
    this.closed.catch(() => undefined);
    this.#socket.on('error', () => undefined);
    this.#socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isBinary) {
        this.messages.push(JSON.parse(data.toString()) as ConsoleMessage);
        return;
      }
      this.receivedBytes += data.length;
      this.output = (this.output + data.toString()).slice(-200_000);
      if (this.acknowledges) this.tell({ type: 'taken', bytes: data.length });
    });
  }

  type(text: string): void {
    this.#socket.send(Buffer.from(text));
  }

  tell(request: ConsoleRequest): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }

  /** Types a command, and waits for what it writes; what is typed is echoed, so `wanted` must not stand in the command. */
  async run(command: string, wanted: RegExp): Promise<string> {
    this.type(`${command}\r`);
    return await this.shows(wanted);
  }

  async shows(wanted: RegExp): Promise<string> {
    return await eventually(`the console shows ${wanted}`, async () => wanted.test(this.output) && this.output, {
      timeoutMs: 20_000,
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}; it shows ${JSON.stringify(this.output.slice(-500))}`);
    });
  }

  told(type: ConsoleMessage['type']): Promise<ConsoleMessage> {
    return eventually(`the console says ${type}`, async () => this.messages.find((message) => message.type === type), {
      timeoutMs: 20_000,
    });
  }

  /** As a tab that is closed. */
  cut(): void {
    this.#socket.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.closed.catch(() => undefined);
  }
}

export function askConsole(servers: Servers, person: string, name: string): Promise<Answer<TicketView>> {
  return apiAs(servers, person).send<TicketView>('POST', `/namespaces/team-web/sessions/${name}/console-tickets`);
}

export function connectConsole(servers: Servers, { path, ticket }: TicketView): ConsoleClient {
  const protocols = [CONSOLE_PROTOCOL, `streamspace.ticket.${ticket}`];
  return new ConsoleClient(`${servers.url.replace(/^http/, 'ws')}${path}`, protocols, servers.url);
}

/** Resolves when the shell is there. */
export async function openConsoleAs(servers: Servers, person: string, name: string): Promise<ConsoleClient> {
  const { status, body } = await askConsole(servers, person, name);
  if (status !== 201) throw new Error(`the ticket was refused with ${status}: ${JSON.stringify(body)}`);
  const opened = connectConsole(servers, body);
  await opened.told('opened');
  return opened;
}
