// What is left before a launch, in one line; where there is no room, why.
import { IconHourglassEmpty } from '@tabler/icons-react';
import type { QuotaLeft } from '../../api/access/quota-api.ts';
import { durationText } from '../../model/durations.ts';
import { bytesText, cpuText } from '../../model/quantity.ts';
import { text } from '../../text/text.ts';

type Limit = QuotaLeft['limits'][number];

/** @param id for `aria-describedby` of the button that it is about */
export function QuotaNote({
  left,
  failed,
  id,
}: {
  readonly left: QuotaLeft | undefined;
  readonly failed: boolean;
  readonly id: string;
}) {
  // What was last known is worth more than the news that it could not be asked again.
  if (left === undefined) return failed ? <p className="ss-note">{text.catalog.quota.failed}</p> : null;
  const words = [...left.limits.map(wordsOf), ...(left.maxSeconds === null ? [] : [longestText(left.maxSeconds)])];
  if (left.refusal === null && words.length === 0) return null;
  return (
    <div id={id} className="ss-quota" aria-live="polite">
      {left.refusal === null ? null : (
        <p className="ss-quota-refusal">
          <IconHourglassEmpty className="ss-quota-icon" size={16} aria-hidden="true" />{' '}
          <span>{text.catalog.quota.full(left.refusal.message)}</span>
        </p>
      )}
      {words.length === 0 ? null : <p className="ss-note">{words.join(' · ')}</p>}
    </div>
  );
}

function wordsOf({ limit, used, hard, available }: Limit): string {
  const words = text.catalog.quota;
  switch (limit) {
    case 'sessionsRunning':
      return words.running(used, hard);
    case 'sessionsTotal':
      return words.total(used, hard);
    case 'cpu':
      return words.left(available, cpuText(hard));
    case 'memory':
      return words.left(bytesText(available), words.memory(bytesText(hard)));
    case 'storage':
      return words.left(bytesText(available), words.storage(bytesText(hard)));
    case 'gpu':
      return words.left(available, words.gpu(hard));
    case 'cpuHoursPerMonth':
      return words.left(available, words.hours(hard));
  }
}

function longestText(seconds: number): string {
  return text.catalog.quota.longest(durationText(seconds));
}
