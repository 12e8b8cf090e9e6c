// The stream processes of a gateway: each is started again when it ends by itself, and a session goes to one that lives.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '../../runtime/log/log.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import type { Begin } from './messages.ts';
import { chooseProcess, keyOfUrl } from './rendezvous.ts';
import { StreamProcess } from './stream-process.ts';

export interface StreamProcessesPorts extends Pick<Begin, 'count' | 'logLevel' | 'given'> {
  readonly entry: URL;
  readonly audit: (event: AuditEvent) => void;
  readonly restarted: () => void;
  readonly log: Logger;
}

const AGAIN_MS = 250;
const MAX_AGAIN_MS = 15_000;
/** Who has lived so long begins with the shortest wait again. */
const LIVED_MS = 60_000;
/** Of the ten seconds that the front process has, with some for what it does afterwards. */
const DRAIN_MS = 9_000;

export class StreamProcesses {
  readonly #ports: StreamProcessesPorts;
  readonly #running = new Map<number, StreamProcess>();
  readonly #ending = new AbortController();
  readonly #loops: readonly Promise<void>[];

  constructor(ports: StreamProcessesPorts) {
    this.#ports = ports;
    this.#loops = [...Array(ports.count).keys()].map((index) => this.#keep(index));
  }

  /** Numbers of those that take sessions now. */
  get ready(): readonly number[] {
    return [...this.#running].filter(([, { isReady }]) => isReady).map(([index]) => index);
  }

  /** By number, of those that run now. */
  get pids(): ReadonlyMap<number, number> {
    return new Map([...this.#running].flatMap(([index, { pid }]) => (pid === undefined ? [] : [[index, pid] as const])));
  }

  /** @throws StreamsUnavailable, RateLimited */
  handOver(request: IncomingMessage, socket: Socket, head: Buffer, sourceAddress: string): void {
    const index = chooseProcess(keyOfUrl(request.url ?? '/'), this.ready);
    const chosen = index === undefined ? undefined : this.#running.get(index);
    if (chosen === undefined)
      throw new StreamSpaceError('StreamsUnavailable', 'no process that serves streams is ready', { retryAfterMs: 1_000 });
    chosen.handOver(request, socket, head, sourceAddress);
  }

  ring(sessionUid: string): void {
    for (const each of this.#running.values()) each.ring(sessionUid);
  }

  /** Of each that should be there; undefined where it did not answer. */
  async metrics(): Promise<readonly (readonly object[] | undefined)[]> {
    const indexes = [...Array(this.#ports.count).keys()];
    return await Promise.all(indexes.map(async (index) => await this.#running.get(index)?.metrics()));
  }

  /** Resolves when all have ended. */
  async drain(): Promise<void> {
    this.#ending.abort();
    await Promise.all([...this.#running.values()].map(async (each) => await each.drain(DRAIN_MS)));
    await Promise.all(this.#loops);
  }

  async #keep(index: number): Promise<void> {
    const { signal } = this.#ending;
    const { entry, count, logLevel, given, restarted, audit } = this.#ports;
    const log = this.#ports.log.child({ streams: index });
    for (let waitMs = AGAIN_MS; ; waitMs = Math.min(2 * waitMs, MAX_AGAIN_MS)) {
      const begin: Begin = { type: 'begin', index, count, logLevel, given };
      const running: StreamProcess = new StreamProcess({
        entry,
        begin,
        log,
        onReady: () => log.info({ processId: running.pid }, 'stream process is ready'),
      });
      this.#running.set(index, running);
      const { code, signal: killedBy, livedMs } = await running.ended;
      this.#running.delete(index);
      if (signal.aborted) return;
      restarted();
      if (livedMs >= LIVED_MS) waitMs = AGAIN_MS;
      log.error({ code, signal: killedBy, livedMs: Math.round(livedMs), waitMs }, 'a stream process ended, and is started again');
      const details = { process: index, code, signal: killedBy };
      audit({ type: 'streams.lost', actor: null, result: 'failure', details });
      await delay(waitMs, signal).catch(() => undefined);
      if (signal.aborted) return;
    }
  }
}
