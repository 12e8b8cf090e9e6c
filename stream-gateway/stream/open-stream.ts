// One stream: an accepted WebSocket relayed to a desktop, from the first byte to the line in the audit.
import { aborted } from '../../runtime/shutdown/shutdown.ts';
import type { GatewayNotice } from '../../schemas/api/stream-notices.ts';
import { type ErrorCode, StreamSpaceError } from '../../schemas/errors.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import type { DenyRule } from '../dlp/verdict.ts';
import { withheldEncodings } from '../dlp/view-only.ts';
import { PINNED_FORMAT, pinnedServerInit } from '../pixels/pinned-format.ts';
import { Negotiation } from '../rfb/negotiation.ts';
import { BrowserSide } from './browser-side.ts';
import { Clipboard } from './clipboard/clipboard.ts';
import { ClipboardReport } from './clipboard/clipboard-report.ts';
import { LentReads } from './clipboard/lent-reads.ts';
import { connectDesktop, type DesktopConnection } from './desktop/desktop-side.ts';
import { DisplaysReport } from './desktop/displays-report.ts';
import { Greeting } from './desktop/greeting.ts';
import { closeCodeFor, closeWith } from './door/close-frame.ts';
import { asStreamSpaceError, reasonOf } from './end-reason.ts';
import { FenceWatch } from './fence-watch.ts';
import { followPolicy, followSeat } from './follow-changes.ts';
import { DEFAULT_STREAM_LIMITS, type StreamLimits } from './limits.ts';
import { LinkMeasure } from './link-measure.ts';
import { type PixelPath, pixelPathOf } from './pixels/pixel-path.ts';
import type { RelayContext } from './relay-context.ts';
import type { StreamHandle, StreamOptions, StreamSummary } from './stream-options.ts';
import { ToBrowser } from './to-browser.ts';
import { ToDesktop } from './to-desktop.ts';
import { watchOver } from './watch.ts';

export function openStream(options: StreamOptions): StreamHandle {
  const stream = new Stream(options);
  return {
    closed: stream.run(),
    close: (code, message) => stream.end(new StreamSpaceError(code, message)),
    notify: (notice) => stream.notify(notice),
  };
}

/** Codes that say that an end did what the protocol does not allow. */
const VIOLATIONS: ReadonlySet<ErrorCode> = new Set([
  ...(['RfbMalformed', 'RfbUnknownMessage', 'RfbTooLarge', 'RateLimited'] as const),
  // What somebody between gateway and desktop would bring about.
  ...(['DesktopTlsMissing', 'DesktopTlsUntrusted'] as const),
]);

