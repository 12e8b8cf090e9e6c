// What a stream is opened with, and what is known of it afterwards.
import type { Logger } from '../../runtime/log/log.ts';
import type { ErrorCode } from '../../schemas/errors.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import type { StreamRight } from '../dlp/view-only.ts';
import type { WebSocketConnection } from '../websocket/connection.ts';
import type { DesktopEndpoint } from './desktop/desktop-side.ts';
import type { StreamLimits } from './limits.ts';
import type { PixelWorkers } from './pixels/pixel-workers.ts';
import type { SeatedStream, StreamSeat } from './seat.ts';
import type { StreamMetrics } from './stream-metrics.ts';
import type { StreamDlp } from './stream-policy.ts';

export interface StreamSubject {
  readonly person: string;
  /** `Session/namespace/name`. */
  readonly object: string;
  readonly sourceAddress?: string;
  readonly requestId?: string;
}

export interface StreamOptions {
  /** Open, and nothing of it read yet. The stream owns it from here on. */
  readonly connection: WebSocketConnection;
  readonly desktop: DesktopEndpoint;
  readonly right: StreamRight;
  readonly dlp: StreamDlp;
  /** For streams whose policy changes the picture. */
  readonly pixels: PixelWorkers;
  /** Where others are in the session too. Left out: it may do what {@link right} says from the first to the last. */
  readonly seat?: StreamSeat;
  /** Whether the browser takes text frames with what the gateway has to tell the person. Default false. */
  readonly notices?: boolean;
  readonly subject: StreamSubject;
  /** Ends the stream: with the code of its reason if that is a `StreamSpaceError`, else as `ShuttingDown`. */
  readonly signal: AbortSignal;
  /** A key or a pointer of the person went to the desktop. */
  readonly onInput?: (kind: 'Key' | 'Pointer') => void;
  readonly onAudit: (event: AuditEvent) => void;
  readonly metrics: StreamMetrics;
  readonly log: Logger;
  readonly limits?: Partial<StreamLimits>;
  /** Milliseconds of a clock that nobody sets. Default `performance.now`. */
  readonly now?: () => number;
}

export interface StreamSummary {
  /** Null: the browser left. */
  readonly code: ErrorCode | null;
  readonly closeCode: number;
  readonly durationMs: number;
  readonly bytesToBrowser: number;
  readonly bytesFromBrowser: number;
  /** Messages that were not forwarded, by `message/rule`. */
  readonly denied: Readonly<Record<string, number>>;
}

export interface StreamHandle extends SeatedStream {
  /** Never rejects. Resolves when both connections are closed. */
  readonly closed: Promise<StreamSummary>;
}
