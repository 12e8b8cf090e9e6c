// One template: what it is, what one gets, where it starts.
import { Anchor, Button, Radio } from '@mantine/core';
import { IconExternalLink, IconLock, IconMapQuestion } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useId, useState } from 'react';
import type { TemplateView } from '../../../../../schemas/api/api.ts';
import { SYSTEM_NAMESPACE } from '../../../../../schemas/names.ts';
import { useQuotaLeft } from '../../api/access/quota-queries.ts';
import { useMe, useSessions, useTemplates } from '../../api/queries.ts';
import { usePersonal } from '../../components/account/personal.tsx';
import { QuotaNote } from '../../components/catalog/quota-left.tsx';
import { FavouriteButton, LaunchButton } from '../../components/catalog/template-card.tsx';
import { AskForAccess, TemplateChanges } from '../../components/catalog/template-changes.tsx';
import { TemplateIcon } from '../../components/catalog/template-icon.tsx';
import { SessionTile } from '../../components/sessions/session-tile.tsx';
import { type Launch, useLaunch } from '../../components/sessions/use-launch.ts';
import { Ago } from '../../components/ui/ago.tsx';
import { Facts, Page, Section } from '../../components/ui/page.tsx';
import { StateBadge } from '../../components/ui/state-badge.tsx';
import { Failed, Loading, Message } from '../../components/ui/states.tsx';
import { templateRef } from '../../model/access/teams.ts';
import { bytesText, cpuText } from '../../model/quantity.ts';
import { phaseOf } from '../../model/sessions/phases.ts';
import { text } from '../../text/text.ts';

const route = getRouteApi('/shell/catalog/$namespace/$name');
const PARENT = { title: text.catalog.title, to: '/catalog' } as const;

export function TemplatePage() {
  const { namespace, name } = route.useParams();
  const templates = useTemplates();
  switch (templates.state) {
    case 'loading':
      return (
        <Page title={name} parent={PARENT}>
          <Loading rows={3} height={120} />
        </Page>
      );
    case 'failed':
      return (
        <Page title={name} parent={PARENT}>
          <Failed title={text.catalog.failed} error={templates.error} retry={templates.retry} />
        </Page>
      );
    case 'ready': {
      const template = templates.list.items.find(
        ({ metadata }) => metadata.name === name && (metadata.namespace ?? SYSTEM_NAMESPACE) === namespace,
      );
      return template === undefined ? <Missing name={name} /> : <Template template={template} />;
    }
  }
}

function Template({ template }: { readonly template: TemplateView }) {
  const { spec } = template;
  return (
    <Page
      title={spec.displayName}
      parent={PARENT}
      icon={<TemplateIcon icon={spec.icon} size={64} />}
      badge={<Maturity template={template} />}
      lead={spec.summary}
      actions={
        <>
          <TemplateChanges template={template} />
          <FavouriteButton template={template} />
        </>
      }
    >
      <div className="ss-columns">
        <div className="ss-column-main">
          <LaunchPanel template={template} />
          <MySessions template={template} />
        </div>
        <aside className="ss-column-side" aria-label={text.catalog.facts.title}>
          <Section title={text.catalog.facts.title}>
            <TemplateFacts template={template} />
          </Section>
          {spec.links.length === 0 ? null : (
            <Section title={text.catalog.readMore}>
              <ul className="ss-plain-list">
                {spec.links.map(({ title, url }) => (
                  <li key={url}>
                    <Anchor href={url} target="_blank" rel="noreferrer">
                      {title} <IconExternalLink size={14} aria-hidden="true" />
                    </Anchor>
                  </li>
                ))}
              </ul>
            </Section>
          )}
        </aside>
      </div>
    </Page>
  );
}

function Maturity({ template: { spec } }: { readonly template: TemplateView }) {
  if (spec.maturity === 'stable') return null;
  return (
    <span title={text.catalog.maturityText[spec.maturity]}>
      <StateBadge tone={spec.maturity === 'deprecated' ? 'bad' : 'quiet'} label={text.catalog.maturity[spec.maturity]} />
    </span>
  );
}

