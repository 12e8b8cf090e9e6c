// The parts of a recording's page: its gaps, its hold or end, who watched, its segments with their hashes.
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconLock, IconTrash } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { RecordingDetail } from '../../../../../schemas/api/recordings.ts';
import { useRecordingSegments } from '../../api/sessions/recording-queries.ts';
import { clockText, sizeText } from '../../model/recordings/recordings.ts';
import { text } from '../../text/text.ts';
import { Ago } from '../ui/ago.tsx';
import { Section } from '../ui/page.tsx';
import { QueryState } from '../ui/query-state.tsx';

const words = text.recordings;

export function Gaps({ recording: { gaps, durationMs } }: { readonly recording: RecordingDetail }) {
  const { title, none, text: span, open } = words.gaps;
  return (
    <Section title={title}>
      {gaps.length === 0 ? (
        <p className="ss-note">
          <IconCircleCheck size={14} aria-hidden="true" className="ss-inline-icon" />{' '}
          {durationMs === 0 ? words.segments.none : none}
        </p>
      ) : (
        <ul className="ss-plain-list">
          {gaps.map(({ fromMs, toMs, code }) => (
            <li key={fromMs}>
              <IconAlertTriangle size={14} aria-hidden="true" className="ss-inline-icon" />{' '}
              <strong>{span(clockText(fromMs), toMs === null ? open : clockText(toMs))}</strong> <code>{code}</code>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function HoldOrEnd({
  recording: { hold, deleted, chain, retentionUntil, state },
}: {
  readonly recording: RecordingDetail;
}) {
  if (deleted !== null) {
    return (
      <Section title={words.deleted.title}>
        <p>
          <IconTrash size={14} aria-hidden="true" className="ss-inline-icon" />{' '}
          {deleted.by === null ? words.deleted.byRetention : words.deleted.by(deleted.by)}, <Ago at={deleted.at} />:{' '}
          {deleted.reason}
        </p>
        {chain === null ? null : (
          <>
            <p className="ss-note">{words.deleted.proof}</p>
            <code className="ss-break">{chain}</code>
          </>
        )}
      </Section>
    );
  }
  const forever = retentionUntil === null && state !== 'Recording';
  return (
    <Section title={words.hold.title}>
      {hold === null ? (
        <p className="ss-note">{forever ? words.hold.noneForever : words.hold.none}</p>
      ) : (
        <p>
          <IconLock size={14} aria-hidden="true" className="ss-inline-icon" /> {words.hold.by(hold.by)}, <Ago at={hold.at} />:{' '}
          {hold.reason}
        </p>
      )}
    </Section>
  );
}

export function Views({ recording: { views } }: { readonly recording: RecordingDetail }) {
  const { title, none, columns, watched, download } = words.views;
  return (
    <Section title={title}>
      {views.length === 0 ? (
        <p className="ss-note">{none}</p>
      ) : (
        <table className="ss-table">
          <thead>
            <tr>
              <th scope="col">{columns.person}</th>
              <th scope="col">{columns.when}</th>
              <th scope="col">{columns.what}</th>
            </tr>
          </thead>
          <tbody>
            {views.map((view) => (
              <tr key={`${view.person} ${view.firstAt} ${view.download}`}>
                <th scope="row">
                  <Link to="/recordings" search={{ person: view.person }}>
                    {view.person}
                  </Link>
                </th>
                <td data-label={columns.when}>
                  <Ago at={view.lastAt} />
                </td>
                <td data-label={columns.what}>
                  {watched(clockText(view.startMs), clockText(view.endMs), view.segments)}
                  {view.download ? ` (${download})` : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}

export function Segments({ recording: { id, segments, chain } }: { readonly recording: RecordingDetail }) {
  const [opened, setOpened] = useState(false);
  const query = useRecordingSegments(id, segments, opened);
  const { title, show, none, columns, cut, failed, more } = words.segments;
  if (segments === 0 && chain === null) {
    return (
      <Section title={title}>
        <p className="ss-note">{none}</p>
      </Section>
    );
  }
  return (
    <Section title={title}>
      <p className="ss-note">{words.segments.chain}</p>
      <code className="ss-break">{chain}</code>
      {opened ? (
        <QueryState
          query={query}
          failed={failed}
          forbidden={{ why: words.forbidden, who: text.whoGrants.team }}
          rows={3}
          height={32}
        >
          {({ pages }) => (
            <>
              <table className="ss-table">
                <thead>
                  <tr>
                    {Object.entries(columns).map(([name, label]) => (
                      <th scope="col" key={name}>
                        {label}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {pages
                    .flatMap(({ items }) => items)
                    .map(({ number, startMs, durationMs, bytes, width, height, sha256, closed }) => (
                      <tr key={number}>
                        <th scope="row">{number}</th>
                        <td data-label={columns.time}>
                          {clockText(startMs)}–{clockText(startMs + durationMs)}
                          {closed ? null : ` (${cut})`}
                        </td>
                        <td data-label={columns.size}>{sizeText(bytes)}</td>
                        <td data-label={columns.picture}>
                          {width} × {height}
                        </td>
                        <td data-label={columns.hash}>
                          <code title={sha256}>{sha256.slice(0, 16)}…</code>
                        </td>
                      </tr>
                    ))}
                </tbody>
              </table>
              {query.hasNextPage ? (
                <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  {more}
                </Button>
              ) : null}
            </>
          )}
        </QueryState>
      ) : (
        <div>
          <Button variant="default" size="xs" onClick={() => setOpened(true)}>
            {show(segments)}
          </Button>
        </div>
      )}
    </Section>
  );
}
