// One quota: whom it limits, who uses how much, its overrides with end and reason, and where it stands in Git. Nothing is edited here.
import type { ReactNode } from 'react';
import type { QuotaRow } from '../../api/access/quota-api.ts';
import { exactTime } from '../../model/time.ts';
import { text } from '../../text/text.ts';
import { Section } from '../ui/page.tsx';
import { amountText, type Limit, LimitMeter } from './limit-meter.tsx';
import { Origin } from './origin.tsx';

const words = text.quotas;
type Place = QuotaRow['places'][number];
const LIMITS = Object.keys(words.limits).filter((name): name is Limit => name in words.limits);

/** @param actions buttons for whoever may change it */
export function QuotaCard({ quota, actions }: { readonly quota: QuotaRow; readonly actions?: ReactNode }) {
  const { columns } = words;
  const more = quota.placesInAll - quota.places.length;
  const rows = quota.places.flatMap((place) =>
    LIMITS.filter((limit) => place.hard[limit] !== undefined).map((limit) => ({ place, limit })),
  );
  return (
    <Section title={`${quota.namespace}/${quota.name}`} note={noteOf(quota)} {...(actions === undefined ? {} : { actions })}>
      <p className={quota.overQuota || !quota.reached ? 'ss-warning' : 'ss-note'}>{stateOf(quota)}</p>
      {quota.maxDuration === null ? null : <p className="ss-note">{words.longest(quota.maxDuration)}</p>}
      {rows.length === 0 ? (
        <p className="ss-note">{words.nothingUsed}</p>
      ) : (
        <div className="ss-table-scroll">
          <table className="ss-table">
            <thead>
              <tr>
                <th scope="col">{columns.subject}</th>
                <th scope="col">{columns.limit}</th>
                <th scope="col">{columns.used}</th>
                <th scope="col">{columns.left}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ place, limit }) => (
                <Use key={`${place.subject} ${limit}`} place={place} limit={limit} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {more > 0 ? <p className="ss-note">{words.more(more)}</p> : null}
      <Overrides overrides={quota.overrides} />
      <p>
        {words.origin}: <Origin origin={quota.origin} />
      </p>
    </Section>
  );
}

function Use({ place, limit }: { readonly place: Place; readonly limit: Limit }) {
  const { columns } = words;
  const [used = '0', hard = '0'] = [place.used[limit], place.hard[limit]];
  const subject = place.subject === '' ? words.platform : place.subject;
  return (
    <tr>
      <th scope="row">{subject}</th>
      <td data-label={columns.limit}>{words.limits[limit]}</td>
      <td data-label={columns.used}>
        <LimitMeter limit={limit} subject={subject} used={used} hard={hard} />
      </td>
      <td data-label={columns.left}>{amountText(limit, place.available[limit] ?? '0')}</td>
    </tr>
  );
}

function Overrides({ overrides }: Pick<QuotaRow, 'overrides'>) {
  const { columns } = words;
  if (overrides.length === 0) return null;
  return (
    <div className="ss-table-scroll">
      <table className="ss-table" aria-label={words.overrides}>
        <thead>
          <tr>
            <th scope="col">{columns.subjectOverride}</th>
            <th scope="col">{columns.limit}</th>
            <th scope="col">{columns.until}</th>
            <th scope="col">{columns.reason}</th>
          </tr>
        </thead>
        <tbody>
          {overrides.map((each) => (
            <tr key={`${each.subject} ${each.expiresAt ?? ''} ${each.reason}`}>
              <th scope="row">{each.subject}</th>
              <td data-label={columns.limit}>{limitsText(each)}</td>
              <td data-label={columns.until}>
                {each.expiresAt === null ? words.noEnd : exactTime(Date.parse(each.expiresAt))}
                {each.ended ? ` (${words.ended})` : ''}
              </td>
              <td data-label={columns.reason}>{each.reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function limitsText({ limits, unlimited, maxDuration }: QuotaRow['overrides'][number]): string {
  const given = LIMITS.flatMap((limit) => {
    const value = limits[limit];
    return value === undefined ? [] : [`${words.limits[limit]} ${amountText(limit, value)}`];
  });
  const lifted = unlimited.map((limit) => `${words.limits[limit]}: ${words.unlimited}`);
  return [...given, ...lifted, ...(maxDuration === null ? [] : [words.longest(maxDuration)])].join(', ');
}

function noteOf({ scope, namespace, templates }: QuotaRow): string {
  const where = namespace === 'streamspace' ? words.everywhere : words.ofTeam(namespace);
  return `${words.scopes[scope]} ${where}${templates === null ? '' : ` · ${words.templates(templates)}`}`;
}

function stateOf({ reached, overQuota, nearLimit }: QuotaRow): string {
  if (!reached) return words.unreached;
  return overQuota ? words.over : nearLimit ? words.near : words.ok;
}
