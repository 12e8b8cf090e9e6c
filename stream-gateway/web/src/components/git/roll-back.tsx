// Back to what a GitSync applied before: a button that opens a change request, for whoever may ask for one.
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { GitSyncView } from '../../../../../schemas/api/api.ts';
import { shortRevision } from '../../model/git/git-sync.ts';
import { text } from '../../text/text.ts';
import { AskChange } from '../changes/ask-change.tsx';
import { useMayAsk } from '../changes/use-may-ask.ts';

const words = text.changes.rollback;

/** Nothing where change requests are not let in, or where it is what is applied now. */
export function RollBack({ sync, revision }: { readonly sync: GitSyncView; readonly revision: string | null }) {
  const [open, setOpen] = useState(false);
  const { name, namespace = '' } = sync.metadata;
  const may = useMayAsk(namespace);
  if (!may || sync.spec.changes === undefined || revision === null || revision === sync.status?.revision) return null;
  const title = words.buttonTo(shortRevision(revision));
  return (
    <>
      <Button size="xs" variant="default" aria-label={title} onClick={() => setOpen(true)}>
        {words.button}
      </Button>
      {open ? (
        <AskChange
          where={{ namespace, gitSync: `${namespace}/${name}` }}
          title={title}
          edits={[]}
          rollback={{ to: revision }}
          onClose={() => setOpen(false)}
        >
          <p className="ss-modal-text">{words.text(shortRevision(revision))}</p>
        </AskChange>
      ) : null}
    </>
  );
}
