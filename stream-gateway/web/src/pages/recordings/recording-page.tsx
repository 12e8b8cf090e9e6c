// One recording: what it is, what is missing in it, who watched it, and what becomes of it.
import { Button } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense } from 'react';
import type { RecordingDetail } from '../../../../../schemas/api/recordings.ts';
import { toApiError } from '../../api/problem.ts';
import { useRecording } from '../../api/sessions/recording-queries.ts';
import { RecordingActions } from '../../components/recordings/recording-actions.tsx';
import { Gaps, HoldOrEnd, Segments, Views } from '../../components/recordings/recording-sections.tsx';
import { KeptUntil, RecordingBadge } from '../../components/recordings/recording-table.tsx';
import { Ago } from '../../components/ui/ago.tsx';
import { Facts, Page, Section } from '../../components/ui/page.tsx';
import { QueryState } from '../../components/ui/query-state.tsx';
import { Loading, Message } from '../../components/ui/states.tsx';
import { clockText, sessionOf, sizeText } from '../../model/recordings/recordings.ts';
import { text } from '../../text/text.ts';

const Player = lazy(async () => ({ default: (await import('../../components/player/player.tsx')).Player }));
const route = getRouteApi('/shell/recordings/$id');
const words = text.recordings;
const PARENT = { title: words.title, to: '/recordings' } as const;

export function RecordingPage() {
  const { id } = route.useParams();
  const query = useRecording(id);
  if (query.data !== undefined && query.error === null) return <Recording recording={query.data} />;
  const missing = query.error !== null && toApiError(query.error).code === 'NotFound';
  return (
    <Page title={words.of('…')} parent={PARENT}>
      {missing ? (
        <Message
          icon={IconMapQuestion}
          title={words.missingTitle}
          actions={<Button renderRoot={(rest) => <Link to="/recordings" {...rest} />}>{words.toList}</Button>}
        >
          <p>{words.missingText}</p>
        </Message>
      ) : (
        <QueryState
          query={query}
          failed={words.failed}
          forbidden={{ why: words.forbidden, who: text.whoGrants.team }}
          rows={3}
          height={120}
        >
          {(recording) => <Parts recording={recording} />}
        </QueryState>
      )}
    </Page>
  );
}

function Recording({ recording }: { readonly recording: RecordingDetail }) {
  return (
    <Page
      title={words.of(recording.session.name)}
      parent={PARENT}
      badge={<RecordingBadge recording={recording} />}
      lead={<Ago at={recording.startedAt} />}
      actions={<RecordingActions recording={recording} />}
    >
      <Parts recording={recording} />
    </Page>
  );
}

function Parts({ recording }: { readonly recording: RecordingDetail }) {
  return (
    <>
      {recording.state === 'Recording' ? <p className="ss-note">{words.live}</p> : null}
      {recording.may.watch || recording.deleted !== null || recording.segments === 0 ? null : (
        <p className="ss-note">{words.mayNotWatch}</p>
      )}
      {recording.may.watch ? (
        <Suspense fallback={<Loading rows={1} height={320} />}>
          <Player key={recording.id} recording={recording} />
        </Suspense>
      ) : null}
      {recording.state === 'Recording' && recording.segments === 0 ? <p className="ss-note">{text.player.tooEarly}</p> : null}
      <div className="ss-columns">
        <div className="ss-column-main">
          <Gaps recording={recording} />
          <HoldOrEnd recording={recording} />
          <Views recording={recording} />
          <Segments recording={recording} />
        </div>
        <aside className="ss-column-side" aria-label={words.facts.title}>
          <Section title={words.facts.title}>
            <Facts rows={factsOf(recording)} />
          </Section>
        </aside>
      </div>
    </>
  );
}

function factsOf(recording: RecordingDetail): readonly (readonly [string, ReactNode])[] {
  const { facts } = words;
  const { session, policy, viewers, participants } = recording;
  return [
    [
      facts.session,
      <Link key="session" to="/recordings" search={{ session: sessionOf(recording) }}>
        {session.name}
      </Link>,
    ],
    [facts.owner, recording.owner],
    ...(participants.length === 0 ? [] : [[facts.participants, participants.join(', ')] as const]),
    [facts.team, recording.team ?? words.noTeam],
    [facts.template, <code key="template">{recording.template}</code>],
    [facts.started, <Ago key="started" at={recording.startedAt} />],
    ...(recording.endedAt === null ? [] : [[facts.ended, <Ago key="ended" at={recording.endedAt} />] as const]),
    [facts.length, clockText(recording.durationMs)],
    [facts.size, sizeText(recording.bytes)],
    [
      facts.policy,
      <span key="policy">
        <code>{policy.name ?? words.noTeam}</code>
        {policy.revision === null ? null : <span className="ss-cell-sub">{words.revision(policy.revision)}</span>}
      </span>,
    ],
    [
      facts.policyHash,
      <code key="hash" title={policy.hash}>
        {policy.hash.slice(0, 16)}
      </code>,
    ],
    [facts.viewers, viewers.join(', ') || words.nobody],
    [facts.encrypted, recording.keyId === null ? words.notEncrypted : <code key="key">{recording.keyId}</code>],
    [facts.kept, <KeptUntil key="kept" recording={recording} />],
    [facts.as, words.roles[recording.role]],
    [
      facts.id,
      <code key="id" className="ss-break">
        {recording.id}
      </code>,
    ],
  ];
}
