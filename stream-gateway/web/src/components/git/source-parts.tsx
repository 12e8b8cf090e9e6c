// What the list of Git sources and a source's own page share.
import { Button } from '@mantine/core';
import { IconHeart, IconHeartBroken, IconRefresh } from '@tabler/icons-react';
import type { GitSyncView } from '../../../../../schemas/api/api.ts';
import type { GitSyncStatus } from '../../../../../schemas/kinds/git-sync/git-sync.ts';
import { useRequestSync } from '../../api/actions.ts';
import { shortRevision } from '../../model/git/git-sync.ts';
import type { Tone } from '../../model/sessions/phases.ts';
import { text } from '../../text/text.ts';
import { notifyDone, notifyFailed } from '../shell/notify.ts';
import { Ago } from '../ui/ago.tsx';
import { StateBadge } from '../ui/state-badge.tsx';

const HEALTH_TONES: Readonly<Record<NonNullable<GitSyncStatus['health']>, Tone>> = {
  Healthy: 'good',
  Progressing: 'busy',
  Degraded: 'bad',
  Unknown: 'off',
};

export function HealthBadge({ health }: { readonly health: GitSyncStatus['health'] }) {
  if (health === undefined) return null;
  const icon = health === 'Healthy' ? IconHeart : health === 'Degraded' ? IconHeartBroken : undefined;
  return <StateBadge tone={HEALTH_TONES[health]} label={text.git.health[health]} {...(icon === undefined ? {} : { icon })} />;
}

/** The commit in words; where the last try was of another revision than the applied one, both. */
export function Revision({ sync: { status } }: { readonly sync: GitSyncView }) {
  if (status?.revision === undefined && status?.attempted === undefined) return <p className="ss-note">{text.git.noRevision}</p>;
  const { revision, attempted, commit } = status;
  const other = attempted !== undefined && attempted !== revision;
  return (
    <div className="ss-revision">
      {revision === undefined ? null : <code title={revision}>{shortRevision(revision)}</code>}
      {other ? (
        <span className="ss-note">
          {text.git.attempted} <code title={attempted}>{shortRevision(attempted)}</code>
        </span>
      ) : null}
      {commit === undefined ? null : (
        <span>
          <strong>{commit.message}</strong>{' '}
          <span className="ss-note">
            {text.git.by(commit.author)}, <Ago at={commit.time} />
          </span>
        </span>
      )}
    </div>
  );
}

export function SyncNow({ sync }: { readonly sync: GitSyncView }) {
  const { name, namespace = '' } = sync.metadata;
  const request = useRequestSync();
  return (
    <Button
      size="xs"
      variant="default"
      loading={request.isPending}
      leftSection={<IconRefresh size={16} aria-hidden="true" />}
      aria-label={`${text.git.syncNow}: ${name}`}
      onClick={() =>
        request.mutate(
          { namespace, name },
          {
            onSuccess: () => notifyDone(text.git.syncAsked(name)),
            onError: (error) => notifyFailed(text.git.syncFailed(name), error),
          },
        )
      }
    >
      {text.git.syncNow}
    </Button>
  );
}
