// Commands in a container, over a WebSocket to the API server (subprotocol v5.channel.k8s.io: the first byte of a message is its
// channel; 255 closes one). What comes out is handed on as fast as it is taken, and no faster.
import { WebSocket } from 'ws';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { AuditIds } from '../audit-id.ts';
import { readKubeconfig } from '../kubeconfig.ts';
import { CHANNEL, exitCodeOf, openExecSocket, whenRefused } from './exec-socket.ts';

export interface ExecRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Goes to the container as it is; no shell is added. */
  readonly command: readonly string[];
  /** Left out: the command has no input. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** The next chunk comes when it resolves; a rejection ends the command. */
  readonly onOutput: (chunk: Buffer) => void | Promise<void>;
  readonly signal: AbortSignal;
}

export interface ExecResult {
  readonly exitCode: number;
  /** The first 8 KiB. */
  readonly stderr: string;
}

/** Rejects with `KubeStatusError`, `ClusterUnreachable`, the reason of the signal, or what `onOutput` or `stdin` threw. */
export type Exec = (request: ExecRequest) => Promise<ExecResult>;

/** How long nothing may move. Not the whole time: a large file takes long. */
const SILENCE_MS = 60_000;
/** For output that was overtaken by the status. */
const AFTER_STATUS_MS = 250;
const MAX_STDERR_BYTES = 8 * 1024;
/** Whoever says more does not mean to end. */
const MAX_STDERR_RECEIVED = 16 * 1024 * 1024;
const STDIN_CHUNK_BYTES = 64 * 1024;

/** @param kubeconfig a path, or `in-cluster` */
export function createExec(kubeconfig: string, auditIds?: AuditIds): Exec {
  const target = readKubeconfig(kubeconfig);
  target.catch(() => undefined); // whoever asks first is told
  return async (request) => {
    request.signal.throwIfAborted();
    const streams = { ...request, stdin: request.stdin !== undefined };
    return await new Execution(await openExecSocket(await target, streams, auditIds), request).result;
  };
}

class Execution {
  readonly result: Promise<ExecResult>;
  readonly #socket: WebSocket;
  readonly #request: ExecRequest;
  readonly #timer: NodeJS.Timeout;
  #last: NodeJS.Timeout | undefined;
  #fail: (error: unknown) => void = () => undefined;
  #succeed: (result: ExecResult) => void = () => undefined;
  /** What is still to be handed on, in order. */
  #output: Promise<void> = Promise.resolve();
  #stderr = '';
  #stderrBytes = 0;
  #status: string | undefined;

  constructor(socket: WebSocket, request: ExecRequest) {
    this.#socket = socket;
    this.#request = request;
    this.#timer = setTimeout(() => this.#end(unreachable('nothing moved for a minute')), SILENCE_MS);
    this.result = new Promise<ExecResult>((resolve, reject) => {
      this.#succeed = resolve;
      this.#fail = reject;
    }).finally(() => this.#release());
    request.signal.addEventListener('abort', this.#aborted, { once: true });
    socket.on('open', () => void this.#sendInput());
    socket.on('message', (data: Buffer) => this.#receive(data));
    whenRefused(socket, this.#end);
    socket.on('error', (error) => this.#end(unreachable(error.message, error)));
    socket.on('close', this.#finished);
  }

  readonly #finished = (): void => void this.#output.then(() => this.#conclude(), this.#end);
  readonly #end = (error: unknown): void => this.#fail(error);
  readonly #aborted = (): void => this.#end(this.#request.signal.reason);

  #release(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#last);
    this.#request.signal.removeEventListener('abort', this.#aborted);
    this.#socket.on('error', () => undefined).terminate();
  }

  #receive(data: Buffer): void {
    this.#timer.refresh();
    const [channel] = data;
    const bytes = data.subarray(1);
    if (channel === CHANNEL.stdout && bytes.length > 0) this.#handOn(bytes);
    else if (channel === CHANNEL.stderr) this.#keepStderr(bytes);
    else if (channel === CHANNEL.error) this.#receiveStatus(bytes);
  }

  #keepStderr(bytes: Buffer): void {
    this.#stderrBytes += bytes.length;
    if (this.#stderrBytes > MAX_STDERR_RECEIVED) this.#end(unreachable('its error output does not end'));
    else if (this.#stderr.length < MAX_STDERR_BYTES)
      this.#stderr = (this.#stderr + bytes.toString('utf8', 0, MAX_STDERR_BYTES)).slice(0, MAX_STDERR_BYTES);
  }

  /** It is the last that is said; whether the other end closes soon is not waited for. */
  #receiveStatus(bytes: Buffer): void {
    this.#status = (this.#status ?? '') + bytes.toString('utf8');
    this.#last ??= setTimeout(this.#finished, AFTER_STATUS_MS);
  }

  #handOn(bytes: Buffer): void {
    this.#socket.pause();
    this.#output = this.#output.then(async () => {
      await this.#request.onOutput(bytes);
      this.#timer.refresh();
      this.#socket.resume(); // also when the other end is closing: the end comes through the same pipe
    });
    this.#output.catch(this.#end);
  }

  async #sendInput(): Promise<void> {
    const { stdin } = this.#request;
    if (stdin === undefined) return;
    try {
      for await (const chunk of stdin)
        for (let at = 0; at < chunk.length; at += STDIN_CHUNK_BYTES) {
          const part = chunk.subarray(at, at + STDIN_CHUNK_BYTES);
          if (!(await this.#send(Buffer.concat([Buffer.of(CHANNEL.stdin), part])))) return;
        }
      await this.#send(Buffer.of(CHANNEL.close, CHANNEL.stdin));
    } catch (error) {
      this.#end(error);
    }
  }

  /** False once the command has ended: what it did not read, it did not want. */
  async #send(message: Buffer): Promise<boolean> {
    if (this.#socket.readyState !== WebSocket.OPEN) return false;
    const error = await new Promise<Error | undefined>((resolve) => {
      this.#socket.send(message, (failure) => resolve(failure ?? undefined));
    });
    this.#timer.refresh();
    return error === undefined;
  }

  #conclude(): void {
    try {
      if (this.#status === undefined) throw unreachable('the connection ended before the command');
      this.#succeed({ exitCode: exitCodeOf(this.#status), stderr: this.#stderr });
    } catch (error) {
      this.#end(error);
    }
  }
}

function unreachable(what: string, cause?: unknown): StreamSpaceError {
  return new StreamSpaceError('ClusterUnreachable', `the command in the container was cut off: ${what}`, { cause });
}
