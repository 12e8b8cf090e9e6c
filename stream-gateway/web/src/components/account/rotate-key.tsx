// Replaces a key by one with the same name, rights and addresses; the old one goes on for as long as one chooses.
import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { ApiKeyView } from '../../../../../schemas/api/api-keys.ts';
import { useRotateApiKey } from '../../api/account/key-queries.ts';
import type { MachineName } from '../../api/account/keys-api.ts';
import { toApiError } from '../../api/problem.ts';
import { exactTime } from '../../model/time.ts';
import { text } from '../../text/text.ts';
import { CreatedKey } from './created-key.tsx';
import { mayOf } from './key-scopes.ts';

const GRACE_HOURS = [0, 1, 24, 72, 168] as const;

interface RotateKeyProps {
  readonly apiKey: ApiKeyView;
  readonly owner: MachineName | undefined;
  readonly onDone: () => void;
}

export function RotateKey({ apiKey, owner, onDone }: RotateKeyProps) {
  const rotate = useRotateApiKey(owner);
  const [graceHours, setGraceHours] = useState<number>(24);
  const { account } = text;
  if (rotate.data !== undefined)
    return (
      <CreatedKey value={rotate.data.key} onDone={onDone}>
        <p className="ss-note">{account.oldEnds(exactTime(Date.parse(rotate.data.oldExpiresAt)))}</p>
      </CreatedKey>
    );
  return (
    <form
      className="ss-form"
      onSubmit={(event) => {
        event.preventDefault();
        rotate.mutate({ id: apiKey.id, graceHours });
      }}
    >
      <p className="ss-modal-text">{account.rotateText(mayOf(apiKey))}</p>
      <NativeSelect
        data-autofocus
        label={account.grace}
        value={String(graceHours)}
        data={GRACE_HOURS.map((hours) => ({ value: String(hours), label: account.graceHours(hours) }))}
        onChange={(event) => setGraceHours(Number(event.currentTarget.value))}
      />
      {rotate.error === null ? null : (
        <p role="alert" className="ss-source-why">
          {toApiError(rotate.error).message} {toApiError(rotate.error).remedy}
        </p>
      )}
      <div className="ss-form-actions">
        <Button variant="default" onClick={onDone}>
          {text.cancel}
        </Button>
        <Button type="submit" loading={rotate.isPending}>
          {account.createKey}
        </Button>
      </div>
    </form>
  );
}
