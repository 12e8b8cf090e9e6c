// Sets up one-time codes: the secret as a QR code and as text, then a code that proves it.
import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { FactorResult } from '../../../../../schemas/api/factors.ts';
import { useGateway } from '../../api/context.tsx';
import { toApiError } from '../../api/problem.ts';
import { text } from '../../text/text.ts';
import { CopyText } from '../ui/copy-button.tsx';
import { Failed, Loading } from '../ui/states.tsx';
import { QrCode } from './qr-code.tsx';
import { useAction } from './use-action.tsx';

const words = text.factors;

export function EnrolTotp({ onDone }: { readonly onDone: (result: FactorResult) => void }) {
  const { api } = useGateway();
  // Each time another secret, and none is kept: what was shown may have been seen.
  const begun = useQuery({
    queryKey: ['totp-begun'],
    queryFn: () => api.beginTotp(),
    ...{ retry: false, gcTime: 0, staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false },
  });
  if (begun.error !== null && !begun.isFetching)
    return <Failed title={words.totpFailed} error={toApiError(begun.error)} retry={() => void begun.refetch()} />;
  if (begun.data === undefined) return <Loading rows={1} height={240} />;
  return <Confirm secret={begun.data.secret} uri={begun.data.uri} onDone={onDone} />;
}

interface ConfirmProps {
  readonly secret: string;
  readonly uri: string;
  readonly onDone: (result: FactorResult) => void;
}

function Confirm({ secret, uri, onDone }: ConfirmProps) {
  const { api } = useGateway();
  const [code, setCode] = useState('');
  const [asked, setAsked] = useState(false);
  const action = useAction(async () => onDone(await api.confirmTotp(code.trim())));
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
      <p>{words.totpText}</p>
      <QrCode value={uri} label={words.totpQr} />
      <div className="ss-secret">
        <span>
          {words.totpKey}: <code>{secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
        </span>
        <CopyText value={secret} />
      </div>
      <TextInput
        data-autofocus
        label={words.code.Totp}
        value={code}
        error={asked && missing ? words.codeMissing : undefined}
        autoComplete="one-time-code"
        inputMode="numeric"
        maxLength={6}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      {action.problem}
      <Button type="submit" loading={action.busy}>
        {words.confirm}
      </Button>
    </form>
  );
}
