// The first screen: my sessions, one key to launch, what needs me.
import { Anchor, Button, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconApps, IconRocket } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { SessionView, TemplateView } from '../../../../schemas/api/api.ts';
import { useGitSyncs, useMe, useSessions, useTemplates } from '../api/queries.ts';
import { usePersonal } from '../components/account/personal.tsx';
import { TemplateIcon } from '../components/catalog/template-icon.tsx';
import { SessionTile } from '../components/sessions/session-tile.tsx';
import { useLaunch } from '../components/sessions/use-launch.ts';
import { SharedWithMe } from '../components/sharing/shared-with-me.tsx';
import { isTyping } from '../components/shell/use-shortcuts.ts';
import { Page, Section } from '../components/ui/page.tsx';
import { Failed, Loading, Message } from '../components/ui/states.tsx';
import { startableTeams, templateRef } from '../model/access/teams.ts';
import { readyOf, syncStateOf } from '../model/git/git-sync.ts';
import { quickLaunch } from '../model/home.ts';
import { phaseOf } from '../model/sessions/phases.ts';
import { text } from '../text/text.ts';

export function HomePage() {
  const me = useMe();
  return (
    <Page title={text.home.title} lead={text.home.greeting(me.displayName)}>
      <Attention />
      <MySessions />
      <SharedWithMe />
      {startableTeams(me).length === 0 ? null : <QuickLaunch />}
    </Page>
  );
}

function MySessions() {
  const me = useMe();
  const sessions = useSessions();
  return (
    <Section
      title={text.home.mine}
      actions={<Anchor renderRoot={(rest) => <Link to="/sessions" {...rest} />}>{text.home.all}</Anchor>}
    >
      {content()}
    </Section>
  );

  function content() {
    switch (sessions.state) {
      case 'loading':
        return <Loading rows={3} height={168} className="ss-tiles" />;
      case 'failed':
        return <Failed title={text.sessions.failed} error={sessions.error} retry={sessions.retry} />;
      case 'ready': {
        const mine = mySessions(sessions.list.items, me.name);
        if (mine.length === 0) {
          return (
            <Message icon={IconRocket} title={text.home.noneTitle}>
              <p>{startableTeams(me).length === 0 ? text.home.noneTextNoRight : text.home.noneText}</p>
            </Message>
          );
        }
        return (
          <div className="ss-tiles">
            {mine.map((session) => (
              <SessionTile key={session.metadata.uid} session={session} touched={sessions.list.touched[session.metadata.uid]} />
            ))}
          </div>
        );
      }
    }
  }
}

/** Newest first; what has ended is on the page of all sessions. */
function mySessions(items: readonly SessionView[], person: string): readonly SessionView[] {
  return items
    .filter((session) => session.spec.owner === person && phaseOf(session) !== 'Terminated')
    .sort((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp));
}

function QuickLaunch() {
  const templates = useTemplates();
  const { personal } = usePersonal();
  const launch = useLaunch();
  const items = templates.state === 'ready' ? templates.list.items : [];
  const { offered, own } = quickLaunch(
    items.filter((template) => launch.teams(template).length > 0),
    personal,
  );
  useNumberKeys(offered, launch.launch);
  return (
    <Section
      title={own ? text.home.launchFavourites : text.home.launchSuggested}
      note={own ? text.home.onThisDevice : undefined}
      actions={<Anchor renderRoot={(rest) => <Link to="/catalog" {...rest} />}>{text.home.browse}</Anchor>}
    >
      {content()}
    </Section>
  );

  function content() {
    switch (templates.state) {
      case 'loading':
        return <Loading rows={4} height={64} className="ss-launchers" />;
      case 'failed':
        return <Failed title={text.catalog.failed} error={templates.error} retry={templates.retry} />;
      case 'ready':
        if (offered.length === 0) {
          return (
            <Message icon={IconApps} title={text.home.noTemplatesTitle}>
              <p>{text.home.noTemplates}</p>
            </Message>
          );
        }
        return (
          <div className="ss-launchers">
            {offered.map((template, index) => (
              <UnstyledButton
                key={templateRef(template)}
                className="ss-launcher"
                aria-label={text.catalog.launchNamed(template.spec.displayName)}
                aria-keyshortcuts={String(index + 1)}
                aria-busy={launch.launching === templateRef(template)}
                data-busy={launch.launching === templateRef(template)}
                onClick={() => launch.launch(template)}
              >
                <TemplateIcon icon={template.spec.icon} size={36} />
                <span className="ss-launcher-name">{template.spec.displayName}</span>
                {/* Drawn by CSS: in the text it would be part of the name. */}
                <span className="ss-key ss-wide-only" data-key={index + 1} />
              </UnstyledButton>
            ))}
          </div>
        );
    }
  }
}

function useNumberKeys(offered: readonly TemplateView[], launch: (template: TemplateView) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
      const template = /^[1-9]$/.test(event.key) ? offered[Number(event.key) - 1] : undefined;
      if (template !== undefined) launch(template);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [offered, launch]);
}

/** Nothing at all while nothing is wrong. */
function Attention() {
  const me = useMe();
  const sessions = useSessions();
  const gitSyncs = useGitSyncs({ enabled: me.may.gitSyncs });
  const failedSessions =
    sessions.state === 'ready' ? mySessions(sessions.list.items, me.name).filter((one) => phaseOf(one) === 'Failed') : [];
  const failedSyncs = gitSyncs.state === 'ready' ? gitSyncs.list.items.filter((sync) => syncStateOf(sync) === 'failed') : [];
  if (failedSessions.length + failedSyncs.length === 0) return null;
  return (
    <Section title={text.home.attention}>
      <ul className="ss-attention">
        {failedSessions.map(({ metadata: { uid, name, namespace = '' }, status }) => (
          <li key={uid}>
            <IconAlertTriangle size={18} aria-hidden="true" />
            <div>
              <strong>{text.home.sessionFailed(name)}</strong>
              <p>{status?.message}</p>
            </div>
            <Button
              size="xs"
              variant="default"
              renderRoot={(rest) => <Link to="/sessions/$namespace/$name" params={{ namespace, name }} {...rest} />}
            >
              {text.home.look}
            </Button>
          </li>
        ))}
        {failedSyncs.map((sync) => {
          const { uid, name, namespace = '' } = sync.metadata;
          return (
            <li key={uid}>
              <IconAlertTriangle size={18} aria-hidden="true" />
              <div>
                <strong>{text.home.syncFailed(name)}</strong>
                <p>{readyOf(sync)?.message}</p>
              </div>
              <Button
                size="xs"
                variant="default"
                renderRoot={(rest) => <Link to="/sources/$namespace/$name" params={{ namespace, name }} {...rest} />}
              >
                {text.home.look}
              </Button>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
