// One change: why, what, the commit, who has said what, and what became of it.
import { IconGitPullRequest } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useChange } from '../../api/git/change-queries.ts';
import type { ChangeView } from '../../api/git/changes-api.ts';
import { toApiError } from '../../api/problem.ts';
import { useMe } from '../../api/queries.ts';
import { ChangeActions } from '../../components/changes/change-actions.tsx';
import { Approvals, ChangeBadge, ChangeDiff, ChangedObjects, ChangeResult } from '../../components/changes/change-parts.tsx';
import { CodeOwners } from '../../components/changes/code-owners.tsx';
import { TakenBack } from '../../components/changes/taken-back.tsx';
import { Ago } from '../../components/ui/ago.tsx';
import { Facts, Page, Section } from '../../components/ui/page.tsx';
import { QueryState } from '../../components/ui/query-state.tsx';
import { Message } from '../../components/ui/states.tsx';
import { subjectOf } from '../../model/git/change-subject.ts';
import { approvalsOf, phaseOf, troubleOf } from '../../model/git/changes.ts';
import { shortRevision } from '../../model/git/git-sync.ts';
import { dayAndTime, exactTime } from '../../model/time.ts';
import { text } from '../../text/text.ts';

const route = getRouteApi('/shell/changes/$namespace/$name');
const words = text.changes;
const { detail } = words;
type Fact = readonly [string, ReactNode];

export function ChangePage() {
  const params = route.useParams();
  const me = useMe();
  const query = useChange(params);
  if (query.data === undefined && query.error !== null && toApiError(query.error).status === 404)
    return (
      <Message icon={IconGitPullRequest} title={detail.notFound} whole>
        <p>{detail.notFoundText}</p>
      </Message>
    );
  const title = query.data?.spec.reason.split('\n', 1)[0] ?? params.name;
  return (
    <Page
      title={title}
      parent={{ title: words.title, to: '/changes' }}
      badge={query.data === undefined ? undefined : <ChangeBadge change={query.data} />}
      actions={query.data === undefined ? undefined : <ChangeActions change={query.data} />}
    >
      <QueryState
        query={query}
        failed={detail.failed}
        forbidden={{ why: detail.forbidden, who: text.whoGrants.team }}
        rows={5}
        height={64}
      >
        {(change) => {
          const { spec, status, metadata } = change;
          const trouble = troubleOf(change);
          const { given, needed } = approvalsOf(change);
          const { target } = spec;
          return (
            <>
              {trouble === null ? null : (
                <p className="ss-warning" role="status">
                  <span className="ss-break">
                    {trouble.message} (<code>{trouble.code}</code>)
                  </span>
                </p>
              )}
              <Section title={detail.why}>
                <p className="ss-break">{spec.reason}</p>
                {spec.takesBack === undefined ? null : <p className="ss-note">{detail.takesBackText}</p>}
                {phaseOf(change) === 'Open' && spec.requestedBy.name === me.name && given < needed ? (
                  <p className="ss-note">{detail.ownWaits(params.namespace)}</p>
                ) : null}
                <Facts
                  rows={[
                    ...(spec.takesBack === undefined ? [[detail.what, subjectOf(change)] as const] : []),
                    [
                      detail.asked,
                      <span key="asked">
                        {spec.requestedBy.displayName ?? spec.requestedBy.name} <Ago at={metadata.creationTimestamp} />
                      </span>,
                    ],
                    [
                      detail.target,
                      me.may.gitSyncs ? (
                        <Link key="target" to="/sources/$namespace/$name" params={target}>
                          {`${target.namespace}/${target.name}`}
                        </Link>
                      ) : (
                        `${target.namespace}/${target.name}`
                      ),
                    ],
                    ...timesOf(change),
                    ...(status?.commit === undefined
                      ? []
                      : ([[detail.commit, <code key="commit">{shortRevision(status.commit)}</code>]] as const)),
                    ...(status?.url === undefined
                      ? []
                      : ([
                          [
                            detail.pullRequest,
                            <a key="pull" href={status.url} target="_blank" rel="noreferrer">
                              {status.number === undefined ? status.url : `#${status.number}`}
                            </a>,
                          ],
                        ] as const)),
                    ...(phaseOf(change) === 'Open' && status?.expiresAt !== undefined
                      ? ([
                          [detail.approvals, words.approvalsWhy(given, needed, status.approvalsReason)],
                          [detail.expires, exactTime(Date.parse(status.expiresAt))],
                        ] as const)
                      : []),
                  ]}
                />
              </Section>
              <ChangedObjects change={change} />
              <ChangeDiff change={change} />
              <Approvals change={change} />
              <CodeOwners change={change} />
              <ChangeResult change={change} />
            </>
          );
        }}
      </QueryState>
    </Page>
  );
}

/** Until when it is wanted, and what takes it back then. */
function timesOf({ metadata: { namespace = '' }, spec: { until, takesBack }, status }: ChangeView): readonly Fact[] {
  const to = (name: string, label: string) => (
    <Link key={name} to="/changes/$namespace/$name" params={{ namespace, name }}>
      {label}
    </Link>
  );
  const times: Fact[] = [];
  if (takesBack !== undefined) times.push([detail.takesBack, to(takesBack.name, takesBack.name)]);
  if (until === undefined) return times;
  const when = dayAndTime(Date.parse(until));
  const by = status?.takenBackBy;
  const taken = by === undefined ? detail.untilThen(when) : <TakenBack key={by} when={when} by={{ namespace, name: by }} />;
  return [...times, [detail.until, taken]];
}