function LaunchPanel({ template }: { readonly template: TemplateView }) {
  const me = useMe();
  const launch = useLaunch();
  const { personal } = usePersonal();
  const teams = launch.teams(template);
  const preferred = teams.find(({ namespace }) => namespace === personal.team) ?? teams[0];
  const [chosen, setChosen] = useState<string | null>(null);
  const namespace = teams.find((team) => team.namespace === chosen)?.namespace ?? preferred?.namespace;
  if (namespace === undefined) {
    return (
      <Message icon={IconLock} title={text.catalog.mayNot} actions={<AskForAccess template={template} />}>
        <p>{text.catalog.mayNotText(me.teams.map(({ displayName }) => displayName))}</p>
      </Message>
    );
  }
  return (
    <section className="ss-launch-panel" aria-label={text.catalog.launch}>
      {teams.length < 2 ? null : (
        <Radio.Group label={text.catalog.team} value={namespace} onChange={setChosen}>
          <div className="ss-radios">
            {teams.map((team) => (
              <Radio key={team.namespace} value={team.namespace} label={team.displayName} />
            ))}
          </div>
        </Radio.Group>
      )}
      <LaunchWithRoom template={template} launch={launch} namespace={namespace} />
      {spec(template)}
    </section>
  );
}

/** The button, with what is left; off with the reason where there is no room. */
function LaunchWithRoom({
  template,
  launch,
  namespace,
}: {
  readonly template: TemplateView;
  readonly launch: Launch;
  readonly namespace: string;
}) {
  const { data, isError } = useQuotaLeft(namespace, templateRef(template));
  const noteId = useId();
  const full = data !== undefined && data.refusal !== null;
  return (
    <>
      <LaunchButton template={template} launch={launch} namespace={namespace} size="md" offBecause={full ? noteId : undefined} />
      <QuotaNote left={data} failed={isError} id={noteId} />
    </>
  );
}

/** The words under the button: what a start costs. */
function spec({ spec: { resources, home } }: TemplateView) {
  return (
    <p className="ss-note">
      {cpuText(resources.cpu)} · {bytesText(resources.memory)} · {text.catalog.facts.homeKept(bytesText(home.size))}
    </p>
  );
}

function TemplateFacts({ template }: { readonly template: TemplateView }) {
  const { spec: s, metadata } = template;
  const me = useMe();
  const facts = text.catalog.facts;
  const limited = (reserved: string, limit: string | undefined) => (limit === undefined ? reserved : facts.upTo(reserved, limit));
  const team = me.teams.find(({ namespace }) => namespace === metadata.namespace);
  const { cpuLimit, memoryLimit, gpu } = s.resources;
  return (
    <Facts
      rows={[
        [facts.cpu, limited(cpuText(s.resources.cpu), cpuLimit === undefined ? undefined : cpuText(cpuLimit))],
        [facts.memory, limited(bytesText(s.resources.memory), memoryLimit === undefined ? undefined : bytesText(memoryLimit))],
        ...(gpu === undefined ? [] : [[facts.gpu, facts.gpus(gpu.count, gpu.resource)] as const]),
        [facts.home, facts.homeKept(bytesText(s.home.size))],
        [facts.screen, facts.screenSize(s.desktop.width, s.desktop.height)],
        [
          facts.offeredTo,
          metadata.namespace === SYSTEM_NAMESPACE || metadata.namespace === undefined
            ? text.catalog.forEverybody
            : text.catalog.forTeam(team?.displayName ?? metadata.namespace),
        ],
        [facts.image, <code key="image">{s.image}</code>],
        [facts.name, <code key="name">{templateRef(template)}</code>],
        [facts.changed, <Ago key="changed" at={metadata.creationTimestamp} />],
        ...(s.tags.length === 0 ? [] : [[text.catalog.tags, s.tags.join(', ')] as const]),
      ]}
    />
  );
}

function MySessions({ template }: { readonly template: TemplateView }) {
  const me = useMe();
  const sessions = useSessions();
  if (sessions.state !== 'ready') return null;
  const mine = sessions.list.items.filter(
    (session) =>
      session.spec.owner === me.name &&
      session.status?.templateRef?.uid === template.metadata.uid &&
      phaseOf(session) !== 'Terminated',
  );
  if (mine.length === 0) return null;
  return (
    <Section title={text.catalog.running}>
      <div className="ss-tiles">
        {mine.map((session) => (
          <SessionTile key={session.metadata.uid} session={session} touched={sessions.list.touched[session.metadata.uid]} />
        ))}
      </div>
    </Section>
  );
}

function Missing({ name }: { readonly name: string }) {
  return (
    <Page title={name} parent={PARENT}>
      <Message
        icon={IconMapQuestion}
        title={text.catalog.missingTitle}
        actions={<Button renderRoot={(rest) => <Link to="/catalog" {...rest} />}>{text.catalog.toCatalog}</Button>}
      >
        <p>{text.catalog.missingText}</p>
      </Message>
    </Page>
  );
}
