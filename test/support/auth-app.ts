// The gateway's sign-in without the rest of it, against any identity provider and database.
import type { RequestListener } from 'node:http';
import { Router } from 'express';
import type { Database } from '../../runtime/db/database.ts';
import { createLogger } from '../../runtime/log/log.ts';
import { createRegistry } from '../../runtime/metrics/metrics.ts';
import { IdentityProvider } from '../../stream-gateway/auth/provider.ts';
import { type AuthRouterPorts, authRouter } from '../../stream-gateway/auth/routes.ts';
import { createApp } from '../../stream-gateway/http/app.ts';
import { createHttpMetrics } from '../../stream-gateway/http/http-metrics.ts';
import { createRateLimits } from '../../stream-gateway/http/rate-limits.ts';

const log = createLogger({ name: 'test', level: 'silent' });

export function providerAt(issuer: string, clientId: string, publicUrl: string, clientSecret = 'secret'): IdentityProvider {
  const claims = { nameClaim: 'preferred_username', groupsClaim: 'groups' };
  return new IdentityProvider({ issuer, clientId, clientSecret, publicUrl, ...claims }, log);
}

export function authApp(
  ports: Pick<AuthRouterPorts, 'audit' | 'seal'> &
    Partial<Pick<AuthRouterPorts, 'breakGlass'>> & {
      readonly db: Database;
      readonly provider: IdentityProvider;
      readonly publicUrl: string;
    },
): RequestListener {
  return createApp({
    headers: { publicUrl: ports.publicUrl, issuer: ports.publicUrl },
    guards: [],
    health: Router(),
    auth: authRouter({
      breakGlass: { file: undefined, guesses: createRateLimits().breakGlassGuesses },
      ...ports,
      limits: { idleMs: 3_600_000, absoluteMs: 3_600_000 },
    }),
    api: Router(),
    page: Router(),
    log,
    duration: createHttpMetrics(createRegistry('gateway'), { watchedLists: () => 0 }).duration,
    trustedProxies: [],
  });
}
