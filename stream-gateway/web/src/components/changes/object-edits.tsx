// Edit and Remove of an object that is kept in Git: each opens a change request.
import { Button, Group } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { API_GROUP_VERSION } from '../../../../../schemas/names.ts';
import type { EditableName } from '../../api/git/changes-api.ts';
import { editableText } from '../../model/git/changes.ts';
import { text } from '../../text/text.ts';
import { AskChange, type AskWhere } from './ask-change.tsx';

const EditObject = lazy(async () => ({ default: (await import('./edit-object.tsx')).EditObject }));

const words = text.changes.ask;

interface Edited {
  readonly object: EditableName;
  readonly where: AskWhere;
}

export function ObjectEdits({ object, where }: Edited) {
  return (
    <Group gap={4}>
      <EditButton object={object} where={where} look="row" />
      <RemoveButton object={object} where={where} />
    </Group>
  );
}

/** @param props look `row` among the cells of a table, `head` beside the title of a section */
export function EditButton({ object, where, look }: Edited & { readonly look: 'row' | 'head' }) {
  const [open, setOpen] = useState(false);
  const size =
    look === 'row' ? ({ size: 'compact-xs', variant: 'subtle' } as const) : ({ size: 'xs', variant: 'default' } as const);
  return (
    <>
      <Button {...size} aria-label={words.editObject(editableText(object))} onClick={() => setOpen(true)}>
        {words.edit}
      </Button>
      {open ? (
        <Suspense fallback={null}>
          <EditObject where={where} object={object} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  );
}

function RemoveButton({ object, where }: Edited) {
  const [open, setOpen] = useState(false);
  const { kind, namespace, name } = object;
  const title = words.removeObject(editableText(object));
  const removal = [{ action: 'Delete', object: { apiVersion: API_GROUP_VERSION, kind, namespace, name } }] as const;
  return (
    <>
      <Button size="compact-xs" variant="subtle" color="red" aria-label={title} onClick={() => setOpen(true)}>
        {words.removeShort}
      </Button>
      {open ? (
        <AskChange where={where} title={title} edits={[...removal]} onClose={() => setOpen(false)}>
          <p className="ss-modal-text">{words.removalText}</p>
        </AskChange>
      ) : null}
    </>
  );
}
