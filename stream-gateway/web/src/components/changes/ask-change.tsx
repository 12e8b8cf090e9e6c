// A dialog in which an edit of an object that is kept in Git says that it opens a change request, and opens it.
import { Button, Group, Modal, Textarea } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useAskForChange } from '../../api/git/change-queries.ts';
import type { ChangeCreate } from '../../api/git/changes-api.ts';
import { explained, toApiError } from '../../api/problem.ts';
import { untilOf } from '../../model/git/until.ts';
import { text } from '../../text/text.ts';
import { notifyDone } from '../shell/notify.ts';
import { useNow } from '../ui/use-now.ts';

const words = text.changes.ask;

/** Where a wish goes: the namespace of the change request, and the GitSync that its object comes from. */
export interface AskWhere {
  readonly namespace: string;
  readonly gitSync: string;
}

export function AskChange(props: {
  readonly where: AskWhere;
  readonly title: string;
  /** Null: something is missing. Of a rollback there are none. A function where the object says why, too. */
  readonly edits: ChangeCreate['edits'] | ((why: string) => ChangeCreate['edits']) | null;
  readonly rollback?: NonNullable<ChangeCreate['rollback']>;
  /** Why, to begin with. */
  readonly reason?: string;
  /** How long the text for it may be, where that is less than a change request takes. */
  readonly maxReason?: number;
  /** What the field for it says; empty: it stays. */
  readonly until?: string;
  /** More than a few fields. */
  readonly wide?: boolean;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}) {
  const [why, setWhy] = useState(props.reason ?? '');
  const navigate = useNavigate();
  const ask = useAskForChange(props.where.namespace);
  const [namespace = '', name = ''] = props.where.gitSync.split('/');
  const until = untilOf(props.until ?? '', useNow(10_000));
  const ready = props.edits !== null && why.trim() !== '' && until !== null;
  const send = (): void => {
    if (props.edits === null || !ready || ask.isPending) return;
    const edits = typeof props.edits === 'function' ? props.edits(why.trim()) : props.edits;
    ask.mutate(
      {
        ...{ reason: why.trim(), target: { namespace, name }, edits },
        ...(props.rollback === undefined ? {} : { rollback: props.rollback }),
        ...(until === undefined ? {} : { until }),
      },
      {
        onSuccess: ({ metadata }) => {
          notifyDone(words.done);
          void navigate({
            to: '/changes/$namespace/$name',
            params: { namespace: metadata.namespace ?? '', name: metadata.name },
          });
        },
      },
    );
  };
  return (
    // What is typed here is lost when it closes: a click beside it, or Escape out of a list of choices, is no wish to close.
    <Modal
      opened
      onClose={props.onClose}
      title={props.title}
      size={props.wide === true ? 'xl' : 'md'}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': text.close }}
    >
      <form
        className="ss-form"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <p className="ss-modal-text">{words.opens}</p>
        {props.children}
        <Textarea
          label={words.why}
          description={words.whyHint}
          value={why}
          maxLength={props.maxReason ?? 1000}
          rows={3}
          onChange={(event) => setWhy(event.currentTarget.value)}
        />
        {ask.error === null ? null : (
          <p className="ss-warning" role="alert">
            {words.failed}: {explained(toApiError(ask.error))}
          </p>
        )}
        <Group justify="flex-end" mt="md" gap="xs">
          <Button variant="default" onClick={props.onClose}>
            {text.cancel}
          </Button>
          <Button type="submit" disabled={!ready} loading={ask.isPending}>
            {words.send}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
