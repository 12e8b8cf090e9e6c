// Gives a second factor: a passkey at a click, or a code. Others that the person has are one click away.
import { Button, TextInput } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useState } from 'react';
import type { FactorProof, FactorQuestion, FactorResult } from '../../../../../schemas/api/factors.ts';
import { isCancelled, passkeysSupported, provePasskey } from '../../api/account/passkeys.ts';
import { useGateway } from '../../api/context.tsx';
import { text } from '../../text/text.ts';
import { useAction } from './use-action.tsx';

type Method = FactorQuestion['methods'][number];

export interface FactorFormProps {
  readonly methods: readonly Method[];
  readonly onDone: (result: FactorResult) => void;
}

const words = text.factors;

export function FactorForm({ methods, onDone }: FactorFormProps) {
  const usable = methods.filter((method) => method !== 'Passkey' || passkeysSupported());
  const [chosen, setChosen] = useState<Method | undefined>(usable[0]);
  if (chosen === undefined) return <p role="alert">{words.passkeyUnsupported}</p>;
  return (
    <div className="ss-form">
      {chosen === 'Passkey' ? <WithPasskey onDone={onDone} /> : <WithCode key={chosen} method={chosen} onDone={onDone} />}
      {usable
        .filter((method) => method !== chosen)
        .map((method) => (
          <Button key={method} variant="subtle" onClick={() => setChosen(method)}>
            {words.use[method]}
          </Button>
        ))}
    </div>
  );
}

function WithPasskey({ onDone }: Pick<FactorFormProps, 'onDone'>) {
  const { api } = useGateway();
  const action = useAction(
    async () => {
      const response = await provePasskey(await api.beginPasskeyProof());
      onDone(await api.giveFactor({ method: 'Passkey', response }));
    },
    (error) => (isCancelled(error) ? words.passkeyCancelled : undefined),
  );
  return (
    <>
      <p className="ss-note">{words.passkeyText}</p>
      {action.problem}
      <Button
        data-autofocus
        leftSection={<IconFingerprint size={18} aria-hidden="true" />}
        loading={action.busy}
        onClick={action.run}
      >
        {words.use.Passkey}
      </Button>
    </>
  );
}

function WithCode({ method, onDone }: { readonly method: 'Totp' | 'RecoveryCode' } & Pick<FactorFormProps, 'onDone'>) {
  const { api } = useGateway();
  const [code, setCode] = useState('');
  const [asked, setAsked] = useState(false);
  const action = useAction(async () => {
    const proof: FactorProof = { method, code: code.trim() };
    onDone(await api.giveFactor(proof).finally(() => setCode('')));
  });
  const missing = code.trim() === '';
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
        autoFocus
        label={words.code[method]}
        value={code}
        error={asked && missing && !action.busy && !action.failed ? words.codeMissing : undefined}
        autoComplete={method === 'Totp' ? 'one-time-code' : 'off'}
        inputMode={method === 'Totp' ? 'numeric' : 'text'}
        spellCheck={false}
        maxLength={64}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      {action.problem}
      <Button type="submit" loading={action.busy}>
        {words.confirm}
      </Button>
    </form>
  );
}
