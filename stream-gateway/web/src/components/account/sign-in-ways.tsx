// The ways to sign in: one is a button, of several somebody chooses.
import { Button } from '@mantine/core';
import type { SignInOption } from '../../../../../schemas/api/sign-in.ts';
import { useSignInOptions } from '../../api/account/sign-in-queries.ts';
import { toApiError } from '../../api/problem.ts';
import { text } from '../../text/text.ts';
import { Failed } from '../ui/states.tsx';
import { PasswordForm } from './password-form.tsx';

export interface SignInWaysProps {
  readonly returnTo: string;
  /** By which somebody came; left out: that of this page. */
  readonly host?: string | undefined;
  /** Chosen already: one that is asked with name and password. */
  readonly provider?: string | undefined;
}

export function SignInWays({ returnTo, host, provider }: SignInWaysProps) {
  const options = useSignInOptions({ host, provider });
  // The gateway sends whoever has not chosen back to choose: without a list there is nothing to go on with.
  if (options.error !== null)
    return <Failed title={text.signIn.noWays} error={toApiError(options.error)} retry={() => void options.refetch()} />;
  const [only] = options.data ?? [];
  if (provider !== undefined && only?.type === 'LDAP') return <PasswordForm option={only} returnTo={returnTo} />;
  if (options.data === undefined || options.data.length < 2)
    return (
      <Button component="a" size="md" href={addressOf(returnTo, only)}>
        {text.signIn.button}
      </Button>
    );
  return (
    <nav aria-label={text.signIn.choose}>
      <ul className="ss-sign-in-ways">
        {options.data.map((option) => (
          <li key={option.name}>
            <Button component="a" size="md" fullWidth variant="default" href={addressOf(returnTo, option)}>
              {text.signIn.with(option.displayName)}
            </Button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function addressOf(returnTo: string, option: SignInOption | undefined): string {
  const query = new URLSearchParams({ returnTo, ...(option === undefined ? {} : { provider: option.name }) });
  return `/auth/sign-in?${query.toString()}`;
}
