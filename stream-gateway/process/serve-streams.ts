// The life of a stream process: it begins with the first message of the front process that forked it, serves the connections that
// it is handed, and ends when it is told to, or when the front process is gone: what nobody hands connections to is of no use.
import { Socket } from 'node:net';
import { createLogger, type Logger } from '../../runtime/log/log.ts';
import { aborted, untilSignalled } from '../../runtime/shutdown/shutdown.ts';
import type { UpgradeListener } from '../stream/door/upgrade.ts';
import { type HandOver, requestOf } from './hand-over.ts';
import { type Begin, type ToFront, toStreams } from './messages.ts';

/** Disposing it drains it: every stream closes. */
export interface StreamPart extends AsyncDisposable {
  /** `handedSourceOf` of hand-over.ts tells where its requests come from. */
  readonly upgrade: UpgradeListener;
  readonly metrics: () => Promise<readonly object[]>;
  readonly ring: (sessionUid: string) => void;
  /** Resolves when sessions may be given to it. Rejects with the signal's reason. */
  readonly ready: (signal: AbortSignal) => Promise<void>;
}

/** Below the ten seconds of the front process, which waits for it. */
const GRACE_MS = 9_000;

/** Resolves at the end of the process's life. @param start rejects where it cannot begin */
export async function serveStreams(start: (begin: Begin, log: Logger) => Promise<StreamPart>): Promise<void> {
  const told = new AbortController();
  const signalled = untilSignalled({ graceMs: GRACE_MS });
  const signal = AbortSignal.any([signalled, told.signal]);
  const stop = (): void => {
    if (told.signal.aborted) return;
    told.abort(new Error('the front process wants it to end'));
    setTimeout(() => process.exit(1), GRACE_MS).unref();
  };
  const begun = Promise.withResolvers<Begin>();
  let log = createLogger({ name: 'gateway', level: 'info' });
  let part: StreamPart | undefined;
  process.on('disconnect', stop);
  process.on('message', (message: unknown, socket: unknown) => {
    const read = toStreams.safeParse(message);
    if (!read.success) {
      log.error({ err: read.error }, 'a message of the front process is not understood');
      if (socket instanceof Socket) socket.destroy();
      return;
    }
    switch (read.data.type) {
      case 'begin':
        begun.resolve(read.data);
        return;
      case 'upgrade':
        if (socket instanceof Socket) accept(read.data, socket, part);
        return;
      case 'drain':
        stop();
        return;
      case 'ring':
        part?.ring(read.data.sessionUid);
        return;
      case 'metrics':
        void answer(read.data.id, part, log);
        return;
    }
  });

  const order = await Promise.race([begun.promise, aborted(signal)]);
  if (order === undefined) return;
  log = createLogger({ name: 'gateway', level: order.logLevel }).child({ streams: order.index });
  part = await start(order, log);
  await part.ready(signal).then(
    () => tell({ type: 'ready' }),
    () => undefined,
  );
  await aborted(signal);
  tell({ type: 'draining' });
  log.info('stream process drains');
  await part[Symbol.asyncDispose]();
}

function accept(handed: HandOver, socket: Socket, part: StreamPart | undefined): void {
  if (part === undefined) socket.destroy();
  else part.upgrade(requestOf(handed, socket), socket, Buffer.from(handed.head));
}

async function answer(id: number, part: StreamPart | undefined, log: Logger): Promise<void> {
  try {
    const metrics = (await part?.metrics()) ?? [];
    tell({
      type: 'metrics',
      id,
      metrics: metrics.flatMap((each) => ('name' in each ? [{ ...each, name: String(each.name) }] : [])),
    });
  } catch (error) {
    log.warn({ err: error }, 'metrics could not be told'); // it counts as one that does not answer
  }
}

/** The front process may be gone, which is told otherwise. */
function tell(message: ToFront): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
