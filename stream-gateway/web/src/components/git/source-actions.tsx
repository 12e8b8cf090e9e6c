// What one does with a GitSync. Suspending is undone by a click; letting a revision delete is not, so it asks for the name.
import { Button } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { GitSyncView } from '../../../../../schemas/api/api.ts';
import { useConfirmDeletions, useSuspendSync } from '../../api/actions.ts';
import { type BlockedDeletions, blockedDeletionsOf, objectParts, shortRevision } from '../../model/git/git-sync.ts';
import { text } from '../../text/text.ts';
import { notifyDone, notifyFailed } from '../shell/notify.ts';
import { ConfirmDestroy } from '../ui/confirm-destroy.tsx';
import { SyncNow } from './source-parts.tsx';

export function SourceActions({ sync }: { readonly sync: GitSyncView }) {
  const blocked = blockedDeletionsOf(sync);
  if (!sync.may.update) return null;
  return (
    <>
      {blocked === null ? null : <Confirm sync={sync} blocked={blocked} />}
      <Suspend sync={sync} />
      <SyncNow sync={sync} />
    </>
  );
}

function Suspend({ sync: { metadata, spec } }: { readonly sync: GitSyncView }) {
  const { name, namespace = '' } = metadata;
  const { source } = text;
  const change = useSuspendSync();
  const Icon = spec.suspend ? IconPlayerPlay : IconPlayerPause;
  return (
    <Button
      size="xs"
      variant="default"
      loading={change.isPending}
      leftSection={<Icon size={16} aria-hidden="true" />}
      onClick={() => {
        const suspend = !spec.suspend;
        change.mutate(
          { namespace, name, suspend },
          {
            onSuccess: () => notifyDone(suspend ? source.suspended(name) : source.resumed(name)),
            onError: (error) => notifyFailed(suspend ? source.suspendFailed(name) : source.resumeFailed(name), error),
          },
        );
      }}
    >
      {spec.suspend ? source.resume : source.suspend}
    </Button>
  );
}

const NAMED = 5;

/** What was shown when the dialog opened is what is confirmed, even where a newer revision has come since. */
function Confirm({ sync, blocked }: { readonly sync: GitSyncView; readonly blocked: BlockedDeletions }) {
  const { name, namespace = '' } = sync.metadata;
  const { source } = text;
  const [asked, setAsked] = useState<BlockedDeletions | null>(null);
  const confirm = useConfirmDeletions();
  const shown = asked ?? blocked;
  const revision = shortRevision(shown.revision);
  const names = shown.objects.slice(0, NAMED).map((object) => {
    const parts = objectParts(object);
    return `${parts.kind} ${parts.name}`;
  });
  return (
    <>
      <Button size="xs" color="red.9" leftSection={<IconTrash size={16} aria-hidden="true" />} onClick={() => setAsked(blocked)}>
        {source.confirm}
      </Button>
      <ConfirmDestroy
        opened={asked !== null}
        title={source.confirmTitle(shown.count, revision)}
        explanation={source.confirmText(names, shown.count - names.length)}
        name={name}
        verb={source.confirm}
        busy={confirm.isPending}
        onClose={() => setAsked(null)}
        onConfirm={() =>
          confirm.mutate(
            { namespace, name, revision: shown.revision },
            {
              onSuccess: () => notifyDone(source.confirmed(revision)),
              onError: (error) => notifyFailed(source.confirmFailed, error),
              onSettled: () => setAsked(null),
            },
          )
        }
      />
    </>
  );
}
