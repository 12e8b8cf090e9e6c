// The page: who is there decides between signing in and the router. Everything from outside is a prop.
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { MutationCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type RouterHistory, RouterProvider } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { createApi, type Fetch } from './api/client.ts';
import { type Gateway, GatewayProvider } from './api/context.tsx';
import type { OpenSocket } from './api/health-api.ts';
import { LiveLists } from './api/live/live-lists.ts';
import { toApiError } from './api/problem.ts';
import { useMeQuery } from './api/queries.ts';
import { PersonalProvider } from './components/account/personal.tsx';
import { StepUpDialog } from './components/factors/step-up-dialog.tsx';
import { Failed } from './components/ui/states.tsx';
import type { Storage } from './model/access/personal.ts';
import { SHARE_PATH } from './model/desktop/visit.ts';
import { SECOND_FACTOR_PATH, SecondFactorPage } from './pages/account/second-factor-page.tsx';
import { SIGN_IN_PATH, SignInPage, waysOf } from './pages/account/sign-in-page.tsx';
import { createAppRouter } from './routes/router.tsx';
import { styleNonce } from './style-nonce.ts';
import { text } from './text/text.ts';
import { colorSchemeManager, theme } from './theme.ts';

const BREAK_GLASS_PATH = '/break-glass';
const BreakGlassPage = lazy(async () => ({ default: (await import('./pages/account/break-glass-page.tsx')).BreakGlassPage }));

export interface AppProps {
  readonly fetch: Fetch;
  readonly storage: Storage;
  /** Default: the address bar. */
  readonly history?: RouterHistory;
  /** Default: that of the browser. */
  readonly openSocket?: OpenSocket;
  /** `test` shows and hides without transitions. */
  readonly env?: 'default' | 'test';
}

export function App(props: AppProps) {
  const [{ gateway, queries, router }] = useState(() => wire(props));
  useEffect(() => {
    const read = () => gateway.live.setVisible(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', read);
    return () => {
      document.removeEventListener('visibilitychange', read);
      gateway.live[Symbol.dispose]();
    };
  }, [gateway]);
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={colorSchemeManager}
      getStyleNonce={styleNonce}
      env={props.env ?? 'default'}
    >
      <QueryClientProvider client={queries}>
        <GatewayProvider value={gateway}>
          <SignedIn storage={props.storage} router={router} />
          <StepUpDialog />
          <Notifications position="bottom-right" limit={4} autoClose={6_000} />
        </GatewayProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

function wire({ fetch, history, openSocket }: AppProps) {
  // A session that ended elsewhere shows at the next answer, whatever was asked.
  const signedOut = () => void queries.invalidateQueries({ queryKey: ['me'] });
  const queries: QueryClient = new QueryClient({
    defaultOptions: { queries: { retry: (count, error) => count < 2 && toApiError(error).status === 0 } },
    mutationCache: new MutationCache({ onError: (error) => toApiError(error).signedOut && signedOut() }),
  });
  const api = createApi(fetch, openSocket);
  const live = new LiveLists({ api, queries, now: Date.now, random: Math.random, onSignedOut: signedOut });
  const gateway: Gateway = { api, live };
  return { gateway, queries, router: createAppRouter(history) };
}

function SignedIn({ storage, router }: { readonly storage: Storage; readonly router: ReturnType<typeof createAppRouter> }) {
  const me = useMeQuery();
  const { location } = router.history;
  if (location.pathname === SIGN_IN_PATH) return <SignInPage {...waysOf(location.search)} />;
  if (me.error !== null && toApiError(me.error).signedOut) {
    if (location.pathname === BREAK_GLASS_PATH) {
      const signedIn = () => {
        router.history.replace('/');
        void me.refetch();
      };
      return (
        <Suspense fallback={null}>
          <BreakGlassPage onSignedIn={signedIn} />
        </Suspense>
      );
    }
    // Behind a link there may be somebody without an account.
    if (router.history.location.pathname === SECOND_FACTOR_PATH)
      return (
        <SecondFactorPage
          onSignedIn={(returnTo) => {
            router.history.replace(returnTo);
            void me.refetch();
          }}
        />
      );
    if (router.history.location.pathname !== SHARE_PATH) return <SignInPage returnTo={router.history.location.href} />;
    return (
      <PersonalProvider person="guest" storage={storage}>
        <RouterProvider router={router} />
      </PersonalProvider>
    );
  }
  if (me.data !== undefined) {
    return (
      <PersonalProvider key={me.data.name} person={me.data.name} storage={storage}>
        <RouterProvider router={router} />
      </PersonalProvider>
    );
  }
  if (me.error !== null) {
    return <Failed title={text.signIn.failed} error={toApiError(me.error)} retry={() => void me.refetch()} />;
  }
  return null;
}
