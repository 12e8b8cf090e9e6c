// Enrols a passkey under a name.
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { FactorResult } from '../../../../../schemas/api/factors.ts';
import { createPasskey, isCancelled, isKnown, passkeysSupported } from '../../api/account/passkeys.ts';
import { useGateway } from '../../api/context.tsx';
import { text } from '../../text/text.ts';
import { useAction } from './use-action.tsx';

const words = text.factors;

export function EnrolPasskey({ onDone }: { readonly onDone: (result: FactorResult, name: string) => void }) {
  const { api } = useGateway();
  const [name, setName] = useState('');
  const [asked, setAsked] = useState(false);
  const action = useAction(
    async () => {
      const response = await createPasskey(await api.beginPasskey());
      onDone(await api.createPasskey(name.trim(), response), name.trim());
    },
    (error) => (isKnown(error) ? words.passkeyKnown : isCancelled(error) ? words.passkeyCancelled : undefined),
  );
  if (!passkeysSupported()) return <p role="alert">{words.passkeyUnsupported}</p>;
  const missing = name.trim() === '';
  return (
    <form
      className="ss-form"
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        if (!missing) action.run();
      }}
    >
      <TextInput
        data-autofocus
        label={words.passkeyName}
        description={words.passkeyNameHelp}
        value={name}
        maxLength={80}
        error={asked && missing ? words.passkeyNameMissing : undefined}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <p className="ss-note">{words.passkeyText}</p>
      {action.problem}
      <Button type="submit" loading={action.busy}>
        {words.enrolPasskey}
      </Button>
    </form>
  );
}
