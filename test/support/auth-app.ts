// The gateway's sign-in without the rest of it, against any identity provider and database.
import type { RequestListener } from 'node:http';
import { Router } from 'express';
import type { Database } from '../../runtime/db/database.ts';
import { createLogger } from '../../runtime/log/log.ts';
import { createRegistry } from '../../runtime/metrics/metrics.ts';
import { decideSignIn } from '../../schemas/kinds/sign-in/sign-in-rules.ts';
import { type AuthRouterPorts, authRouter } from '../../stream-gateway/auth/routes.ts';
import { OidcProvider } from '../../stream-gateway/auth/sign-in/provider.ts';
import { Providers, type ProvidersPorts } from '../../stream-gateway/auth/sign-in/providers.ts';
import { SignInSteps } from '../../stream-gateway/auth/sign-in/waiting.ts';
import { createApp } from '../../stream-gateway/http/app.ts';
import { createHttpMetrics } from '../../stream-gateway/http/http-metrics.ts';
import { createRateLimits } from '../../stream-gateway/http/rate-limits.ts';

const LIMITS = { idleMs: 3_600_000, absoluteMs: 3_600_000 };
/** Nobody says anything, and nobody has enrolled a factor. */
const NO_POLICIES = { decide: (_person: unknown, address: string) => decideSignIn([], address) };
const log = createLogger({ name: 'test', level: 'silent' });

export function providerAt(issuer: string, clientId: string, publicUrl: string, clientSecret = 'secret'): OidcProvider {
  const claims = { nameClaim: 'preferred_username', groupsClaim: 'groups' };
  return new OidcProvider({ issuer, clientId, clientSecret: async () => clientSecret, publicUrl, ...claims }, log);
}

/** With the provider of the settings alone, or with objects beside it. */
export function providersOf(
  provider: OidcProvider,
  publicUrl: string,
  more: Partial<Pick<ProvidersPorts, 'objects' | 'client'>> = {},
): Providers {
  const none = { objects: () => [], client: { find: async () => undefined } };
  return new Providers({ settings: { provider, issuer: publicUrl }, ready: () => true, publicUrl, log, ...none, ...more });
}

export function authApp(
  ports: Pick<AuthRouterPorts, 'audit' | 'seal'> &
    Partial<Pick<AuthRouterPorts, 'breakGlass' | 'isNamed' | 'providers'>> & {
      readonly db: Database;
      readonly provider: OidcProvider;
      readonly publicUrl: string;
    },
): RequestListener {
  return createApp({
    headers: { publicUrl: ports.publicUrl, issuers: () => [ports.publicUrl] },
    guards: [],
    health: Router(),
    auth: authRouter({
      passwordGuesses: createRateLimits(() => undefined).passwordGuesses,
      breakGlass: { file: undefined, guesses: createRateLimits(() => undefined).breakGlassGuesses },
      ...{ isNamed: () => false, providers: providersOf(ports.provider, ports.publicUrl) },
      ...{ ...ports, limits: LIMITS, steps: new SignInSteps({ ...ports, limits: LIMITS, policies: NO_POLICIES }) },
    }),
    api: Router(),
    page: Router(),
    log,
    duration: createHttpMetrics(createRegistry('gateway'), { watchedLists: () => 0 }).duration,
    trustedProxies: [],
  });
}
