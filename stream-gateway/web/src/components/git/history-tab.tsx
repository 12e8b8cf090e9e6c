// The syncs of a GitSync, newest first; a row opens what that sync changed.
import { Button, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconHistory } from '@tabler/icons-react';
import { Fragment } from 'react';
import type { GitSyncView } from '../../../../../schemas/api/api.ts';
import type { SyncResult } from '../../../../../schemas/sync-history.ts';
import type { SyncView } from '../../api/git/git-sync-api.ts';
import { useSyncHistory } from '../../api/git/git-sync-queries.ts';
import { PLAN_CHANGES, shortRevision } from '../../model/git/git-sync.ts';
import { tookMs } from '../../model/git/sync-tree.ts';
import type { Tone } from '../../model/sessions/phases.ts';
import { elapsedText, exactTime } from '../../model/time.ts';
import { text } from '../../text/text.ts';
import { Ago } from '../ui/ago.tsx';
import { QueryState } from '../ui/query-state.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { Message } from '../ui/states.tsx';
import { ChangeTable } from './change-table.tsx';
import { Problems } from './problems.tsx';
import { RollBack } from './roll-back.tsx';
import { useSourceAddress } from './use-source-address.ts';

const words = text.source.history;
const TONES: Readonly<Record<SyncResult, Tone>> = { synced: 'good', failed: 'bad', superseded: 'quiet', stopped: 'off' };

export function HistoryTab({ sync }: { readonly sync: GitSyncView }) {
  const query = useSyncHistory(sync);
  return (
    <QueryState
      query={query}
      failed={words.failed}
      forbidden={{ why: words.forbidden, who: text.whoGrants.platform }}
      rows={6}
      height={52}
    >
      {({ pages }) => (
        <>
          <Syncs sync={sync} syncs={pages.flatMap(({ items }) => items)} />
          {query.hasNextPage ? (
            <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {words.older}
            </Button>
          ) : null}
        </>
      )}
    </QueryState>
  );
}

function Syncs({ sync: of, syncs }: { readonly sync: GitSyncView; readonly syncs: readonly SyncView[] }) {
  const [{ sync: opened }, change] = useSourceAddress();
  if (syncs.length === 0) {
    return (
      <Message icon={IconHistory} title={words.emptyTitle}>
        <p>{words.emptyText}</p>
      </Message>
    );
  }
  const { columns } = words;
  return (
    <table className="ss-table ss-history">
      <thead>
        <tr>
          <th scope="col">{columns.when}</th>
          <th scope="col">{columns.result}</th>
          <th scope="col">{columns.why}</th>
          <th scope="col">{columns.revision}</th>
          <th scope="col">{columns.changes}</th>
          <th scope="col">{columns.took}</th>
        </tr>
      </thead>
      <tbody>
        {syncs.map((sync) => {
          const open = sync.id === opened;
          const toggle = () => change({ sync: open ? undefined : sync.id });
          return (
            <Fragment key={sync.id}>
              <Row sync={sync} open={open} onToggle={toggle} />
              {open ? (
                <tr>
                  <td colSpan={6} className="ss-history-details" id={`sync-${sync.id}`}>
                    <Details sync={sync} />
                    {sync.result === 'synced' ? <RollBack sync={of} revision={sync.revision} /> : null}
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

function Row({ sync, open, onToggle }: { readonly sync: SyncView; readonly open: boolean; readonly onToggle: () => void }) {
  const { columns, triggers, results } = words;
  const Chevron = open ? IconChevronDown : IconChevronRight;
  const took = tookMs(sync);
  return (
    <tr>
      <th scope="row">
        <UnstyledButton
          className="ss-history-open"
          aria-expanded={open}
          aria-controls={open ? `sync-${sync.id}` : undefined}
          title={words.show(exactTime(Date.parse(sync.startedAt)))}
          onClick={onToggle}
        >
          <Chevron size={16} aria-hidden="true" />
          <Ago at={sync.startedAt} />
        </UnstyledButton>
      </th>
      <td data-label={columns.result}>
        <span>
          <StateBadge tone={TONES[sync.result]} label={sync.code ?? results[sync.result]} />
          {sync.attempts > 1 ? <span className="ss-cell-sub">{words.attempts(sync.attempts)}</span> : null}
        </span>
      </td>
      <td data-label={columns.why}>
        <span>
          {triggers[sync.trigger]}
          {sync.requestedBy === null ? null : (
            <span className="ss-cell-sub">
              {words.by(sync.requestedBy)}
              {sync.requestedByVerified ? null : ` (${words.unverified})`}
            </span>
          )}
        </span>
      </td>
      <td data-label={columns.revision}>
        <span>
          {sync.revision === null ? words.noRevision : <code title={sync.revision}>{shortRevision(sync.revision)}</code>}{' '}
          {sync.message}
          {sync.author === null ? null : <span className="ss-cell-sub">{text.git.by(sync.author)}</span>}
        </span>
      </td>
      <td data-label={columns.changes}>{countsText(sync.counts)}</td>
      <td data-label={columns.took}>{took === null ? null : elapsedText(took)}</td>
    </tr>
  );
}

function countsText(counts: SyncView['counts']): string {
  return PLAN_CHANGES.filter((action) => (counts[action] ?? 0) > 0)
    .map((action) => `${counts[action]} ${text.git.actions[action].toLowerCase()}`)
    .join(', ');
}

function Details({ sync }: { readonly sync: SyncView }) {
  const all = sync.changes.length + sync.changesLeftOut;
  return (
    <>
      {sync.reason === null ? null : <p>{sync.reason}</p>}
      <Problems problems={sync.problems} />
      {sync.changes.length === 0 ? <p className="ss-note">{words.noChanges}</p> : <ChangeTable changes={sync.changes} />}
      {sync.changesLeftOut === 0 ? null : <p className="ss-note">{words.leftOut(sync.changes.length, all)}</p>}
    </>
  );
}
