// My API keys: make one (shown once), see when each was last used, revoke.
import { Button, Modal } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import type { ApiKeyView } from '../../../../../schemas/api/api-keys.ts';
import { useRevokeApiKey } from '../../api/actions.ts';
import { toApiError } from '../../api/problem.ts';
import { useApiKeys } from '../../api/queries.ts';
import { text } from '../../text/text.ts';
import { notifyDone, notifyFailed } from '../shell/notify.ts';
import { ConfirmDestroy } from '../ui/confirm-destroy.tsx';
import { Section } from '../ui/page.tsx';
import { Failed, Loading, Message } from '../ui/states.tsx';
import { KeyTable } from './key-table.tsx';
import { NewKey } from './new-key.tsx';

export function ApiKeys() {
  const keys = useApiKeys();
  const [creating, setCreating] = useState(false);
  const { account } = text;
  return (
    <Section
      title={account.keys}
      note={account.keysText}
      actions={
        <Button size="xs" leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setCreating(true)}>
          {account.newKey}
        </Button>
      }
    >
      {keys.isPending ? (
        <Loading rows={2} height={44} />
      ) : keys.isError ? (
        <Failed title={account.keysFailed} error={toApiError(keys.error)} retry={() => void keys.refetch()} />
      ) : keys.data.length === 0 ? (
        <Message icon={IconKey} title={account.noKeys}>
          <p>{account.noKeysText}</p>
        </Message>
      ) : (
        <OwnKeys keys={keys.data} />
      )}
      <Modal
        opened={creating}
        onClose={() => setCreating(false)}
        title={account.newKey}
        closeButtonProps={{ 'aria-label': text.close }}
      >
        <NewKey onDone={() => setCreating(false)} />
      </Modal>
    </Section>
  );
}

function OwnKeys({ keys }: { readonly keys: readonly ApiKeyView[] }) {
  const revoke = useRevokeApiKey();
  const [asking, setAsking] = useState<ApiKeyView | null>(null);
  const { account } = text;
  const revoking = (key: ApiKeyView): ReactNode => (
    <Button size="xs" variant="subtle" color="red" aria-label={account.revokeNamed(key.name)} onClick={() => setAsking(key)}>
      {account.revoke}
    </Button>
  );
  return (
    <>
      <KeyTable keys={keys} action={{ name: account.revoke, of: revoking }} />
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
