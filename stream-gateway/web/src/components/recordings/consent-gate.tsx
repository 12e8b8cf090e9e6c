// Before a desktop that is recorded with consent its owner is asked, and there is no stream until he has answered. While it is
// recorded everybody who looks at it is told, whatever the bar does.
import { Button } from '@mantine/core';
import { IconMovie } from '@tabler/icons-react';
import { type ReactNode, useEffect } from 'react';
import type { SessionView } from '../../../../../schemas/api/api.ts';
import { toApiError } from '../../api/problem.ts';
import { useMe } from '../../api/queries.ts';
import { useAnswerConsent, useSessionRecording } from '../../api/sessions/recording-queries.ts';
import { type Recorded, recordedOf } from '../../model/recordings/recorded.ts';
import { text } from '../../text/text.ts';
import { notifyDone, notifyFailed } from '../shell/notify.ts';
import { Failed, Message } from '../ui/states.tsx';

const words = text.recordings;

export function ConsentGate({ session, children }: { readonly session: SessionView; readonly children: ReactNode }) {
  const me = useMe();
  const { name, namespace = '' } = session.metadata;
  const asked = recordedOf(session, false).record === 'Consent';
  const query = useSessionRecording({ namespace, name }, asked);
  const consent = query.data?.consent ?? null;
  const mine = session.spec.owner === me.name;
  if (asked && mine && consent === null) {
    if (query.error !== null)
      return <Failed title={words.failed} error={toApiError(query.error)} retry={() => void query.refetch()} />;
    return query.data === undefined ? null : <Question session={session} />;
  }
  return (
    <>
      {children}
      <RecordedMark
        recorded={recordedOf(session, consent?.agreed === true)}
        notify={session.status?.effectivePolicy?.recording?.notifyUser === true}
      />
    </>
  );
}

function Question({ session }: { readonly session: SessionView }) {
  const { name, namespace = '' } = session.metadata;
  const { mutate, isPending } = useAnswerConsent({ namespace, name });
  const { title, text: why, who, kept, forever, agree, refuse, failed } = words.consent;
  const rules = session.status?.effectivePolicy?.recording;
  const answer = (agreed: boolean) => () => mutate(agreed, { onError: (error) => notifyFailed(failed, error) });
  return (
    <div className="ss-overlay" role="dialog" aria-label={title}>
      <Message
        icon={IconMovie}
        title={title}
        actions={
          <>
            <Button onClick={answer(true)} loading={isPending}>
              {agree}
            </Button>
            <Button variant="default" onClick={answer(false)} disabled={isPending}>
              {refuse}
            </Button>
          </>
        }
      >
        <p>{why}</p>
        <p>{who(rules?.viewers.join(', ') || words.nobody)}</p>
        <p>{rules?.retentionDays === undefined ? forever : kept(rules.retentionDays)}</p>
      </Message>
    </div>
  );
}

function RecordedMark(props: { readonly recorded: Recorded; readonly notify: boolean }) {
  const { recorded, policy, revision } = props.recorded;
  const announced = props.notify && recorded;
  useEffect(() => {
    if (announced) notifyDone(words.session.begun(policy ?? ''));
  }, [announced, policy]);
  if (!recorded) return null;
  return (
    <p className="ss-recorded" role="status" title={becauseOf({ policy, revision })}>
      <IconMovie size={14} aria-hidden="true" /> {words.session.badge}
    </p>
  );
}

/** `Policy streamspace/all, commit c0ffee`. */
export function becauseOf({ policy, revision }: Pick<Recorded, 'policy' | 'revision'>): string {
  if (policy === null) return '';
  return `${words.session.because(policy)}${revision === null ? '' : `, ${words.revision(revision)}`}`;
}
