// A time in words, with the exact one on hover.
import { exactTime, relativeTime } from '../../model/time.ts';
import { useNow } from './use-now.ts';

export function Ago({ at }: { readonly at: string | number }) {
  const now = useNow(10_000);
  const time = typeof at === 'number' ? at : Date.parse(at);
  return (
    <time dateTime={new Date(time).toISOString()} title={exactTime(time)}>
      {relativeTime(time, Math.max(now, time > now && time - now < 10_000 ? time : now))}
    </time>
  );
}
