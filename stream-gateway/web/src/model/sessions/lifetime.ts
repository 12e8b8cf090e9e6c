// When a session ends by its policies, in a sentence. Pure.
import type { SessionView } from '../../../../../schemas/api/api.ts';
import { text } from '../../text/text.ts';

type Lifetime = NonNullable<NonNullable<SessionView['status']>['lifetime']>;

/** `14:05`; with the day where that is another one. In the reader's own zone. */
export function clockTime(at: string, now: number): string {
  const date = new Date(at);
  const time: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  const sameDay = date.toDateString() === new Date(now).toDateString();
  return new Intl.DateTimeFormat('en', sameDay ? time : { ...time, day: 'numeric', month: 'short' }).format(date);
}

/** `Hibernates at 14:05 when nobody types; last key 13:35`; null where no policy ends it. */
export function lifetimeWords(session: Pick<SessionView, 'status'>, now: number): string | null {
  const { next, lastInputAt, lastInputKind, snoozedUntil, ended, dormant }: Lifetime = session.status?.lifetime ?? {};
  const words = text.lifetime;
  const at = (time: string): string => clockTime(time, now);
  const parts = [
    ...(ended === undefined ? [] : [words.ended(ended.action, at(ended.at), ended.reason)]),
    ...(dormant === true ? [words.dormant] : []),
    ...(next === undefined ? [] : [words.next(next.action, at(next.at), next.reason)]),
    ...(next?.reason === 'Idle' && lastInputAt !== undefined ? [words.last(lastInputKind, at(lastInputAt))] : []),
    ...(next?.reason === 'Idle' && snoozedUntil !== undefined ? [words.snoozed(at(snoozedUntil))] : []),
  ];
  return parts.length === 0 ? null : parts.join('; ');
}

export interface EndWarning {
  readonly next: NonNullable<Lifetime['next']>;
  /** Whether it may be put off once more. */
  readonly mayPutOff: boolean;
}

/** What people have to be warned of now; null: nothing. */
export function endWarning({ status }: Pick<SessionView, 'status'>): EndWarning | null {
  const { next, warned = [], snoozes = 0 }: Lifetime = status?.lifetime ?? {};
  if (next === undefined || status?.phase !== 'Running' || !warned.some(({ reason }) => reason === next.reason)) return null;
  const max = status.effectivePolicy?.lifetime?.idle?.snoozes.max ?? 0;
  return { next, mayPutOff: next.reason === 'Idle' && snoozes < max };
}
