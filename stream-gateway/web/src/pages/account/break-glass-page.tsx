// The way in while the identity provider is away. Shown only to whoever opens its address: nothing leads here.
import { Button, PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useGateway } from '../../api/context.tsx';
import { toApiError } from '../../api/problem.ts';
import { useTitle } from '../../components/ui/page.tsx';
import { ErrorFacts } from '../../components/ui/states.tsx';
import { text } from '../../text/text.ts';

const words = text.breakGlass;

export function BreakGlassPage({ onSignedIn }: { readonly onSignedIn: () => void }) {
  useTitle(words.title);
  const { api } = useGateway();
  const [password, setPassword] = useState('');
  const signIn = useMutation({ mutationFn: () => api.breakGlass(password.trim()), onSuccess: onSignedIn });
  const error = signIn.error === null ? null : toApiError(signIn.error);
  return (
    <main className="ss-page" style={{ maxWidth: '32rem', margin: '10vh auto', padding: '0 1rem' }}>
      <h1>{words.title}</h1>
      <p>{words.lead}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (password.trim() !== '' && !signIn.isPending) signIn.mutate();
        }}
      >
        <PasswordInput
          label={words.password}
          value={password}
          autoComplete="off"
          maxLength={256}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {error === null ? null : (
          <div role="alert">
            <p>{error.message}</p>
            <ErrorFacts error={error} />
          </div>
        )}
        <Button type="submit" mt="md" loading={signIn.isPending} disabled={password.trim() === ''}>
          {words.signIn}
        </Button>
      </form>
    </main>
  );
}
