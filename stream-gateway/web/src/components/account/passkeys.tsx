// The table of my passkeys.
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { FactorsView } from '../../../../../schemas/api/factors.ts';
import { useRemovePasskey } from '../../api/account/factor-queries.ts';
import { text } from '../../text/text.ts';
import { notifyDone, notifyFailed } from '../shell/notify.ts';
import { Ago } from '../ui/ago.tsx';
import { ConfirmDestroy } from '../ui/confirm-destroy.tsx';

type Passkey = FactorsView['passkeys'][number];
const { columns, ...words } = text.factors;

export function Passkeys({ passkeys }: { readonly passkeys: readonly Passkey[] }) {
  const remove = useRemovePasskey();
  const [asking, setAsking] = useState<Passkey | null>(null);
  if (passkeys.length === 0) return <p className="ss-note">{words.noPasskeys}</p>;
  return (
    <>
      <table className="ss-table">
        <thead>
          <tr>
            <th scope="col">{columns.name}</th>
            <th scope="col">{columns.created}</th>
            <th scope="col">{columns.lastUsed}</th>
            <th scope="col">
              <span className="ss-hidden">{words.remove}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {passkeys.map((passkey) => (
            <tr key={passkey.id}>
              <th scope="row">{passkey.name}</th>
              <td data-label={columns.created}>
                <Ago at={passkey.createdAt} />
              </td>
              <td data-label={columns.lastUsed}>{passkey.lastUsedAt === null ? words.never : <Ago at={passkey.lastUsedAt} />}</td>
              <td className="ss-cell-actions">
                <Button
                  size="xs"
                  variant="subtle"
                  color="red"
                  aria-label={words.removeNamed(passkey.name)}
                  onClick={() => setAsking(passkey)}
                >
                  {words.remove}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <ConfirmDestroy
        opened={asking !== null}
        title={words.removeTitle(asking?.name ?? '')}
        explanation={words.removeText}
        name={null}
        verb={words.remove}
        busy={remove.isPending}
        onClose={() => setAsking(null)}
        onConfirm={() => {
          if (asking === null) return;
          remove.mutate(asking.id, {
            onSuccess: () => notifyDone(words.removed(asking.name)),
            onError: (error) => notifyFailed(words.removeNamed(asking.name), error),
            onSettled: () => setAsking(null),
          });
        }}
      />
    </>
  );
}
