// One stream process as the front process sees it: forked, told what to do, handed connections, until it ends. It is started again
// elsewhere (stream-processes.ts).
import { type ChildProcess, fork } from 'node:child_process';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '../../runtime/log/log.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { handOverOf, leaveServer, stopReading } from './hand-over.ts';
import { type Begin, type ToStreams, toFront } from './messages.ts';

export interface ProcessEnd {
  /** Null: it was killed. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly livedMs: number;
}

export interface StreamProcessPorts {
  /** What the process runs. */
  readonly entry: URL;
  readonly begin: Begin;
  readonly log: Logger;
  readonly onReady: () => void;
}

/** Connections that wait for the process to take them; each is taken within milliseconds. */
const MAX_WAITING = 256;
const METRICS_MS = 2_000;

export class StreamProcess {
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #log: Logger;
  readonly #waiting = new Set<Socket>();
  readonly #asked = new Map<number, (metrics: readonly object[]) => void>();
  #state: 'starting' | 'ready' | 'draining' = 'starting';
  #questions = 0;

  constructor({ entry, begin, log, onReady }: StreamProcessPorts) {
    const startedAt = performance.now();
    this.#log = log;
    // Its output is ours, and numbers that JSON has not (NaN) arrive.
    this.#child = fork(entry, { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.ended = new Promise((resolve) => {
      const end = (code: number | null, signal: string | null): void => {
        this.#state = 'draining';
        for (const socket of this.#waiting) socket.destroy();
        resolve({ code, signal, livedMs: performance.now() - startedAt });
      };
      this.#child.once('exit', end);
      this.#child.on('error', (error) => {
        log.error({ err: error }, 'a stream process cannot be reached');
        if (this.#child.pid === undefined) end(null, null);
      });
    });
    this.#child.on('message', (message) => this.#hear(message, onReady));
    this.#tell(begin);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isReady(): boolean {
    return this.#state === 'ready' && this.#child.connected;
  }

  /** The connection is its own from here on. @throws RateLimited */
  handOver(request: IncomingMessage, socket: Socket, head: Buffer, sourceAddress: string): void {
    if (this.#waiting.size >= MAX_WAITING)
      throw new StreamSpaceError('RateLimited', `${MAX_WAITING} connections wait for a stream process`, { retryAfterMs: 1_000 });
    const handed = handOverOf(request, stopReading(socket, head), sourceAddress);
    leaveServer(socket);
    this.#waiting.add(socket);
    // One goes at a time, the next when this one has arrived. What is destroyed here afterwards is only our end of it.
    this.#child.send(handed, socket, {}, (error) => {
      this.#waiting.delete(socket);
      socket.destroy();
      if (error !== null) this.#log.warn({ err: error }, 'a connection could not be handed over');
    });
  }

  ring(sessionUid: string): void {
    this.#tell({ type: 'ring', sessionUid });
  }

  /** Undefined: it did not answer in time. */
  async metrics(): Promise<readonly object[] | undefined> {
    this.#questions += 1;
    const id = this.#questions;
    const answer = new Promise<readonly object[]>((resolve) => this.#asked.set(id, resolve));
    const answered = new AbortController();
    const late = delay(METRICS_MS, answered.signal).catch(() => undefined);
    this.#tell({ type: 'metrics', id });
    try {
      return (await Promise.race([answer, late, this.ended.then(() => undefined)])) ?? undefined;
    } finally {
      answered.abort();
      this.#asked.delete(id);
    }
  }

  /** Resolves when it has ended; what has not by then is killed. */
  async drain(withinMs: number): Promise<void> {
    this.#state = 'draining';
    this.#tell({ type: 'drain' });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), withinMs);
    await this.ended;
    clearTimeout(timer);
  }

  #tell(message: ToStreams): void {
    if (this.#child.connected) this.#child.send(message, () => undefined); // it may just have ended, which is told otherwise
  }

  #hear(message: unknown, onReady: () => void): void {
    const read = toFront.safeParse(message);
    if (!read.success) {
      this.#log.error({ err: read.error }, 'a message of a stream process is not understood');
      return;
    }
    switch (read.data.type) {
      case 'ready':
        if (this.#state !== 'starting') return;
        this.#state = 'ready';
        onReady();
        return;
      case 'draining':
        this.#state = 'draining';
        return;
      case 'metrics':
        this.#asked.get(read.data.id)?.(read.data.metrics);
        return;
    }
  }
}
