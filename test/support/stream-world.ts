// A stream server before a desktop that can be looked into, and what tests of streams ask about them.
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'vitest';
import type { AuditEvent } from '../../schemas/events.ts';
import type { DesktopTls } from '../../stream-gateway/stream/desktop/desktop-tls.ts';
import { type FakeDesktop, type FakeDesktopOptions, startFakeDesktop } from './fake-desktop.ts';
import { type StreamServer, type StreamServerOptions, startStreamServer } from './stream-server.ts';

export interface StreamWorld extends AsyncDisposable {
  readonly desktop: FakeDesktop;
  readonly server: StreamServer;
}

/** Ends both with `await using`. */
export async function streamWorld(
  options: Omit<StreamServerOptions, 'desktop'> & { readonly desktop?: FakeDesktopOptions; readonly tls?: DesktopTls } = {},
): Promise<StreamWorld> {
  const tls = options.tls === undefined ? {} : { tls: options.tls };
  const desktop = await startFakeDesktop(options.desktop);
  const server = await startStreamServer({ ...options, desktop: () => ({ host: desktop.host, port: desktop.port, ...tls }) });
  return {
    desktop,
    server,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await desktop[Symbol.asyncDispose]();
    },
  };
}

/** What a client of the tests says by itself: its pixel format and encodings. */
export const isSetUp = (desktop: FakeDesktop): boolean => desktop.received().length >= 24;
/** A request for an update: what even a viewer may send, so it marks the end of what was sent before. */
export const REQUEST = [3, 1, 0, 0, 0, 0, 0, 7, 0, 9];

/** The audit's last line about a stream that ended, once there are `count` of them. */
export async function closedEvent(server: StreamServer, count = 1): Promise<AuditEvent> {
  await expect.poll(() => server.audit.filter(({ type }) => type === 'stream.closed').length).toBe(count);
  const event = server.audit.findLast(({ type }) => type === 'stream.closed');
  if (event === undefined) throw new Error('no stream was closed');
  return event;
}

/** Pictures of the whole screen until the desktop cannot write for a while; returns how many bytes went out. */
export async function flood(desktop: FakeDesktop): Promise<number> {
  const picture = Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0, 64, 0, 64, 0, 0, 0, 0]), Buffer.alloc(64 * 64 * 4)]);
  const socket = desktop.viewer();
  const start = socket.bytesWritten;
  while (socket.bytesWritten - start < 512 * 1024 * 1024) {
    for (let count = 0; count < 16; count += 1) socket.write(picture);
    if (!socket.writableNeedDrain) {
      await nextTurn(); // the kernel took it all; let the others run
      continue;
    }
    const timeout = new AbortController();
    const drained = once(socket, 'drain', { signal: timeout.signal }).then(
      () => true,
      () => false,
    );
    const timer = setTimeout(() => timeout.abort(), 700);
    if (!(await drained)) break;
    clearTimeout(timer);
  }
  return socket.bytesWritten - start;
}
