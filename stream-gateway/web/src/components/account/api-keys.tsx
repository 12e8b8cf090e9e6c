// My API keys: make one (shown once), see when each was last used, revoke.
import { Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { ApiKeyView } from '../../../../../schemas/api/api.ts';
import { useCreateApiKey, useRevokeApiKey } from '../../api/actions.ts';
import type { ApiKeyCreated } from '../../api/client.ts';
import { toApiError } from '../../api/problem.ts';
import { useApiKeys } from '../../api/queries.ts';
import { text } from '../../text/text.ts';
import { notifyDone, notifyFailed } from '../shell/notify.ts';
import { Ago } from '../ui/ago.tsx';
import { ConfirmDestroy } from '../ui/confirm-destroy.tsx';
import { CopyText } from '../ui/copy-button.tsx';
import { Section } from '../ui/page.tsx';
import { Failed, Loading, Message } from '../ui/states.tsx';
import { useNow } from '../ui/use-now.ts';

const DAYS = [7, 30, 90, 365] as const;

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
        <Message icon={IconKey} title={account.noKeys} />
      ) : (
        <KeyTable keys={keys.data} />
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

function KeyTable({ keys }: { readonly keys: readonly ApiKeyView[] }) {
  const revoke = useRevokeApiKey();
  const now = useNow(10_000);
  const [asking, setAsking] = useState<ApiKeyView | null>(null);
  const { columns, ...account } = text.account;
  return (
    <>
      <table className="ss-table">
        <thead>
          <tr>
            <th scope="col">{columns.name}</th>
            <th scope="col">{columns.prefix}</th>
            <th scope="col">{columns.lastUsed}</th>
            <th scope="col">{columns.expires}</th>
            <th scope="col">
              <span className="ss-hidden">{account.revoke}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <th scope="row">{key.name}</th>
              <td data-label={columns.prefix}>
                <code>{key.prefix}…</code>
              </td>
              <td data-label={columns.lastUsed}>{key.lastUsedAt === null ? account.never : <Ago at={key.lastUsedAt} />}</td>
              <td data-label={columns.expires}>
                {Date.parse(key.expiresAt) < now ? account.expired : <Ago at={key.expiresAt} />}
              </td>
              <td className="ss-cell-actions">
                <Button
                  size="xs"
                  variant="subtle"
                  color="red"
                  aria-label={account.revokeNamed(key.name)}
                  onClick={() => setAsking(key)}
                >
                  {account.revoke}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
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

function NewKey({ onDone }: { readonly onDone: () => void }) {
  const create = useCreateApiKey();
  const [name, setName] = useState('');
  const [days, setDays] = useState<number>(90);
  const [missing, setMissing] = useState(false);
  const { account } = text;
  if (create.data !== undefined) return <Created created={create.data} onDone={onDone} />;
  return (
    <form
      className="ss-form"
      onSubmit={(event) => {
        event.preventDefault();
        setMissing(name.trim() === '');
        if (name.trim() !== '') create.mutate({ name: name.trim(), expiresInDays: days });
      }}
    >
      <TextInput
        data-autofocus
        label={account.keyName}
        placeholder={account.keyNamePlaceholder}
        maxLength={80}
        value={name}
        error={missing ? account.keyNameMissing : undefined}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <NativeSelect
        label={account.keyDays}
        value={String(days)}
        data={DAYS.map((each) => ({ value: String(each), label: account.days(each) }))}
        onChange={(event) => setDays(Number(event.currentTarget.value))}
      />
      {create.error === null ? null : (
        <p role="alert" className="ss-source-why">
          {toApiError(create.error).message} {toApiError(create.error).remedy}
        </p>
      )}
      <div className="ss-form-actions">
        <Button variant="default" onClick={onDone}>
          {text.cancel}
        </Button>
        <Button type="submit" loading={create.isPending}>
          {account.createKey}
        </Button>
      </div>
    </form>
  );
}

function Created({ created, onDone }: { readonly created: ApiKeyCreated; readonly onDone: () => void }) {
  const { account } = text;
  return (
    <div className="ss-form">
      <p>
        <strong>{account.created}</strong> {account.createdText}
      </p>
      <div className="ss-secret">
        <code>{created.key}</code>
        <CopyText value={created.key} />
      </div>
      <div className="ss-form-actions">
        <Button onClick={onDone}>{account.done}</Button>
      </div>
    </div>
  );
}
