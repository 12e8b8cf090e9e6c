// One Git source: its parts are tabs that stand in the address, and each is loaded when it is looked at.
import { Button } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import type { GitSyncView } from '../../../../../schemas/api/api.ts';
import { useGitSyncs, useMe } from '../../api/queries.ts';
import { SourceActions } from '../../components/git/source-actions.tsx';
import { SourceOverview } from '../../components/git/source-overview.tsx';
import { HealthBadge } from '../../components/git/source-parts.tsx';
import { Ago } from '../../components/ui/ago.tsx';
import { Page } from '../../components/ui/page.tsx';
import { SyncBadge } from '../../components/ui/state-badge.tsx';
import { Failed, Forbidden, Loading, Message } from '../../components/ui/states.tsx';
import { Tabs } from '../../components/ui/tabs.tsx';
import { syncStateOf } from '../../model/git/git-sync.ts';
import { SYNC_TABS } from '../../routes/search.ts';
import { text } from '../../text/text.ts';

const route = getRouteApi('/shell/sources/$namespace/$name');
const PARENT = { title: text.git.title, to: '/sources' } as const;

const TABS = {
  overview: SourceOverview,
  objects: lazy(async () => ({ default: (await import('../../components/git/objects-tab.tsx')).ObjectsTab })),
  plan: lazy(async () => ({ default: (await import('../../components/git/plan-tab.tsx')).PlanTab })),
  history: lazy(async () => ({ default: (await import('../../components/git/history-tab.tsx')).HistoryTab })),
};

export function SourcePage() {
  const { namespace, name } = route.useParams();
  const allowed = useMe().may.gitSyncs;
  const gitSyncs = useGitSyncs({ enabled: allowed });
  const page = (children: React.ReactNode) => (
    <Page title={name} parent={PARENT}>
      {children}
    </Page>
  );
  if (!allowed) return page(<Forbidden why={text.git.forbidden} who={text.whoGrants.platform} />);
  switch (gitSyncs.state) {
    case 'loading':
      return page(<Loading rows={3} height={140} />);
    case 'failed':
      return page(<Failed title={text.git.failed} error={gitSyncs.error} retry={gitSyncs.retry} />);
    case 'ready': {
      const sync = gitSyncs.list.items.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
      if (sync !== undefined) return <Source key={sync.metadata.uid} sync={sync} />;
      return page(
        <Message
          icon={IconMapQuestion}
          title={text.git.missingTitle}
          actions={<Button renderRoot={(rest) => <Link to="/sources" {...rest} />}>{text.git.toGit}</Button>}
        >
          <p>{text.git.missingText}</p>
        </Message>,
      );
    }
  }
}

function Source({ sync }: { readonly sync: GitSyncView }) {
  const { metadata, status } = sync;
  const { name, namespace = '' } = metadata;
  const { tab = 'overview' } = route.useSearch();
  const Shown = TABS[tab];
  return (
    <Page
      title={name}
      parent={PARENT}
      badge={
        <>
          <SyncBadge state={syncStateOf(sync)} />
          <HealthBadge health={status?.health} />
        </>
      }
      lead={
        <>
          {text.git.objectCount(status?.objects ?? 0)} · {text.git.lastSync}:{' '}
          {status?.lastSyncAt === undefined ? text.git.never : <Ago at={status.lastSyncAt} />}
        </>
      }
      actions={<SourceActions sync={sync} />}
    >
      <Tabs
        label={text.source.tabsLabel}
        current={tab}
        tabs={SYNC_TABS.map((key) => ({
          key,
          label: text.source.tabs[key],
          count: key === 'objects' ? status?.objects : undefined,
          link: {
            to: '/sources/$namespace/$name',
            params: { namespace, name },
            search: key === 'overview' ? {} : { tab: key },
          },
        }))}
      />
      <Suspense fallback={<Loading rows={6} height={44} />}>
        <Shown sync={sync} />
      </Suspense>
    </Page>
  );
}
