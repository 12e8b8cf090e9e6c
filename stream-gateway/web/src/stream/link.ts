// Keeps a desktop on the screen: ticket, connection, and again after a loss. Knows neither React nor noVNC.

import type { TicketView } from '../../../../schemas/api/api.ts';
import type { ErrorCode } from '../../../../schemas/errors.ts';
import { backoffMs, wait } from '../api/live/backoff.ts';
import { ApiError, remedyOf, toApiError } from '../api/problem.ts';
import type { Viewer } from './viewer.ts';

export type LinkState =
  | { readonly state: 'connecting' }
  | { readonly state: 'connected' }
  | { readonly state: 'lost'; readonly since: number; readonly retryAt: number; readonly reason: string | null }
  | { readonly state: 'refused'; readonly error: ApiError };

export interface LinkPorts {
  /** A ticket opens one stream, so each try asks for its own. */
  readonly ticket: (signal: AbortSignal) => Promise<TicketView>;
  readonly open: (ticket: TicketView) => Viewer;
  readonly onState: (state: LinkState) => void;
  /** The viewer while it is connected, null in between. */
  readonly onViewer: (viewer: Viewer | null) => void;
  readonly now: () => number;
  readonly random: () => number;
}

/** Another try cannot change these. */
const FINAL: readonly string[] = [
  'Forbidden',
  'NotFound',
  'SessionTerminated',
  'SignInRequired',
  'DesktopUnsupported',
  'DesktopTlsMissing',
  'DesktopTlsUntrusted',
  'ShareRevoked',
  'ShareExpired',
  'ShareKicked',
  'ShareDenied',
  'ShareNotForYou',
  'ShareLinkInvalid',
  'ShareGuestsNotAllowed',
  'SharingNotAllowed',
  'ShareAdminsOnly',
  'ShareModeNotAllowed',
] satisfies ErrorCode[];

/** Runs until `signal` is aborted (leaving, hibernating, restarting) or the gateway refuses for good. `hurry` cuts a wait. */
export async function keepLinked(ports: LinkPorts, signal: AbortSignal, hurry: () => AbortSignal): Promise<void> {
  let lostSince: number | null = null;
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    if (lostSince === null) ports.onState({ state: 'connecting' });
    const error = await tryOnce(ports, signal, () => {
      attempt = 0;
      lostSince = null;
      ports.onState({ state: 'connected' });
    });
    if (signal.aborted) return;
    if (error !== null && FINAL.includes(error.code)) {
      ports.onState({ state: 'refused', error });
      return;
    }
    lostSince ??= ports.now();
    // Nothing is broken: the picture only goes another way from now on.
    const atOnce = error?.code === 'PolicyChanged' && attempt === 0;
    const ms = atOnce ? 0 : backoffMs(attempt, { firstMs: 400, maxMs: 10_000, random: ports.random() });
    ports.onState({ state: 'lost', since: lostSince, retryAt: ports.now() + ms, reason: error?.message ?? null });
    await wait(ms, AbortSignal.any([signal, hurry()]));
  }
}

/** Why it ended; null where nobody said. */
async function tryOnce(ports: LinkPorts, signal: AbortSignal, onConnected: () => void): Promise<ApiError | null> {
  let viewer: Viewer;
  try {
    viewer = ports.open(await ports.ticket(signal));
  } catch (error) {
    return toApiError(error);
  }
  const close = () => viewer.close();
  if (signal.aborted) close();
  signal.addEventListener('abort', close);
  void viewer.connected.then(() => {
    if (signal.aborted) return;
    onConnected();
    ports.onViewer(viewer);
  });
  const { reason } = await viewer.closed;
  signal.removeEventListener('abort', close);
  ports.onViewer(null);
  return reason === null ? null : closeError(reason);
}

/** The gateway closes with `CODE: words`, in at most 123 bytes. */
export function closeError(reason: string): ApiError {
  const [, code = 'Internal', words = reason] = /^([A-Z][A-Za-z]+): (.*)$/s.exec(reason) ?? [];
  return new ApiError({ code, status: 0, detail: words, remedy: remedyOf(code) ?? '', requestId: null });
}
