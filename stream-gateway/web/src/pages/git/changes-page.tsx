// Changes: the inbox first. Waiting for me, mine, all that I may read; live.
import { IconGitPullRequest } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ChangeView } from '../../api/git/changes-api.ts';
import { useChanges, useMe } from '../../api/queries.ts';
import { ChangeBadge } from '../../components/changes/change-parts.tsx';
import { Ago } from '../../components/ui/ago.tsx';
import { Page } from '../../components/ui/page.tsx';
import { Failed, Forbidden, Loading, Message } from '../../components/ui/states.tsx';
import { Tabs } from '../../components/ui/tabs.tsx';
import { useFlash } from '../../components/ui/use-flash.ts';
import { subjectOf } from '../../model/git/change-subject.ts';
import { approvalsOf, CHANGE_TABS, type ChangeTab, changesIn, phaseOf, troubleOf } from '../../model/git/changes.ts';
import { dayAndTime } from '../../model/time.ts';
import { text } from '../../text/text.ts';

const route = getRouteApi('/shell/changes');
const words = text.changes;

export function ChangesPage() {
  const { show } = route.useSearch();
  const me = useMe();
  const changes = useChanges();
  const tab: ChangeTab = show ?? 'waiting';
  return (
    <Page title={words.title} lead={words.lead}>
      {(() => {
        switch (changes.state) {
          case 'loading':
            return <Loading rows={3} height={88} />;
          case 'failed':
            return changes.error.forbidden ? (
              <Forbidden why={words.forbidden} who={text.whoGrants.team} />
            ) : (
              <Failed title={words.failed} error={changes.error} retry={changes.retry} />
            );
          case 'ready': {
            const all = changes.list.items;
            const shown = changesIn(tab, all, me.name);
            return (
              <>
                <Tabs
                  label={words.tabsLabel}
                  current={tab}
                  tabs={CHANGE_TABS.map((key) => ({
                    key,
                    label: words.tabs[key],
                    count: changesIn(key, all, me.name).length,
                    link: { to: '/changes', search: key === 'waiting' ? {} : { show: key } },
                  }))}
                />
                {shown.length === 0 ? (
                  <Message icon={IconGitPullRequest} title={words.emptyTitle[tab]}>
                    <p>{words.emptyText[tab]}</p>
                  </Message>
                ) : (
                  <div className="ss-stack">
                    {shown.map((change) => (
                      <ChangeCard key={change.metadata.uid} change={change} touched={changes.list.touched[change.metadata.uid]} />
                    ))}
                  </div>
                )}
              </>
            );
          }
        }
      })()}
    </Page>
  );
}

function ChangeCard({ change, touched }: { readonly change: ChangeView; readonly touched: number | undefined }) {
  const { metadata, spec } = change;
  const { name, namespace = '' } = metadata;
  const flashing = useFlash(touched);
  const { given, needed } = approvalsOf(change);
  const title = spec.reason.split('\n', 1)[0] ?? words.noReason;
  const trouble = troubleOf(change);
  return (
    <article className="ss-source" data-flash={flashing} aria-label={title}>
      <div className="ss-source-head">
        <h2>
          <Link to="/changes/$namespace/$name" params={{ namespace, name }}>
            {title}
          </Link>
        </h2>
        <ChangeBadge change={change} />
      </div>
      <p className="ss-note ss-break">
        {subjectOf(change)} · {namespace}
      </p>
      <p className="ss-note">
        {words.by(spec.requestedBy.displayName ?? spec.requestedBy.name)} <Ago at={metadata.creationTimestamp} />
        {phaseOf(change) === 'Open' ? ` · ${words.approvals(given, needed)}` : null}
        {spec.until === undefined ? null : ` · ${words.until(dayAndTime(Date.parse(spec.until)))}`}
      </p>
      {trouble === null ? null : <p className="ss-warning ss-break">{trouble.message}</p>}
    </article>
  );
}
