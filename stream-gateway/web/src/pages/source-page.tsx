// One Git source: what is applied, what was planned last, and every problem with its place and what to do.
import { Anchor, Button } from '@mantine/core';
import { IconAlertTriangle, IconMapQuestion } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { GitSyncView } from '../../../../schemas/api/api.ts';
import { remedyOf } from '../api/problem.ts';
import { useGitSyncs, useMe } from '../api/queries.ts';
import { ObjectName, PlanNote, PlanView } from '../components/git/plan-view.tsx';
import { HealthBadge, Revision, SyncNow } from '../components/git/source-parts.tsx';
import { Ago } from '../components/ui/ago.tsx';
import { Conditions } from '../components/ui/conditions.tsx';
import { Facts, Page, Section } from '../components/ui/page.tsx';
import { SyncBadge } from '../components/ui/state-badge.tsx';
import { Failed, Forbidden, Loading, Message } from '../components/ui/states.tsx';
import { placeOf, refText, syncStateOf } from '../model/git-sync.ts';
import { text } from '../text/text.ts';

const route = getRouteApi('/shell/sources/$namespace/$name');
const PARENT = { title: text.git.title, to: '/sources' } as const;

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
      if (sync !== undefined) return <Source sync={sync} />;
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
  const { metadata, spec, status } = sync;
  const { git } = text;
  const conditions = status?.conditions ?? [];
  const place = spec.ref.branch;
  return (
    <Page
      title={metadata.name}
      parent={PARENT}
      badge={
        <>
          <SyncBadge state={syncStateOf(sync)} />
          <HealthBadge health={status?.health} />
        </>
      }
      lead={
        <>
          {text.git.objectCount(status?.objects ?? 0)} · {git.lastSync}:{' '}
          {status?.lastSyncAt === undefined ? git.never : <Ago at={status.lastSyncAt} />}
        </>
      }
      actions={<SyncNow sync={sync} />}
    >
      {spec.suspend ? <p className="ss-warning">{git.suspendedText}</p> : null}
      <div className="ss-columns">
        <div className="ss-column-main">
          <Section title={git.revision}>
            <Revision sync={sync} />
          </Section>
          <Problems sync={sync} />
          <Section title={git.plan} note={status?.plan === undefined ? undefined : <PlanNote plan={status.plan} />}>
            {status?.plan === undefined ? <p className="ss-note">{git.noPlan}</p> : <PlanView plan={status.plan} />}
          </Section>
          {conditions.length === 0 ? null : (
            <Section title={git.conditions}>
              <Conditions conditions={conditions} inverse={['Drifted']} />
            </Section>
          )}
        </div>
        <aside className="ss-column-side" aria-label={git.source}>
          <Section title={git.source}>
            <Facts
              rows={[
                [
                  git.repository,
                  <Anchor key="url" className="ss-break" href={spec.url} target="_blank" rel="noreferrer">
                    {spec.url}
                  </Anchor>,
                ],
                [git.follows, place ?? refText(spec.ref)],
                [git.path, <code key="path">{spec.path}</code>],
                [git.renderer, spec.renderer],
                [git.interval, spec.interval],
                [git.account, <code key="account">{spec.serviceAccountName}</code>],
                [git.prune, spec.prune.enabled ? git.on : git.off],
                [git.wait, spec.wait ? git.on : git.off],
                [
                  git.lastAttempt,
                  status?.lastAttemptAt === undefined ? git.never : <Ago key="attempt" at={status.lastAttemptAt} />,
                ],
              ]}
            />
          </Section>
        </aside>
      </div>
    </Page>
  );
}

function Problems({ sync: { status } }: { readonly sync: GitSyncView }) {
  const problems = status?.problems ?? [];
  if (problems.length === 0) return null;
  return (
    <Section title={text.git.problems} note={text.git.problemCount(problems.length)}>
      <ul className="ss-problems">
        {problems.map((problem) => {
          const place = placeOf(problem);
          const remedy = remedyOf(problem.code);
          return (
            <li key={`${problem.code} ${place} ${problem.object} ${problem.message}`}>
              <IconAlertTriangle size={18} aria-hidden="true" />
              <div>
                {place === null ? null : <code className="ss-place">{place}</code>}
                {problem.object === undefined ? null : <ObjectName object={problem.object} />}
                <p>{problem.message}</p>
                {remedy === null ? null : <p className="ss-note">{remedy}</p>}
                <p className="ss-error-facts">
                  {text.states.code} <code>{problem.code}</code>
                </p>
              </div>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
