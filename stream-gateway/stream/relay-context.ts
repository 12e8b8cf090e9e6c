// What the two directions of one stream share.
import type { Socket } from 'node:net';
import type { DenyRule } from '../dlp/verdict.ts';
import type { StreamRight } from '../dlp/view-only.ts';
import type { Negotiation } from '../rfb/negotiation.ts';
import type { BrowserSide } from './browser-side.ts';
import type { Clipboard } from './clipboard/clipboard.ts';
import type { ClipboardReport } from './clipboard/clipboard-report.ts';
import type { DisplaysReport } from './desktop/displays-report.ts';
import type { FenceWatch } from './fence-watch.ts';
import type { StreamLimits } from './limits.ts';
import type { LinkMeasure } from './link-measure.ts';
import type { PixelPath } from './pixels/pixel-path.ts';
import type { StreamSeat } from './seat.ts';
import type { StreamDlp } from './stream-policy.ts';

export interface RelayContext {
  /** As it is now: with a seat it changes. */
  readonly right: StreamRight;
  readonly seat: StreamSeat | undefined;
  readonly browser: BrowserSide;
  readonly desktop: Socket;
  readonly negotiation: Negotiation;
  /** Where the policy changes the picture; else bytes are passed on as they are. */
  readonly pixels: PixelPath | undefined;
  readonly fences: FenceWatch;
  readonly link: LinkMeasure;
  readonly limits: StreamLimits;
  readonly dlp: StreamDlp;
  readonly clipboard: Clipboard;
  readonly report: ClipboardReport;
  readonly displays: DisplaysReport;
  readonly onDenied: (message: string, rule: DenyRule) => void;
  /** A key or a pointer of the person went to the desktop. */
  readonly onInput: (kind: 'Key' | 'Pointer') => void;
  /** Something that the browser sent is wrong, and was found only after its bytes were taken. */
  readonly onBrowserError: (error: unknown) => void;
  /** Likewise of the desktop. */
  readonly onDesktopError: (error: unknown) => void;
  readonly now: () => number;
  /** Aborted when the stream ends. */
  readonly signal: AbortSignal;
}
