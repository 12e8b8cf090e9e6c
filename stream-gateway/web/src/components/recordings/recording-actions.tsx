// Hold, lift the hold, delete: each asks for the reason, which stays.
import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { RecordingDetail } from '../../../../../schemas/api/recordings.ts';
import { type RecordingAction, useRecordingAction } from '../../api/sessions/recording-queries.ts';
import { text } from '../../text/text.ts';
import { notifyFailed } from '../shell/notify.ts';

const words = text.recordings;
/** As the API asks for it. */
const MIN_REASON = 3;

export function RecordingActions({ recording }: { readonly recording: RecordingDetail }) {
  const [asked, setAsked] = useState<RecordingAction | null>(null);
  const { may, hold } = recording;
  const holding: RecordingAction = hold === null ? 'hold' : 'release';
  return (
    <>
      {may.hold ? (
        <Button variant="default" onClick={() => setAsked(holding)}>
          {words.actions[holding]}
        </Button>
      ) : null}
      {may.delete ? (
        <Button variant="default" color="red.9" onClick={() => setAsked('delete')}>
          {words.actions.delete}
        </Button>
      ) : null}
      {asked === null ? null : <Ask id={recording.id} action={asked} onClose={() => setAsked(null)} />}
    </>
  );
}

function Ask(props: { readonly id: string; readonly action: RecordingAction; readonly onClose: () => void }) {
  const { action, onClose } = props;
  const [reason, setReason] = useState('');
  const { mutate, isPending } = useRecordingAction(props.id);
  const dialog = words.dialogs[action];
  const verb = words.actions[action];
  const enough = reason.trim().length >= MIN_REASON;
  return (
    <Modal opened onClose={onClose} title={dialog.title} closeButtonProps={{ 'aria-label': text.close }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!enough || isPending) return;
          mutate(
            { action, reason: reason.trim() },
            { onSuccess: onClose, onError: (error) => notifyFailed(words.actionFailed(verb), error) },
          );
        }}
      >
        <p className="ss-modal-text">{dialog.text}</p>
        <TextInput
          data-autofocus
          label={words.dialogs.reason}
          description={words.dialogs.reasonHint}
          value={reason}
          maxLength={500}
          autoComplete="off"
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Group justify="flex-end" mt="md" gap="xs">
          <Button variant="default" onClick={onClose}>
            {text.cancel}
          </Button>
          <Button type="submit" {...(action === 'delete' ? { color: 'red.9' } : {})} disabled={!enough} loading={isPending}>
            {verb}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
