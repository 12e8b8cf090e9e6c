// The shares of a session, and the way to make one: in a dialog over the desktop and on the page of the session.
import { Button, Modal } from '@mantine/core';
import { IconLink, IconUsers, IconUsersPlus } from '@tabler/icons-react';
import type { ShareListView, ShareView } from '../../../../../schemas/api/sharing.ts';
import type { ObjectName } from '../../api/client.ts';
import { remedyOf, toApiError } from '../../api/problem.ts';
import { type ShareAction, useShareAction, useShares } from '../../api/sessions/sharing-queries.ts';
import { limitsOf, withWhom } from '../../model/desktop/sharing.ts';
import { text } from '../../text/text.ts';
import { notifyDone, notifyFailed } from '../shell/notify.ts';
import { Ago } from '../ui/ago.tsx';
import { Failed, Forbidden, Loading, Message } from '../ui/states.tsx';
import { ShareForm } from './share-form.tsx';
import '../../styles/sharing.css';

export function ShareDialog(props: { readonly session: ObjectName; readonly opened: boolean; readonly onClose: () => void }) {
  const { session, opened, onClose } = props;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title={text.sharing.dialog(session.name)}
      closeButtonProps={{ 'aria-label': text.close }}
    >
      <SharePanel session={session} />
    </Modal>
  );
}

export function SharePanel({ session }: { readonly session: ObjectName }) {
  const shares = useShares(session);
  const { sharing } = text;
  if (shares.isPending) return <Loading rows={3} height={44} />;
  if (shares.isError) {
    const error = toApiError(shares.error);
    if (error.code === 'Forbidden') return <Forbidden why={error.message} who={text.whoGrants.team} />;
    return <Failed title={sharing.failed} error={error} retry={() => void shares.refetch()} />;
  }
  const { refusal, policy } = shares.data;
  const limits = limitsOf(shares.data);
  return (
    <div className="ss-share">
      {refusal === null ? (
        <ShareForm session={session} policy={policy} />
      ) : (
        <Message icon={IconUsers} title={sharing.mayNot} role="status">
          <p>{refusal.message}.</p>
          <p>{remedyOf(refusal.code)}</p>
        </Message>
      )}
      {refusal !== null || limits === '' ? null : <p className="ss-note">{limits}.</p>}
      <h3>{sharing.list}</h3>
      <ShareRows session={session} list={shares.data} />
    </div>
  );
}

function ShareRows({ session, list }: { readonly session: ObjectName; readonly list: ShareListView }) {
  const action = useShareAction(session);
  const { sharing } = text;
  if (list.items.length === 0)
    return (
      <Message icon={IconUsersPlus} title={sharing.empty}>
        <p>{sharing.emptyText}</p>
      </Message>
    );
  const act = (wish: ShareAction, done: string) =>
    action.mutate(wish, {
      onSuccess: () => notifyDone(done),
      onError: (error) => notifyFailed(sharing.actionFailed, error),
    });
  return (
    <ul className="ss-share-list">
      {list.items.toReversed().map((share) => (
        <ShareRow
          key={share.name}
          share={share}
          busy={action.isPending && action.variables.share === share.name}
          onRevoke={() => act({ act: 'revoke', share: share.name }, sharing.revoked)}
          onDowngrade={() => act({ act: 'viewOnly', share: share.name }, sharing.downgraded)}
        />
      ))}
    </ul>
  );
}

function ShareRow(props: {
  readonly share: ShareView;
  readonly busy: boolean;
  readonly onRevoke: () => void;
  readonly onDowngrade: () => void;
}) {
  const { share } = props;
  const { sharing } = text;
  const whom = withWhom(share);
  const over = share.refusal !== null;
  return (
    <li data-over={over}>
      <span aria-hidden="true">{share.subjects === null ? <IconLink size={18} /> : <IconUsers size={18} />}</span>
      <div>
        <p>
          <strong>{whom}</strong> · {sharing.modes[share.mode]}
        </p>
        <p className="ss-note">
          {share.refusal === null ? (
            <>
              {sharing.ends} <Ago at={share.expiresAt} /> · {sharing.by(share.sharedBy)}
              {share.subjects === null ? ` · ${sharing.used(share.uses, share.maxUses)}` : ''} · {sharing.inside(share.viewers)}
            </>
          ) : (
            `${share.refusal.message} (${share.refusal.code})`
          )}
        </p>
      </div>
      {over ? null : (
        <div className="ss-share-actions">
          {share.mode === 'Control' ? (
            <Button
              size="xs"
              variant="subtle"
              disabled={props.busy}
              aria-label={sharing.downgradeNamed(whom)}
              onClick={props.onDowngrade}
            >
              {sharing.downgrade}
            </Button>
          ) : null}
          <Button
            size="xs"
            variant="subtle"
            color="red"
            loading={props.busy}
            aria-label={sharing.revokeNamed(whom)}
            onClick={props.onRevoke}
          >
            {sharing.revoke}
          </Button>
        </div>
      )}
    </li>
  );
}
