// That the desktop ends soon, with a countdown. It takes no keys away from the desktop: any input there ends a warning of idleness.
import { Button } from '@mantine/core';
import type { SessionView } from '../../../../../schemas/api/api.ts';
import { useSnooze } from '../../api/actions.ts';
import { endWarning } from '../../model/sessions/lifetime.ts';
import { elapsedText } from '../../model/time.ts';
import { text } from '../../text/text.ts';
import { notifyFailed } from '../shell/notify.ts';
import { useNow } from '../ui/use-now.ts';

export function EndWarning(props: {
  readonly session: SessionView;
  /** Only who may give input may put the end off. */
  readonly mayControl: boolean;
  readonly onDone: () => void;
}) {
  const warning = endWarning(props.session);
  const now = useNow(1000);
  const snooze = useSnooze();
  if (warning === null) return null;
  const { next, mayPutOff } = warning;
  const { name, namespace = '' } = props.session.metadata;
  const words = text.lifetime;
  const leftSeconds = Math.max(0, Math.round((Date.parse(next.at) - now) / 1000));
  const left = leftSeconds < 60 ? `${leftSeconds} s` : elapsedText(leftSeconds * 1000);
  return (
    <section className="ss-end-warning" aria-label={text.lifetime.title}>
      {/* Read once, and not every second. */}
      <p role="alert">
        <strong aria-live="off">{words.warning(next.action, left)}</strong>
      </p>
      <p>{next.reason === 'Idle' && props.mayControl ? words.idleHint : words.save}</p>
      {mayPutOff && props.mayControl ? (
        <Button
          size="xs"
          loading={snooze.isPending}
          onClick={() =>
            snooze.mutate(
              { namespace, name },
              { onError: (error) => notifyFailed(words.snoozeFailed, error), onSettled: props.onDone },
            )
          }
        >
          {words.keepWorking}
        </Button>
      ) : null}
    </section>
  );
}
