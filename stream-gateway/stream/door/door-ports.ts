// What the door of the streams needs from the rest of the gateway.
import type { IncomingMessage } from 'node:http';
import type { Logger } from '../../../runtime/log/log.ts';
import type { AuditEvent } from '../../../schemas/events.ts';
import type { StreamRight } from '../../dlp/view-only.ts';
import type { DesktopEndpoint } from '../desktop/desktop-side.ts';
import type { StreamLimits } from '../limits.ts';
import type { PixelWorkers } from '../pixels/pixel-workers.ts';
import type { StreamSeat } from '../seat.ts';
import type { StreamMetrics } from '../stream-metrics.ts';
import type { Allowance, JudgeContent, StreamPolicy } from '../stream-policy.ts';
import type { StreamRegistry } from '../stream-registry.ts';
import type { StreamPath } from './stream-request.ts';

/** By which share somebody comes in. */
export interface ShareEntry {
  readonly share: string;
  readonly shareUid: string;
  /** Of the link; null where the share names the person. */
  readonly visit: string | null;
  /** Without an account, under a name that he gave. */
  readonly guest: boolean;
}

/** What a ticket was good for. */
export interface StreamGrant {
  readonly person: string;
  readonly right: StreamRight;
  /** Left out: by a right of his own. */
  readonly via?: ShareEntry;
  /** As others see it; left out: {@link person}. */
  readonly displayName?: string;
  /** Ends the stream, with the code of its reason if that is a `StreamSpaceError`: sign-out, a key that was revoked. */
  readonly signal?: AbortSignal;
  /** Called once, when there is no stream any more. */
  readonly release?: () => void;
}

/** A session that somebody may be let into now. Disposed when there is no stream (any more). */
export interface Entered extends Disposable {
  readonly desktop: DesktopEndpoint;
  readonly policy: StreamPolicy;
  readonly allowance: Allowance;
  readonly seat?: StreamSeat;
}

export interface StreamUpgradePorts {
  readonly publicOrigins: ReadonlySet<string>;
  /** Without a path; refusals link to it. */
  readonly publicUrl: string;
  /** Further guards, the same that a request passes. Rejects to refuse over HTTP. */
  readonly guard?: (request: IncomingMessage) => Promise<void> | void;
  /** Takes the ticket. @throws TicketInvalid */
  readonly redeemTicket: (ticket: string, path: StreamPath) => Promise<StreamGrant>;
  /** Asked once more at the door: rights may have gone since the ticket. @throws Forbidden */
  readonly authorize?: (grant: StreamGrant, path: StreamPath) => Promise<void>;
  /** @throws SessionNotRunning, NotFound, PolicyUnavailable, ... */
  readonly enter: (path: StreamPath, person: string, grant: StreamGrant) => Promise<Entered>;
  /** Somebody used keyboard or pointer in the session. */
  readonly onInput?: (path: StreamPath, kind: 'Key' | 'Pointer') => void;
  readonly judge: JudgeContent;
  readonly pixels: PixelWorkers;
  readonly audit: (event: AuditEvent) => void;
  readonly metrics: StreamMetrics;
  readonly log: Logger;
  readonly registry: StreamRegistry;
  /** Aborted when the process drains: every stream closes with 1012. */
  readonly signal: AbortSignal;
  readonly limits?: Partial<StreamLimits>;
  /** Where a request comes from, for the audit. Default: the address of the connection. */
  readonly addressOf?: (request: IncomingMessage) => string | undefined;
  /** Requests whose ticket or session is being looked up. Default 256; above it the answer is 429. */
  readonly maxPending?: number;
}