class Stream {
  readonly #options: StreamOptions;
  readonly #limits: StreamLimits;
  readonly #now: () => number;
  readonly #ending = new AbortController();
  readonly #browser: BrowserSide;
  readonly #greeting: Greeting;
  readonly #report: ClipboardReport;
  readonly #link: LinkMeasure;
  readonly #denied: Record<string, number> = {};
  #error: StreamSpaceError | null = null;
  #bytesFromBrowser = 0;
  #receive: (bytes: Buffer) => void;
  #toDesktop: ToDesktop | undefined;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_STREAM_LIMITS, ...options.limits };
    this.#now = options.now ?? (() => performance.now());
    this.#link = new LinkMeasure(this.#now, (notice) => this.#browser.notify(notice));
    this.#browser = new BrowserSide({
      connection: options.connection,
      notices: options.notices ?? false,
      limits: this.#limits,
      now: this.#now,
      onBytes: (bytes) => {
        this.#fromBrowser(bytes);
        this.#bytesFromBrowser += bytes.length;
        options.metrics.transferred('fromBrowser', bytes.length);
      },
      onSent: (count) => options.metrics.transferred('toBrowser', count),
      onPong: (payload) => this.#link.pong(payload),
      onEnd: (error) => (error === null ? this.end(null) : this.#failed('browser', error)),
    });
    this.#report = new ClipboardReport({
      policy: options.dlp.policy,
      audit: (type, result, details) => this.#audit(type, result, details),
      onDenied: (message, rule) => this.#countDenied(message, rule),
      notify: (notice) => this.#browser.notify(notice),
      now: this.#now,
    });
    this.#greeting = new Greeting(this.#browser);
    this.#receive = (bytes) => this.#greeting.receive(bytes);
  }

  notify(notice: GatewayNotice): void {
    if (!this.#ending.signal.aborted) this.#browser.notify(notice);
  }

  /** The first call decides. Null: the browser left. */
  end(error: StreamSpaceError | null): void {
    if (this.#ending.signal.aborted) return;
    this.#error = error;
    this.#ending.abort(error ?? new Error('the browser left'));
  }

  async run(): Promise<StreamSummary> {
    const { metrics, right, signal } = this.#options;
    const startedAt = this.#now();
    const onAbort = (): void => this.end(reasonOf(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    metrics.opened(right);
    const reads = new LentReads();
    const connecting = connectDesktop(this.#options.desktop, { limits: this.#limits, signal: this.#ending.signal, reads });
    try {
      const [desktop] = await Promise.all([
        connecting,
        this.#greeting.done(this.#limits.handshakeTimeoutMs, this.#ending.signal),
      ]);
      await this.#relay(desktop, reads);
    } catch (error) {
      this.#failed('desktop', asStreamSpaceError(error));
    }
    await this.#sayGoodbye((await connecting.catch(() => undefined))?.socket);
    signal.removeEventListener('abort', onAbort);
    return this.#summarize(startedAt);
  }

  #fromBrowser(bytes: Buffer): void {
    if (this.#ending.signal.aborted) return;
    try {
      this.#receive(bytes);
    } catch (error) {
      this.#failed('browser', asStreamSpaceError(error));
    }
  }

  async #relay({ socket: desktop, init, early }: DesktopConnection, reads: LentReads): Promise<void> {
    this.#ending.signal.throwIfAborted();
    using pixels = this.#pixelsOf(init);
    const context = this.#contextOf(desktop, init, pixels);
    const toBrowser = new ToBrowser(context);
    const toDesktop = new ToDesktop(context, (message) => toBrowser.insert(message));
    this.#toDesktop = toDesktop;
    using _listening = followPolicy(context, toBrowser, (problem) => this.end(problem));
    using _seated = followSeat(context, toDesktop);
    const { right, dlp } = context;
    this.#audit('stream.opened', 'success', { right, policyHash: dlp.policy.hash, desktopSecurity: init.security });
    this.#browser.send(pixels === undefined ? init.bytes : pinnedServerInit(init.bytes));
    this.#receive = (bytes) => toDesktop.receive(bytes);
    for (const bytes of this.#greeting.takeEarly()) this.#fromBrowser(bytes);
    this.#browser.resume();
    this.#reading = toBrowser.relay(reads, early);
    this.#reading.catch(() => undefined);
    await Promise.race([this.#reading, watchOver(context, toDesktop)]);
  }

  #pixelsOf(size: DesktopConnection['init']): PixelPath | undefined {
    return pixelPathOf(this.#options, size, this.#limits.rfb, (side, error) => this.#failed(side, error));
  }

  #contextOf(desktop: RelayContext['desktop'], init: DesktopConnection['init'], pixels: PixelPath | undefined): RelayContext {
    const { right, dlp, log, seat } = this.#options;
    const displays = new DisplaysReport({ notify: (notice) => this.#browser.notify(notice), signal: this.#ending.signal });
    const shared = { dlp, displays, report: this.#report, now: this.#now, signal: this.#ending.signal };
    return {
      ...shared,
      get right() {
        return seat?.right ?? right;
      },
      seat,
      browser: this.#browser,
      desktop,
      negotiation: new Negotiation({
        ...init,
        ...(pixels === undefined ? {} : { pixelFormat: PINNED_FORMAT }),
        onScreens: (change) => displays.told(change),
        // What a viewer cannot do without the right to control is not begun by who may lose it.
        withheld: withheldEncodings(seat?.changeable === true ? 'view' : right),
      }),
      pixels,
      fences: new FenceWatch(this.#limits.fenceTimeoutMs),
      link: this.#link,
      limits: this.#limits,
      clipboard: new Clipboard({ ...shared, log, judgeTimeoutMs: this.#limits.judgeTimeoutMs }),
      onInput: this.#options.onInput ?? (() => undefined),
      onDenied: (message, rule) => this.#countDenied(message, rule),
      onDesktopError: (error) => this.#failed('desktop', asStreamSpaceError(error)),
      onBrowserError: (error) => this.#failed('browser', asStreamSpaceError(error)),
    };
  }

  #countDenied(message: string, rule: DenyRule): void {
    const key = `${message}/${rule}`;
    this.#denied[key] = (this.#denied[key] ?? 0) + 1;
    this.#options.metrics.denied(message, rule);
  }

  #failed(side: 'browser' | 'desktop', error: StreamSpaceError): void {
    if (this.#ending.signal.aborted) return;
    if (VIOLATIONS.has(error.code))
      this.#audit('protocol.violation', 'refused', { side, code: error.code, message: error.message });
    this.end(error);
  }

  async #sayGoodbye(desktop: DesktopConnection['socket'] | undefined): Promise<void> {
    const { connection } = this.#options;
    // Nobody is there to read a reason.
    if (this.#error?.code === 'StreamIdle') connection.terminate();
    else closeWith(connection, this.#error);
    if (desktop !== undefined) {
      this.#toDesktop?.release();
      desktop.end();
    }
    const patience = AbortSignal.timeout(this.#limits.closeTimeoutMs);
    await Promise.race([Promise.all([connection.closed, this.#reading.catch(() => undefined)]), aborted(patience)]);
    desktop?.destroy();
    connection.terminate();
    await connection.closed;
  }

  #summarize(startedAt: number): StreamSummary {
    const { log, metrics, right, subject } = this.#options;
    const code = this.#error?.code ?? null;
    const summary = {
      code,
      closeCode: closeCodeFor(this.#error),
      durationMs: Math.round(this.#now() - startedAt),
      bytesToBrowser: this.#browser.sentBytes,
      bytesFromBrowser: this.#bytesFromBrowser,
      denied: { ...this.#denied },
    };
    const { denied, ...facts } = summary;
    const counts = Object.fromEntries(Object.entries(denied).map(([key, count]) => [`denied.${key}`, count]));
    metrics.closed(right, code);
    this.#audit('stream.closed', code === null || code === 'ShuttingDown' ? 'success' : 'failure', {
      right,
      ...facts,
      ...counts,
      ...(this.#report.leftOut === 0 ? {} : { clipboardEventsLeftOut: this.#report.leftOut }),
    });
    log.info(
      { ...summary, object: subject.object, right, ...(this.#error === null ? {} : { err: this.#error }) },
      'stream closed',
    );
    return summary;
  }

  #audit(type: AuditEvent['type'], result: AuditEvent['result'], details: NonNullable<AuditEvent['details']>): void {
    const { person, ...subject } = this.#options.subject;
    this.#options.onAudit({ type, actor: person, result, ...subject, details });
  }
}
