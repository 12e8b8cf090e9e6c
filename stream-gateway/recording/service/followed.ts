// A session that is to be recorded, as this replica sees it.
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { RecordedDesktop } from './recorded-desktop.ts';

export interface Followed {
  readonly desktop: RecordedDesktop;
  readonly key: string;
  readonly uid: string;
  state: 'starting' | 'running' | 'interrupted';
  /** Why it does not run. */
  reason: string;
  changed: PromiseWithResolvers<void>;
}

/** Nobody may see the session now. */
export function stopped(session: string, reason: string): StreamSpaceError {
  return new StreamSpaceError('RecordingStopped', `session ${session} must be recorded, and is not: ${reason}`);
}

/** A desktop that restarts comes back; a disk that is full is told at once. */
const DESKTOP_GRACE_MS = 5_000;
/** How long a recording may be interrupted before the streams end that must be recorded. @param code why it is */
export function graceMs(code: string): number {
  return /^(Desktop|Rfb)/.test(code) ? DESKTOP_GRACE_MS : 0;
}
