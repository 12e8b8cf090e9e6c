// What somebody sees who is not signed in, at any address; signing in leads back to it.
import { IconGitBranch, IconMoon, IconRocket } from '@tabler/icons-react';
import { SignInWays, type SignInWaysProps } from '../../components/account/sign-in-ways.tsx';
import { Logo } from '../../components/shell/logo.tsx';
import { useTitle } from '../../components/ui/page.tsx';
import { text } from '../../text/text.ts';

const ICONS = [IconRocket, IconMoon, IconGitBranch] as const;

/** Where somebody chooses how to sign in, also when he is signed in already (a policy may ask for a fresh sign-in). */
export const SIGN_IN_PATH = '/sign-in';

/** What the address of {@link SIGN_IN_PATH} says. @param search with its question mark */
export function waysOf(search: string): SignInWaysProps {
  const query = new URLSearchParams(search);
  return {
    returnTo: query.get('returnTo') ?? '/',
    host: query.get('host') ?? undefined,
    provider: query.get('provider') ?? undefined,
  };
}

export function SignInPage(ways: SignInWaysProps) {
  useTitle(text.signIn.button);
  return (
    <main className="ss-sign-in">
      <div className="ss-sign-in-card">
        <div className="ss-sign-in-brand">
          <Logo size={36} />
          <span>{text.product}</span>
        </div>
        <h1>{text.signIn.title}</h1>
        <p className="ss-sign-in-lead">{text.signIn.lead}</p>
        <SignInWays {...ways} />
        <ul className="ss-sign-in-points">
          {text.signIn.points.map(({ title, text: words }, index) => {
            const Icon = ICONS[index] ?? IconRocket;
            return (
              <li key={title}>
                <Icon size={20} stroke={1.6} aria-hidden="true" />
                <div>
                  <strong>{title}</strong>
                  <p>{words}</p>
                </div>
              </li>
            );
          })}
        </ul>
      </div>
    </main>
  );
}
