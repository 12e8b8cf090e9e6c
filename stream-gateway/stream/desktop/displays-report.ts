// Tells a viewer which screens the desktop has and what became of a wish for others (DisplaysNotice). The page waits for the
// answer to its wish, so unlike other notices it is told later when the browser is behind.
import type { DisplaysNotice } from '../../../schemas/api/displays-notices.ts';
import { type ResizeStatus, screensOf } from '../../rfb/desktop-size.ts';
import type { Negotiation, ScreensChange } from '../../rfb/negotiation.ts';

interface DisplaysReportPorts {
  /** False: the browser has no room for it now. */
  readonly notify: (notice: DisplaysNotice) => boolean;
  /** Aborted when the stream ends. */
  readonly signal: AbortSignal;
}

/** More changes than this are not waited with: each has the whole, so the oldest are of no use. */
const MAX_WAITING = 8;
const RETRY_MS = 200;
const EMPTY = Buffer.alloc(4);
const BY = ['desktop', 'you', 'other'] as const;
const STATUS = ['done', 'prohibited', 'noRoom', 'invalid'] as const;

export class DisplaysReport {
  readonly #ports: DisplaysReportPorts;
  readonly #waiting: DisplaysNotice[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(ports: DisplaysReportPorts) {
    this.#ports = ports;
    ports.signal.addEventListener('abort', () => clearTimeout(this.#timer), { once: true });
  }

  /** By the desktop. */
  told(change: ScreensChange): void {
    const { width, height } = change;
    const by = BY[change.by] ?? 'desktop';
    const status = STATUS[change.status] ?? 'invalid';
    this.#tell({ type: 'displays', width, height, screens: screensOf(change), by, status: by === 'you' ? status : 'done' });
  }

  /** The gateway itself says no, and everything stays as it is. */
  refused({ width, height, screens = EMPTY }: Pick<Negotiation, 'width' | 'height' | 'screens'>, status: ResizeStatus): void {
    const refused = status === 1 ? 'prohibited' : 'noRoom';
    this.#tell({ type: 'displays', width, height, screens: screensOf({ screens }), by: 'you', status: refused });
  }

  #tell(notice: DisplaysNotice): void {
    this.#waiting.push(notice);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
    if (this.#timer === undefined) this.#send();
  }

  #send(): void {
    this.#timer = undefined;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#ports.signal.aborted) return;
      if (!this.#ports.notify(next)) {
        this.#timer = setTimeout(() => this.#send(), RETRY_MS).unref();
        return;
      }
      this.#waiting.shift();
    }
  }
}
