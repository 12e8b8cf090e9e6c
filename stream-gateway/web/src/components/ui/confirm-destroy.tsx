// For what cannot be undone: the name has to be typed.
import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { text } from '../../text/text.ts';

export function ConfirmDestroy(props: {
  readonly opened: boolean;
  readonly title: string;
  readonly explanation: string;
  /** What has to be typed; null where a click is enough. */
  readonly name: string | null;
  readonly verb: string;
  readonly busy: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.title} closeButtonProps={{ 'aria-label': text.close }}>
      <Form {...props} />
    </Modal>
  );
}

function Form({ explanation, name, verb, busy, onConfirm, onClose }: Parameters<typeof ConfirmDestroy>[0]) {
  const [typed, setTyped] = useState('');
  const confirmed = name === null || typed.trim() === name;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (confirmed && !busy) onConfirm();
      }}
    >
      <p className="ss-modal-text">{explanation}</p>
      {name === null ? null : (
        <TextInput
          data-autofocus
          label={text.sessions.typeName(name)}
          value={typed}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
      <Group justify="flex-end" mt="md" gap="xs">
        <Button variant="default" onClick={onClose}>
          {text.cancel}
        </Button>
        <Button type="submit" color="red.9" disabled={!confirmed} loading={busy}>
          {verb}
        </Button>
      </Group>
    </form>
  );
}
