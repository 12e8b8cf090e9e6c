// What one says of a change: approve or reject the commit that is shown, or take one's own back.
import { Button, Group, Modal, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useReviewChange, useWithdrawChange } from '../../api/git/change-queries.ts';
import type { ChangeReviewWish, ChangeView } from '../../api/git/changes-api.ts';
import { text } from '../../text/text.ts';
import { notifyDone, notifyFailed } from '../shell/notify.ts';
import { UndoChange } from './undo-change.tsx';

const words = text.changes;

export function ChangeActions({ change }: { readonly change: ChangeView }) {
  const { may, metadata } = change;
  const named = { namespace: metadata.namespace ?? '', name: metadata.name };
  const [asked, setAsked] = useState<ChangeReviewWish['verdict'] | null>(null);
  const review = useReviewChange(named);
  const withdraw = useWithdrawChange(named);
  // What was shown when the dialog opened is what is approved, even where the commit is another one by now.
  const [commit, setCommit] = useState('');
  const open = (verdict: ChangeReviewWish['verdict']): void => {
    setCommit(change.status?.commit ?? '');
    setAsked(verdict);
  };
  return (
    <>
      {may.approve ? (
        <>
          <Button size="xs" onClick={() => open('approve')}>
            {words.approve}
          </Button>
          <Button size="xs" variant="default" onClick={() => open('reject')}>
            {words.reject}
          </Button>
        </>
      ) : null}
      {may.withdraw ? (
        <Button
          size="xs"
          variant="default"
          loading={withdraw.isPending}
          onClick={() =>
            withdraw.mutate(undefined, {
              onSuccess: () => notifyDone(words.withdrawn),
              onError: (error) => notifyFailed(words.actionFailed, error),
            })
          }
        >
          {words.withdraw}
        </Button>
      ) : null}
      <UndoChange change={change} />
      <Modal
        opened={asked !== null}
        onClose={() => setAsked(null)}
        title={asked === 'reject' ? words.reject : words.approve}
        closeButtonProps={{ 'aria-label': text.close }}
      >
        {asked === null ? null : (
          <Say
            verdict={asked}
            busy={review.isPending}
            onClose={() => setAsked(null)}
            onSay={(reason) =>
              review.mutate(
                { verdict: asked, commit, reason },
                {
                  onSuccess: () => notifyDone(asked === 'approve' ? words.approved : words.rejected),
                  onError: (error) => notifyFailed(words.actionFailed, error),
                  onSettled: () => setAsked(null),
                },
              )
            }
          />
        )}
      </Modal>
    </>
  );
}

function Say(props: {
  readonly verdict: ChangeReviewWish['verdict'];
  readonly busy: boolean;
  readonly onSay: (reason: string) => void;
  readonly onClose: () => void;
}) {
  const [reason, setReason] = useState('');
  const rejecting = props.verdict === 'reject';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!props.busy && !(rejecting && reason.trim() === '')) props.onSay(reason.trim());
      }}
    >
      <Textarea
        data-autofocus
        label={rejecting ? words.reason : words.reasonOptional}
        value={reason}
        maxLength={1000}
        rows={3}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Group justify="flex-end" mt="md" gap="xs">
        <Button variant="default" onClick={props.onClose}>
          {text.cancel}
        </Button>
        <Button type="submit" loading={props.busy} disabled={rejecting && reason.trim() === ''}>
          {rejecting ? words.reject : words.approve}
        </Button>
      </Group>
    </form>
  );
}
