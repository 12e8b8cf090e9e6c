// Name and password for a directory. What is wrong is said above the form, and the password is typed again.
import '@mantine/core/styles/PasswordInput.css';
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import type { SignInOption } from '../../../../../schemas/api/sign-in.ts';
import { useGateway } from '../../api/context.tsx';
import { toApiError } from '../../api/problem.ts';
import { text } from '../../text/text.ts';

export function PasswordForm({ option, returnTo }: { readonly option: SignInOption; readonly returnTo: string }) {
  const { api } = useGateway();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const passwordField = useRef<HTMLInputElement>(null);
  const signIn = useMutation({
    mutationFn: async () => await api.signInWithPassword({ provider: option.name, username, password, returnTo }),
    onSuccess: (location) => window.location.assign(location),
    onError: () => {
      setPassword('');
      passwordField.current?.focus();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!signIn.isPending) signIn.mutate();
  };
  return (
    <form className="ss-sign-in-ways" onSubmit={submit} aria-label={text.signIn.with(option.displayName)}>
      {signIn.error === null ? null : (
        <p role="alert" className="ss-sign-in-problem">
          {problemText(signIn.error)}
        </p>
      )}
      <TextInput
        label={text.signIn.username}
        value={username}
        onChange={(event) => setUsername(event.currentTarget.value)}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={256}
        required
        data-autofocus
      />
      <PasswordInput
        ref={passwordField}
        label={text.signIn.password}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="current-password"
        maxLength={1024}
        required
      />
      <Button type="submit" size="md" loading={signIn.isPending}>
        {text.signIn.with(option.displayName)}
      </Button>
    </form>
  );
}

function problemText(error: unknown): string {
  const { code, message, remedy } = toApiError(error);
  return code === 'SignInFailed' ? text.signIn.wrong : `${message} ${remedy}`;
}
