// My API keys: make one (shown once), see when each was last used and when it ends, replace, revoke.
import { Button, Modal } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useApiKeys } from '../../api/account/key-queries.ts';
import { toApiError } from '../../api/problem.ts';
import { text } from '../../text/text.ts';
import { Section } from '../ui/page.tsx';
import { Failed, Loading, Message } from '../ui/states.tsx';
import { KeyRows } from './key-rows.tsx';
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
        <KeyRows keys={keys.data} />
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
