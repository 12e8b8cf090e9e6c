// Edit and Remove of a template, policy or quota that is kept in Git: each opens a change request.
import { Button, Group } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { API_GROUP_VERSION } from '../../../../../schemas/names.ts';
import type { EditableName } from '../../api/git/changes-api.ts';
import { editableText } from '../../model/git/changes.ts';
import { text } from '../../text/text.ts';
import { AskChange, type AskWhere } from './ask-change.tsx';

const EditObject = lazy(async () => ({ default: (await import('./edit-object.tsx')).EditObject }));

const words = text.changes.ask;

export function ObjectEdits({ object, where }: { readonly object: EditableName; readonly where: AskWhere }) {
  const [open, setOpen] = useState<'edit' | 'remove' | null>(null);
  const { kind, namespace, name } = object;
  const named = editableText(object);
  const close = (): void => setOpen(null);
  const removal = [{ action: 'Delete', object: { apiVersion: API_GROUP_VERSION, kind, namespace, name } }] as const;
  return (
    <>
      <Group gap={4}>
        <Button size="compact-xs" variant="subtle" aria-label={words.editObject(named)} onClick={() => setOpen('edit')}>
          {words.edit}
        </Button>
        <Button
          size="compact-xs"
          variant="subtle"
          color="red"
          aria-label={words.removeObject(named)}
          onClick={() => setOpen('remove')}
        >
          {words.removeShort}
        </Button>
      </Group>
      {open === 'edit' ? (
        <Suspense fallback={null}>
          <EditObject where={where} object={object} onClose={close} />
        </Suspense>
      ) : null}
      {open === 'remove' ? (
        <AskChange where={where} title={words.removeObject(named)} edits={[...removal]} onClose={close}>
          <p className="ss-modal-text">{words.removalText}</p>
        </AskChange>
      ) : null}
    </>
  );
}
