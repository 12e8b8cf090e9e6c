// The Git sources: for each the revision with author and message, whether it is in sync and healthy, and what is wrong.
import { IconGitBranch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { GitSyncView } from '../../../../../schemas/api/api.ts';
import { useGitSyncs, useMe } from '../../api/queries.ts';
import { HealthBadge, Revision, SyncNow } from '../../components/git/source-parts.tsx';
import { Ago } from '../../components/ui/ago.tsx';
import { Page } from '../../components/ui/page.tsx';
import { SyncBadge } from '../../components/ui/state-badge.tsx';
import { Failed, Forbidden, Loading, Message } from '../../components/ui/states.tsx';
import { useFlash } from '../../components/ui/use-flash.ts';
import { readyOf, refText, syncStateOf } from '../../model/git/git-sync.ts';
import { text } from '../../text/text.ts';

export function SourcesPage() {
  const allowed = useMe().may.gitSyncs;
  const gitSyncs = useGitSyncs({ enabled: allowed });
  return (
    <Page title={text.git.title} lead={text.git.lead}>
      {(() => {
        if (!allowed) return <Forbidden why={text.git.forbidden} who={text.whoGrants.platform} />;
        switch (gitSyncs.state) {
          case 'loading':
            return <Loading rows={2} height={128} />;
          case 'failed':
            return gitSyncs.error.forbidden ? (
              <Forbidden why={text.git.forbidden} who={text.whoGrants.platform} />
            ) : (
              <Failed title={text.git.failed} error={gitSyncs.error} retry={gitSyncs.retry} />
            );
          case 'ready':
            if (gitSyncs.list.items.length === 0) {
              return (
                <Message icon={IconGitBranch} title={text.git.emptyTitle}>
                  <p>{text.git.emptyText}</p>
                </Message>
              );
            }
            return (
              <div className="ss-stack">
                {gitSyncs.list.items.map((sync) => (
                  <Source key={sync.metadata.uid} sync={sync} touched={gitSyncs.list.touched[sync.metadata.uid]} />
                ))}
              </div>
            );
        }
      })()}
    </Page>
  );
}

function Source({ sync, touched }: { readonly sync: GitSyncView; readonly touched: number | undefined }) {
  const { metadata, spec, status } = sync;
  const { name, namespace = '' } = metadata;
  const flashing = useFlash(touched);
  const state = syncStateOf(sync);
  const problems = status?.problems?.length ?? 0;
  return (
    <article className="ss-source" data-flash={flashing} aria-label={name}>
      <div className="ss-source-head">
        <h2>
          <Link to="/sources/$namespace/$name" params={{ namespace, name }}>
            {name}
          </Link>
        </h2>
        <SyncBadge state={state} />
        <HealthBadge health={status?.health} />
        <span className="ss-source-actions">{sync.may.update ? <SyncNow sync={sync} /> : null}</span>
      </div>
      <p className="ss-note ss-break">
        {spec.url} · {refText(spec.ref)} · {spec.path}
      </p>
      <Revision sync={sync} />
      <p className="ss-note">
        {text.git.objectCount(status?.objects ?? 0)}
        {problems === 0 ? null : ` · ${text.git.problemCount(problems)}`}
        {' · '}
        {text.git.lastSync}: {status?.lastSyncAt === undefined ? text.git.never : <Ago at={status.lastSyncAt} />}
      </p>
      {state === 'failed' ? <p className="ss-source-why">{readyOf(sync)?.message}</p> : null}
    </article>
  );
}
