// One session: how it is and why, what happened at its last start, what can be done.
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconMapQuestion } from '@tabler/icons-react';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { SessionView } from '../../../../../schemas/api/api.ts';
import { remedyOf } from '../../api/problem.ts';
import { useSessions } from '../../api/queries.ts';
import { TemplateIcon } from '../../components/catalog/template-icon.tsx';
import { SessionRecordingSection } from '../../components/recordings/session-recording.tsx';
import { LifetimeLine } from '../../components/sessions/lifetime-line.tsx';
import { RulesInForce } from '../../components/sessions/rules-in-force.tsx';
import { SessionActions } from '../../components/sessions/session-actions.tsx';
import { SessionConsole } from '../../components/sessions/session-console.tsx';
import { SessionFiles } from '../../components/sessions/session-files.tsx';
import { StageList } from '../../components/sessions/stage-list.tsx';
import { SharePanel } from '../../components/sharing/share-panel.tsx';
import { Ago } from '../../components/ui/ago.tsx';
import { Conditions } from '../../components/ui/conditions.tsx';
import { Facts, Page, Section } from '../../components/ui/page.tsx';
import { PhaseBadge } from '../../components/ui/state-badge.tsx';
import { Failed, Loading, Message } from '../../components/ui/states.tsx';
import { useNow } from '../../components/ui/use-now.ts';
import { stageProgress, startOf } from '../../model/git/stages.ts';
import { isStarting, phaseOf } from '../../model/sessions/phases.ts';
import { elapsedText } from '../../model/time.ts';
import { text } from '../../text/text.ts';

const route = getRouteApi('/shell/sessions/$namespace/$name');
const PARENT = { title: text.sessions.title, to: '/sessions' } as const;

export function SessionPage() {
  const { namespace, name } = route.useParams();
  const sessions = useSessions();
  const page = (children: React.ReactNode) => (
    <Page title={name} parent={PARENT}>
      {children}
    </Page>
  );
  switch (sessions.state) {
    case 'loading':
      return page(<Loading rows={3} height={120} />);
    case 'failed':
      return page(<Failed title={text.sessions.failed} error={sessions.error} retry={sessions.retry} />);
    case 'ready': {
      const session = sessions.list.items.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
      if (session !== undefined) return <Session session={session} />;
      return page(
        <Message
          icon={IconMapQuestion}
          title={text.sessions.missingTitle}
          actions={<Button renderRoot={(rest) => <Link to="/sessions" {...rest} />}>{text.sessions.toSessions}</Button>}
        >
          <p>{text.sessions.missingText}</p>
        </Message>,
      );
    }
  }
}

function Session({ session }: { readonly session: SessionView }) {
  const navigate = useNavigate();
  const { metadata, spec, status } = session;
  const { facts } = text.sessions;
  return (
    <Page
      title={metadata.name}
      parent={PARENT}
      icon={<TemplateIcon icon={status?.templateRef?.icon} size={56} />}
      badge={<PhaseBadge phase={phaseOf(session)} />}
      lead={status?.templateRef?.displayName ?? spec.template}
      actions={<SessionActions session={session} size="sm" onDeleted={() => void navigate({ to: '/sessions' })} />}
    >
      <Why session={session} />
      <div className="ss-columns">
        <div className="ss-column-main">
          <Timeline session={session} />
          <SessionRecordingSection session={session} />
          <SessionFiles session={session} />
          <SessionConsole session={session} />
          <RulesInForce policy={status?.effectivePolicy} />
          {session.may.control ? (
            <Section title={text.sharing.title}>
              <SharePanel session={{ namespace: metadata.namespace ?? '', name: metadata.name }} />
            </Section>
          ) : null}
          {status?.conditions === undefined || status.conditions.length === 0 ? null : (
            <Section title={text.sessions.conditions}>
              <Conditions conditions={status.conditions} />
            </Section>
          )}
        </div>
        <aside className="ss-column-side" aria-label={facts.title}>
          <Section title={facts.title}>
            <Facts
              rows={[
                [facts.owner, spec.owner],
                [facts.template, <TemplateLink key="template" session={session} />],
                [facts.namespace, <code key="namespace">{metadata.namespace}</code>],
                [facts.created, <Ago key="created" at={metadata.creationTimestamp} />],
                ...(status?.runningSince === undefined
                  ? []
                  : [[facts.running, <Ago key="running" at={status.runningSince} />] as const]),
                ...(status?.pod === undefined ? [] : [[facts.pod, <code key="pod">{status.pod}</code>] as const]),
                ...(status?.lifetime === undefined
                  ? []
                  : [[text.lifetime.title, <LifetimeLine key="next" session={session} />] as const]),
                [facts.wanted, text.sessions.phases[spec.desiredState]],
              ]}
            />
          </Section>
        </aside>
      </div>
    </Page>
  );
}

function TemplateLink({ session: { spec, status } }: { readonly session: SessionView }) {
  const found = status?.templateRef;
  if (found === undefined) return <code>{spec.template}</code>;
  return (
    <Link to="/catalog/$namespace/$name" params={{ namespace: found.namespace, name: found.name }}>
      {found.displayName}
    </Link>
  );
}

/** Only where it is not simply running, or resting as asked. */
function Why({ session }: { readonly session: SessionView }) {
  const { status } = session;
  const phase = phaseOf(session);
  if (status?.message === undefined || (phase !== 'Failed' && !isStarting(session))) return null;
  const remedy = remedyOf(status.reason);
  return (
    <div className="ss-why" data-tone={phase === 'Failed' ? 'bad' : 'plain'} role={phase === 'Failed' ? 'alert' : 'status'}>
      <IconAlertTriangle size={18} aria-hidden="true" />
      <div>
        <p>
          <strong>{status.message}</strong>
        </p>
        {remedy === null ? null : (
          <p>
            {text.sessions.remedy}: {remedy}
          </p>
        )}
        <p className="ss-error-facts">
          {text.states.code} <code>{status.reason}</code>
        </p>
      </div>
    </div>
  );
}

function Timeline({ session }: { readonly session: SessionView }) {
  const starting = isStarting(session);
  const now = useNow(starting ? 100 : 10_000);
  const stages = stageProgress(session, { now }).filter(({ name }) => name !== 'FirstPicture');
  const answered = stages.find(({ name }) => name === 'Answering')?.at ?? null;
  return (
    <Section
      title={text.sessions.timeline}
      note={
        answered === null ? <Ago at={startOf(session)} /> : text.sessions.timelineTotal(elapsedText(answered - startOf(session)))
      }
    >
      <StageList stages={stages} stopped={!starting} />
    </Section>
  );
}
