// Events as a table, newest first; a row opens all that is known of it. On a phone the same rows stand as cards (CSS alone).
import { UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import type { AuditKey } from '../../../../../schemas/audit-search/terms.ts';
import { AUDIT_EVENTS } from '../../../../../schemas/events.ts';
import type { AuditEventView } from '../../api/access/audit-api.ts';
import { pageOfObject } from '../../model/access/audit-search.ts';
import { CHANGE_DETAILS } from '../../model/git/object-change.ts';
import type { Tone } from '../../model/sessions/phases.ts';
import { exactTime } from '../../model/time.ts';
import { text } from '../../text/text.ts';
import { CopyText } from '../ui/copy-button.tsx';
import { Facts } from '../ui/page.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { ObjectChange } from './object-change.tsx';

const words = text.audit;
const TONES: Readonly<Record<AuditEventView['result'], Tone>> = { success: 'good', refused: 'off', failure: 'bad' };

export type Narrow = (key: AuditKey, value: string) => void;

interface EventTableProps {
  readonly events: readonly AuditEventView[];
  readonly opened: string | undefined;
  readonly onOpen: (id: string | undefined) => void;
  readonly onNarrow: Narrow;
}

export function EventTable({ events, opened, onOpen, onNarrow }: EventTableProps) {
  const { columns } = words;
  return (
    <table className="ss-table ss-audit-table">
      <thead>
        <tr>
          <th scope="col">{columns.at}</th>
          <th scope="col">{columns.actor}</th>
          <th scope="col">{columns.type}</th>
          <th scope="col">{columns.result}</th>
          <th scope="col">{columns.object}</th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => {
          const open = event.id === opened;
          return (
            <Fragment key={event.id}>
              <Row event={event} open={open} onToggle={() => onOpen(open ? undefined : event.id)} />
              {open ? (
                <tr className="ss-audit-details">
                  <td colSpan={5} id={`event-${event.id}`}>
                    <Details event={event} onNarrow={onNarrow} />
                  </td>
                </tr>
              ) : null}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}

function Row({
  event,
  open,
  onToggle,
}: {
  readonly event: AuditEventView;
  readonly open: boolean;
  readonly onToggle: () => void;
}) {
  const { columns, details, nobody } = words;
  const Chevron = open ? IconChevronDown : IconChevronRight;
  const at = exactTime(Date.parse(event.at));
  return (
    <tr>
      <th scope="row">
        <UnstyledButton
          className="ss-audit-toggle"
          aria-expanded={open}
          aria-label={`${at}: ${open ? details.hide : details.show}`}
          onClick={onToggle}
        >
          <Chevron size={16} aria-hidden="true" /> <time dateTime={event.at}>{at}</time>
        </UnstyledButton>
      </th>
      <td data-label={columns.actor}>{event.actor ?? (event.sourceAddress === null ? text.product : nobody)}</td>
      <td data-label={columns.type}>
        <code title={AUDIT_EVENTS[event.type]}>{event.type}</code>
        {event.details['origin'] === 'kubernetes' ? (
          <span className="ss-audit-origin" title={words.past.title}>
            {words.past.kubernetes}
          </span>
        ) : null}
      </td>
      <td data-label={columns.result}>
        <StateBadge tone={TONES[event.result]} label={words.results[event.result]} />
      </td>
      <td data-label={columns.object}>{event.object ?? '–'}</td>
    </tr>
  );
}

const hasChange = ({ details }: AuditEventView): boolean => Object.keys(details).some((name) => CHANGE_DETAILS.has(name));

function plainDetails({ details }: AuditEventView) {
  return Object.entries(details).filter(([name]) => !CHANGE_DETAILS.has(name));
}

function Details({ event, onNarrow }: { readonly event: AuditEventView; readonly onNarrow: Narrow }) {
  const { columns, details } = words;
  const narrowed = (key: AuditKey, value: string | null, shown: ReactNode = value): ReactNode =>
    value === null ? (
      '–'
    ) : (
      <span className="ss-audit-value">
        {shown}{' '}
        <button type="button" className="ss-link-button" onClick={() => onNarrow(key, value)}>
          {details.only}
          <VisuallyHidden> {`${key}:${value}`}</VisuallyHidden>
        </button>
      </span>
    );
  const page = event.object === null ? undefined : pageOfObject(event.object);
  const known = AUDIT_EVENTS[event.type];
  return (
    <Facts
      rows={[
        [columns.at, <time key="at">{event.at}</time>],
        [columns.actor, narrowed('actor', event.actor)],
        [columns.type, narrowed('action', event.type, known)],
        [columns.result, narrowed('result', event.result, words.results[event.result])],
        [
          columns.object,
          narrowed('object', event.object, page === undefined ? event.object : <Link to={page.to}>{event.object}</Link>),
        ],
        [details.address, narrowed('address', event.sourceAddress)],
        [details.request, narrowed('request', event.requestId)],
        ...(hasChange(event) ? [[words.change.title, <ObjectChange key="change" event={event} />] as const] : []),
        ...plainDetails(event).map(([name, value]): readonly [string, ReactNode] => [
          name,
          name === 'revision' && typeof value === 'string' ? narrowed('commit', value, <code>{value}</code>) : String(value),
        ]),
        [
          details.id,
          <span key="id" className="ss-audit-value">
            <code>{event.id}</code> <CopyText value={event.id} />
          </span>,
        ],
      ]}
    />
  );
}
