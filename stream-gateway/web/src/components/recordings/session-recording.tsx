// On the page of a session: whether it is recorded, by whose rule, and the way to what has been recorded of it.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { SessionView } from '../../../../../schemas/api/api.ts';
import { useRecordByHand, useSessionRecording } from '../../api/sessions/recording-queries.ts';
import { type Recorded, recordedOf, recordingRows } from '../../model/recordings/recorded.ts';
import { text } from '../../text/text.ts';
import { notifyFailed } from '../shell/notify.ts';
import { Section } from '../ui/page.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { becauseOf } from './consent-gate.tsx';

const words = text.recordings.session;

export function SessionRecordingSection({ session }: { readonly session: SessionView }) {
  const { name, namespace = '' } = session.metadata;
  const asked = recordedOf(session, false).record === 'Consent';
  const { data } = useSessionRecording({ namespace, name }, asked);
  const agreed = data?.consent?.agreed;
  const state = recordedOf(session, agreed === true);
  return (
    <Section title={words.title} actions={<ByHand session={session} state={state} />}>
      {state.recorded ? <StateBadge tone="bad" label={words.badge} /> : <p className="ss-note">{whyNot(state, agreed)}</p>}
      <p className="ss-note">{becauseOf(state)}</p>
      <Rules session={session} />
      <p>
        <Link to="/recordings" search={{ session: `${namespace}/${name}` }}>
          {words.past}
        </Link>
      </p>
    </Section>
  );
}

function Rules({ session }: { readonly session: SessionView }) {
  const rows = recordingRows(session);
  if (rows.length === 0) return null;
  return (
    <dl className="ss-facts ss-rules">
      {rows.map(({ field, label, value, from }) => (
        <div key={field} data-limited={from !== null}>
          <dt>{label}</dt>
          <dd>
            {value}{' '}
            {from === null ? null : (
              <span className="ss-note">
                {text.rules.from} <code>{from}</code>
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function whyNot({ record }: Recorded, agreed: boolean | undefined): string {
  switch (record) {
    case 'OnDemand':
      return words.onDemand;
    case 'Consent':
      return agreed === false ? words.refused : words.consent;
    case 'Off':
    case 'Always':
      return words.off;
  }
}

/** The session list is live: what it says of `record` comes back by itself. */
function ByHand({ session, state }: { readonly session: SessionView; readonly state: Recorded }) {
  const { name, namespace = '' } = session.metadata;
  const { mutate, isPending } = useRecordByHand({ namespace, name });
  if (state.record !== 'OnDemand' || !session.may.update) return null;
  return (
    <Button
      variant="default"
      size="xs"
      loading={isPending}
      onClick={() => mutate(!state.recorded, { onError: (error) => notifyFailed(words.failed, error) })}
    >
      {state.recorded ? words.end : words.begin}
    </Button>
  );
}
