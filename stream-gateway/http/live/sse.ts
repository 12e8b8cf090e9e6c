// Server-sent events on one response (HTML Living Standard, 9.2). Waits for a slow reader instead of buffering for him,
// and gives up on one that takes nothing for a minute.
import type { Response } from 'express';
import type { WatchEvent } from './subscription.ts';

const STALLED_MS = 60_000;

export class EventStream {
  readonly #res: Response;

  constructor(res: Response) {
    this.#res = res;
  }

  /** True while nobody waits for the reader. */
  get flowing(): boolean {
    return !this.#res.writableNeedDrain;
  }

  /** The first call sends the headers, so that a failure before it can still be an ordinary answer. */
  async send(event: WatchEvent): Promise<void> {
    // JSON has no raw line breaks, so the data is always one line.
    const id = event.id === undefined ? '' : `id: ${event.id}\n`;
    await this.#write(`${id}event: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`);
  }

  /** A comment: proxies cut what says nothing for a minute. Skipped for a reader who has not taken the last one. */
  async heartbeat(): Promise<void> {
    if (this.#res.headersSent && this.flowing) await this.#write(': heartbeat\n\n');
  }

  /** With the time after which the browser may come back. */
  end(retryMs: number): void {
    if (this.#res.headersSent && !this.#res.writableEnded) this.#res.end(`retry: ${retryMs}\n\n`);
  }

  async #write(text: string): Promise<void> {
    const res = this.#res;
    if (res.destroyed || res.writableEnded) return;
    if (!res.headersSent) {
      res.writeHead(200, {
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store, no-transform',
        'X-Accel-Buffering': 'no',
      });
    }
    if (res.write(text)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => res.destroy(), STALLED_MS);
      const done = (): void => {
        clearTimeout(timer);
        res.off('drain', done);
        res.off('close', done);
        resolve();
      };
      res.once('drain', done);
      res.once('close', done);
    });
  }
}
