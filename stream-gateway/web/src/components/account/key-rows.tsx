// API keys with what can be done with each: replace it with the same rights, or revoke it.
import { Button, Group, Modal } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { ApiKeyView } from '../../../../../schemas/api/api-keys.ts';
import { useRevokeApiKey } from '../../api/account/key-queries.ts';
import type { MachineName } from '../../api/account/keys-api.ts';
import { text } from '../../text/text.ts';
import { notifyDone, notifyFailed } from '../shell/notify.ts';
import { ConfirmDestroy } from '../ui/confirm-destroy.tsx';
import { KeyTable } from './key-table.tsx';
import { RotateKey } from './rotate-key.tsx';

interface KeyRowsProps {
  readonly keys: readonly ApiKeyView[];
  /** Left out: one's own. */
  readonly owner?: MachineName;
}

export function KeyRows({ keys, owner }: KeyRowsProps) {
  const revoke = useRevokeApiKey(owner);
  const [asking, setAsking] = useState<ApiKeyView | null>(null);
  const [rotating, setRotating] = useState<ApiKeyView | null>(null);
  const { account } = text;
  const actions = (key: ApiKeyView): ReactNode => (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      {key.replacedBy === null ? (
        <Button
          size="xs"
          variant={key.expiresWithinDays === null ? 'subtle' : 'default'}
          aria-label={account.rotateNamed(key.name)}
          onClick={() => setRotating(key)}
        >
          {account.rotate}
        </Button>
      ) : null}
      <Button size="xs" variant="subtle" color="red" aria-label={account.revokeNamed(key.name)} onClick={() => setAsking(key)}>
        {account.revoke}
      </Button>
    </Group>
  );
  return (
    <>
      <KeyTable keys={keys} action={{ name: account.actions, of: actions }} />
      <Modal
        opened={rotating !== null}
        onClose={() => setRotating(null)}
        title={account.rotateTitle(rotating?.name ?? '')}
        closeButtonProps={{ 'aria-label': text.close }}
      >
        {rotating === null ? null : <RotateKey apiKey={rotating} owner={owner} onDone={() => setRotating(null)} />}
      </Modal>
      <ConfirmDestroy
        opened={asking !== null}
        title={account.revokeTitle(asking?.name ?? '')}
        explanation={account.revokeText}
        name={null}
        verb={account.revoke}
        busy={revoke.isPending}
        onClose={() => setAsking(null)}
        onConfirm={() => {
          if (asking === null) return;
          revoke.mutate(asking.id, {
            onSuccess: () => notifyDone(account.revoked(asking.name)),
            onError: (error) => notifyFailed(account.revokeNamed(asking.name), error),
            onSettled: () => setAsking(null),
          });
        }}
      />
    </>
  );
}
