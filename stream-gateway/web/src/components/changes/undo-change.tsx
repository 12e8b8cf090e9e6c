// What a change brought, taken back: a button that opens a change request which undoes its commit alone. What came after it stays.
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ChangeView } from '../../api/git/changes-api.ts';
import { phaseOf } from '../../model/git/changes.ts';
import { shortRevision } from '../../model/git/git-sync.ts';
import { text } from '../../text/text.ts';
import { AskChange } from './ask-change.tsx';
import { useMayAsk } from './use-may-ask.ts';

const words = text.changes.rollback;

/** Nothing for what is not in its branch. */
export function UndoChange({ change }: { readonly change: ChangeView }) {
  const [open, setOpen] = useState(false);
  const { metadata, spec, status } = change;
  const { namespace = '' } = metadata;
  const may = useMayAsk(namespace);
  const phase = phaseOf(change);
  const { mergeCommit } = status ?? {};
  if (!may || mergeCommit === undefined || (phase !== 'Merged' && phase !== 'Applied')) return null;
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setOpen(true)}>
        {words.undo}
      </Button>
      {open ? (
        <AskChange
          where={{ namespace, gitSync: `${spec.target.namespace}/${spec.target.name}` }}
          title={words.undo}
          edits={[]}
          rollback={{ commits: [mergeCommit] }}
          reason={words.undoReason(spec.reason.split('\n', 1)[0] ?? '')}
          onClose={() => setOpen(false)}
        >
          <p className="ss-modal-text">{words.undoText(shortRevision(mergeCommit))}</p>
        </AskChange>
      ) : null}
    </>
  );
}
