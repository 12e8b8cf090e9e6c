// What a console is opened with, and how others hold it.
import type { Logger } from '../../runtime/log/log.ts';
import type { ErrorCode } from '../../schemas/errors.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import type { StreamSubject } from '../stream/stream-options.ts';
import type { StreamDlp } from '../stream/stream-policy.ts';
import type { WebSocketConnection } from '../websocket/connection.ts';
import type { ContainerOf } from './console-end.ts';
import type { ConsoleMetrics } from './console-metrics.ts';
import type { ConsoleLimits } from './limits.ts';
import type { ShellPorts } from './shell.ts';

export interface ConsoleOptions extends ShellPorts {
  /** Open, and nothing of it read yet. The console owns it from here on. */
  readonly connection: WebSocketConnection;
  readonly container: ContainerOf;
  readonly dlp: StreamDlp;
  readonly subject: StreamSubject;
  /** Ends the console: with the code of its reason if that is a `StreamSpaceError`, else as `ShuttingDown`. */
  readonly signal: AbortSignal;
  /** Somebody typed or pasted. */
  readonly onActivity: () => void;
  readonly onAudit: (event: AuditEvent) => void;
  readonly metrics: ConsoleMetrics;
  readonly log: Logger;
  readonly limits: ConsoleLimits;
  /** Milliseconds of a clock that nobody sets. */
  readonly now: () => number;
}

export interface OpenedConsole {
  /** Never rejects. Resolves when the shell has ended and the connection is closed. */
  readonly closed: Promise<void>;
  readonly close: (code: ErrorCode, message: string) => void;
}
