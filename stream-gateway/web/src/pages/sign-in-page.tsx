// What somebody sees who is not signed in, at any address; signing in leads back to it.
import { Button } from '@mantine/core';
import { IconGitBranch, IconMoon, IconRocket } from '@tabler/icons-react';
import { Logo } from '../components/shell/logo.tsx';
import { useTitle } from '../components/ui/page.tsx';
import { text } from '../text/text.ts';

const ICONS = [IconRocket, IconMoon, IconGitBranch] as const;

export function SignInPage({ returnTo }: { readonly returnTo: string }) {
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
        <Button component="a" size="md" href={`/auth/sign-in?returnTo=${encodeURIComponent(returnTo)}`}>
          {text.signIn.button}
        </Button>
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
