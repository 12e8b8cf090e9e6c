// What an admin does to a person: lock with a reason, unlock, end the sign-ins, reset the second factors, forget.
import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { PersonDetail } from '../../../../../schemas/api/people.ts';
import { machineOf } from '../../../../../schemas/names.ts';
import { type PersonAction, usePersonAction } from '../../api/access/people-queries.ts';
import { useMe } from '../../api/queries.ts';
import { text } from '../../text/text.ts';
import { notifyDone, notifyFailed } from '../shell/notify.ts';
import { ConfirmDestroy } from '../ui/confirm-destroy.tsx';

const words = text.people;
const VERBS = {
  lock: words.lock,
  unlock: words.unlock,
  signOut: words.signOut,
  resetFactors: words.resetFactors,
  delete: words.remove,
} as const;

export function PersonActions({ person }: { readonly person: PersonDetail }) {
  const { name, lock, may, signIns } = person;
  const me = useMe();
  const isMe = me.name === name;
  // Machines have none, and whoever lost his own asks another.
  const mayReset = me.platformRole === 'platformAdmin' && !isMe && machineOf(name) === undefined;
  const navigate = useNavigate();
  const act = usePersonAction(name);
  const [asking, setAsking] = useState<PersonAction | null>(null);
  const run = (action: PersonAction, reason = ''): void =>
    act.mutate(
      { action, reason },
      {
        onSuccess: () => {
          notifyDone(words.done[action](name));
          if (action === 'delete') void navigate({ to: '/people' });
        },
        onError: (error) => notifyFailed(VERBS[action], error),
        onSettled: () => setAsking(null),
      },
    );
  const close = () => setAsking(null);
  return (
    <>
      {may.update && lock === null && !isMe ? <Ask action="lock" ask={setAsking} /> : null}
      {may.update && lock !== null ? (
        <Button variant="default" loading={act.isPending} onClick={() => run('unlock')}>
          {words.unlock}
        </Button>
      ) : null}
      {may.update && signIns > 0 ? <Ask action="signOut" ask={setAsking} /> : null}
      {mayReset ? <Ask action="resetFactors" ask={setAsking} /> : null}
      {may.delete && !isMe ? <Ask action="delete" ask={setAsking} /> : null}
      <Modal
        opened={asking === 'lock'}
        onClose={close}
        title={words.lockTitle(name)}
        closeButtonProps={{ 'aria-label': text.close }}
      >
        <LockForm busy={act.isPending} onLock={(reason) => run('lock', reason)} onClose={close} />
      </Modal>
      <ConfirmDestroy
        opened={asking === 'signOut'}
        title={words.signOutTitle(name)}
        explanation={words.signOutText}
        name={null}
        verb={words.signOut}
        busy={act.isPending}
        onClose={close}
        onConfirm={() => run('signOut')}
      />
      <ConfirmDestroy
        opened={asking === 'resetFactors'}
        title={words.resetFactorsTitle(name)}
        explanation={words.resetFactorsText}
        name={name}
        verb={words.resetFactors}
        busy={act.isPending}
        onClose={close}
        onConfirm={() => run('resetFactors')}
      />
      <ConfirmDestroy
        opened={asking === 'delete'}
        title={words.removeTitle(name)}
        explanation={words.removeText}
        name={name}
        verb={words.remove}
        busy={act.isPending}
        onClose={close}
        onConfirm={() => run('delete')}
      />
    </>
  );
}

function Ask({ action, ask }: { readonly action: PersonAction; readonly ask: (action: PersonAction) => void }) {
  return (
    <Button variant="default" color="red" onClick={() => ask(action)}>
      {VERBS[action]}
    </Button>
  );
}

function LockForm(props: { readonly busy: boolean; readonly onLock: (reason: string) => void; readonly onClose: () => void }) {
  const [reason, setReason] = useState('');
  const given = reason.trim() !== '';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (given && !props.busy) props.onLock(reason.trim());
      }}
    >
      <p className="ss-modal-text">{words.lockText}</p>
      <TextInput
        data-autofocus
        label={words.lockReason}
        description={words.lockReasonHelp}
        value={reason}
        maxLength={500}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Group justify="flex-end" mt="md" gap="xs">
        <Button variant="default" onClick={props.onClose}>
          {text.cancel}
        </Button>
        <Button type="submit" color="red.9" disabled={!given} loading={props.busy}>
          {words.lock}
        </Button>
      </Group>
    </form>
  );
}
