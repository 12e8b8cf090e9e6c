// How full one limit is: as a bar, and in words.
import type { QuotaLeft } from '../../api/access/quota-api.ts';
import { bytesText, quantityOf } from '../../model/quantity.ts';
import { text } from '../../text/text.ts';

const words = text.quotas;
export type Limit = keyof typeof words.limits;

/** In percent; the warnings of a quota begin here unless it says otherwise. */
const HIGH = 80;

export function LimitMeter(props: {
  readonly limit: Limit;
  readonly subject: string;
  readonly used: string;
  readonly hard: string;
}) {
  const { limit, subject, used, hard } = props;
  const most = quantityOf(hard);
  // Of nothing that is allowed anything is all.
  const percent = most > 0 ? (100 * quantityOf(used)) / most : quantityOf(used) > 0 ? 100 : 0;
  return (
    <>
      <meter aria-label={words.bar(words.limits[limit], subject)} min={0} max={100} high={HIGH} value={Math.min(percent, 100)} />{' '}
      {words.usedOf(amountText(limit, used), amountText(limit, hard))}
    </>
  );
}

export function amountText(limit: Limit, quantity: string): string {
  return limit === 'memory' || limit === 'storage' ? bytesText(quantity) : quantity;
}

/** What a team has of each limit that is for all of it together. */
export function LimitBars({ limits, subject }: Pick<QuotaLeft, 'limits'> & { readonly subject: string }) {
  const { columns } = words;
  return (
    <table className="ss-table">
      <thead>
        <tr>
          <th scope="col">{columns.limit}</th>
          <th scope="col">{columns.used}</th>
          <th scope="col">{columns.left}</th>
        </tr>
      </thead>
      <tbody>
        {limits.map(({ limit, used, hard, available }) => (
          <tr key={limit}>
            <th scope="row">{words.limits[limit]}</th>
            <td data-label={columns.used}>
              <LimitMeter limit={limit} subject={subject} used={used} hard={hard} />
            </td>
            <td data-label={columns.left}>{amountText(limit, available)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
