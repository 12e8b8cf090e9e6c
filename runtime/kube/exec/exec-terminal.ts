// A command with a terminal in a container. What it writes is read no faster than it is taken: while it is paused nothing is
// read from the socket, so API server, kubelet and at last the terminal of the program fill up, and the program waits. Input
// and size go the other way and do not wait for that.
import { WebSocket } from 'ws';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { AuditIds } from '../audit-id.ts';
import { readKubeconfig } from '../kubeconfig.ts';
import { CHANNEL, type ExecTarget, exitCodeOf, openExecSocket, whenRefused } from './exec-socket.ts';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface TerminalRequest extends ExecTarget {
  /** In order. Called until {@link ExecTerminal.ended} settles. */
  readonly onOutput: (chunk: Buffer) => void;
}

export interface ExecTerminal {
  /** The exit code. Rejects with `KubeStatusError` where it could not be run, with `ClusterUnreachable` where it was cut off. */
  readonly ended: Promise<number>;
  /** Bytes of input that the API server has not taken. */
  readonly waitingBytes: number;
  write(bytes: Buffer): void;
  resize(size: TerminalSize): void;
  /** No more input: a program that reads sees its end. */
  closeInput(): void;
  /** Each until its {@link resume}. */
  pause(): void;
  resume(): void;
  /** Cuts the connection. Whether the program ends by that is up to the runtime of the container. */
  close(): void;
}

export type OpenTerminal = (request: TerminalRequest) => Promise<ExecTerminal>;

const HEARTBEAT_MS = 20_000;
/** For output that was overtaken by the status. */
const AFTER_STATUS_MS = 250;

/** @param kubeconfig a path, or `in-cluster` */
export function createOpenTerminal(kubeconfig: string, auditIds?: AuditIds): OpenTerminal {
  const target = readKubeconfig(kubeconfig);
  target.catch(() => undefined); // whoever asks first is told
  return async (request) =>
    new Terminal(await openExecSocket(await target, { ...request, stdin: true, tty: true }, auditIds), request.onOutput);
}

class Terminal implements ExecTerminal {
  readonly ended: Promise<number>;
  readonly #socket: WebSocket;
  readonly #heartbeat: NodeJS.Timeout;
  #paused = 0;
  #status: string | undefined;
  /** What was written before the socket was open. */
  #early: Buffer[] = [];

  constructor(socket: WebSocket, onOutput: (chunk: Buffer) => void) {
    this.#socket = socket;
    // For proxies that cut what is quiet (portainer#2953).
    this.#heartbeat = setInterval(() => socket.readyState === WebSocket.OPEN && socket.ping(), HEARTBEAT_MS);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.ended = promise.finally(() => {
      clearInterval(this.#heartbeat);
      socket.on('error', () => undefined).terminate();
    });
    this.ended.catch(() => undefined);
    const conclude = (): void => {
      try {
        if (this.#status === undefined) throw cutOff('the connection ended before the program');
        resolve(exitCodeOf(this.#status));
      } catch (error) {
        reject(error);
      }
    };
    socket.on('open', () => {
      for (const message of this.#early.splice(0)) socket.send(message);
    });
    socket.on('message', (data: Buffer) => {
      const bytes = data.subarray(1);
      if (data[0] === CHANNEL.stdout && bytes.length > 0) onOutput(bytes);
      if (data[0] !== CHANNEL.error) return;
      if (this.#status === undefined) setTimeout(conclude, AFTER_STATUS_MS);
      this.#status = (this.#status ?? '') + bytes.toString('utf8');
    });
    whenRefused(socket, reject);
    socket.on('error', (error) => reject(cutOff(error.message, error)));
    socket.on('close', conclude);
  }

  get waitingBytes(): number {
    return this.#socket.bufferedAmount;
  }

  write(bytes: Buffer): void {
    this.#send(Buffer.concat([Buffer.of(CHANNEL.stdin), bytes]));
  }

  resize({ columns, rows }: TerminalSize): void {
    const size = JSON.stringify({ Width: columns, Height: rows });
    this.#send(Buffer.concat([Buffer.of(CHANNEL.resize), Buffer.from(size)]));
  }

  closeInput(): void {
    this.#send(Buffer.of(CHANNEL.close, CHANNEL.stdin));
  }

  pause(): void {
    this.#paused += 1;
    if (this.#paused === 1) this.#socket.pause();
  }

  resume(): void {
    this.#paused = Math.max(0, this.#paused - 1);
    if (this.#paused === 0) this.#socket.resume();
  }

  close(): void {
    this.#socket.terminate();
  }

  #send(message: Buffer): void {
    if (this.#socket.readyState === WebSocket.CONNECTING) this.#early.push(message);
    else if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(message, () => undefined);
  }
}

function cutOff(what: string, cause?: unknown): StreamSpaceError {
  return new StreamSpaceError('ClusterUnreachable', `the terminal in the container was cut off: ${what}`, { cause });
}
