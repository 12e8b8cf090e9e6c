// Signing in with second factors, without the rest of the gateway: a real identity provider and database, policies and a clock that
// a test changes.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Router } from 'express';
import * as z from 'zod';
import { createIdentityServer } from '../../local/identity/server.ts';
import { hashPassword } from '../../local/people/password.ts';
import type { Database } from '../../runtime/db/database.ts';
import { createLogger } from '../../runtime/log/log.ts';
import { createRegistry } from '../../runtime/metrics/metrics.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import type { SignInRules } from '../../schemas/kinds/sign-in/sign-in-rules.ts';
import { createAuthenticator } from '../../stream-gateway/auth/authenticate.ts';
import { authRouter } from '../../stream-gateway/auth/routes.ts';
import { Seal } from '../../stream-gateway/auth/seal.ts';
import { startSignIns } from '../../stream-gateway/auth/sign-in/start-sign-ins.ts';
import { waitingIdentity } from '../../stream-gateway/auth/sign-in/waiting.ts';
import { apiRouter } from '../../stream-gateway/http/api-router.ts';
import { createApp } from '../../stream-gateway/http/app.ts';
import { createHttpMetrics } from '../../stream-gateway/http/http-metrics.ts';
import { route } from '../../stream-gateway/http/route.ts';
import { apiKeyRoutes } from '../../stream-gateway/http/routes/people/api-keys.ts';
import { myFactorRoutes } from '../../stream-gateway/http/routes/people/my-factors.ts';
import { secondFactorRoutes } from '../../stream-gateway/http/routes/people/second-factor.ts';
import type { SignInPolicyJson } from '../../stream-gateway/sessions/kinds-json.ts';
import { providerAt, providersOf } from './auth-app.ts';
import { freshDatabase } from './fresh-database.ts';
import { listening } from './listening.ts';
import { NO_MACHINE_TOKENS, NO_MACHINES } from './no-machines.ts';
import type { Servers } from './servers.ts';
import { Visitor } from './visitor.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const CLIENT = { id: 'gateway-under-test', secret: 'a-secret-of-at-least-thirty-two-characters' };
const PASSWORD = 'right one';
const LIMITS = { idleMs: 3_600_000, absoluteMs: 3_600_000 };
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
const ADMIN = 'ada';
/** What is asked for it says its route alone. */
const restore = route({
  ...{ method: 'post', path: '/namespaces/{namespace}/restores', operationId: 'restore', summary: 'Restores.', tag: 'Meta' },
  params: z.object({ namespace: z.string() }),
  responses: { 204: null },
  stepUp: { for: 'Restore' },
  handle: async () => ({ status: 204 }),
});

export interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A browser, with what its page knows. */
export interface Person {
  readonly visitor: Visitor;
  /** @returns where the callback leads */
  signIn(): Promise<string>;
  call(method: string, path: string, body?: unknown): Promise<Reply>;
}

export interface FactorWorld extends AsyncDisposable {
  readonly db: Database;
  readonly events: readonly AuditEvent[];
  /** Puts the clock of one-time codes forward. */
  later(ms: number): void;
  readonly nowMs: () => number;
  /** In the namespace; replaces the one of before. */
  policy(namespace: string, rules: SignInRules): void;
  browserOf(name: 'mia' | 'max' | 'ada'): Person;
}

export async function factorWorld(servers: Servers): Promise<FactorWorld> {
  await using stack = new AsyncDisposableStack();
  const { db } = stack.use(await freshDatabase(servers));
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-identity-'));
  stack.defer(async () => await rm(folder, { recursive: true, force: true }));
  const passwordHash = await hashPassword(PASSWORD);
  const people = ['mia', 'max', ADMIN].map((name) => ({
    ...{ name, displayName: name, email: `${name}@x.example`, groups: [], passwordHash },
  }));
  const events: AuditEvent[] = [];
  const audit = async (event: AuditEvent): Promise<void> => void events.push(event);
  const policies = new Map<string, SignInPolicyJson>();
  let ahead = 0;
  const now = (): Date => new Date(Date.now() + ahead);
  let identityApp: Parameters<typeof listening>[0] = () => (req) => void req.destroy();
  const identity = stack.use(await listening((url) => (req, res) => identityApp(url)(req, res)));
  const gateway = stack.use(
    await listening((publicUrl) => {
      const seal = new Seal(randomBytes(32));
      const provider = providerAt(identity.url, CLIENT.id, publicUrl, CLIENT.secret);
      const providers = providersOf(provider, publicUrl);
      const feeds = { signInPolicies: { objects: policies, ready: true }, teams: { objects: new Map(), ready: true } };
      const signIns = startSignIns({ db, feeds, limits: LIMITS, publicUrl, seal, now });
      const guesses = { check: async () => undefined, wrong: async () => undefined };
      const decisions = { ask: async ({ name }: { readonly name: string }) => name === ADMIN };
      return createApp({
        headers: { publicUrl, issuers: () => providers.issuers() },
        guards: [],
        health: Router(),
        auth: authRouter({
          ...{ db, providers, audit, limits: LIMITS, steps: signIns.steps, publicUrl, seal },
          ...{
            isNamed: () => false,
            passwordGuesses: { attempt: (_address, _name, work) => work() },
            breakGlass: { file: undefined, guesses },
          },
        }),
        api: apiRouter({
          routes: [
            ...secondFactorRoutes(signIns),
            ...myFactorRoutes({ ...signIns, db, decisions }),
            ...apiKeyRoutes({ db, now, policies: signIns.policies }),
            restore,
          ],
          authenticate: createAuthenticator({
            db,
            audit,
            guesses,
            limits: LIMITS,
            secure: false,
            machines: NO_MACHINES,
            machineTokens: NO_MACHINE_TOKENS,
          }),
          waiting: ({ headers }) => waitingIdentity(db, headers, false),
          ...{ audit, stepUp: signIns.stepUp, limitWrites: async () => undefined },
        }),
        page: Router(),
        log,
        duration: createHttpMetrics(createRegistry('gateway'), { watchedLists: () => 0 }).duration,
        trustedProxies: [],
      });
    }, 'localhost'),
  );
  const redirects = { redirectUris: [`${gateway.url}/auth/callback`], postLogoutRedirectUris: [`${gateway.url}/`] };
  const identityServer = createIdentityServer(
    {
      ...{ port: 0, issuer: identity.url, client: { ...CLIENT, ...redirects }, people, grantsFile: join(folder, 'grants.json') },
      signingKeys: [{ ...rsa, use: 'sig', alg: 'RS256', kid: 'k' }],
      cookieKeys: ['a-cookie-key-of-at-least-thirty-two-characters'],
    },
    { log, now: () => Date.now() },
  );
  identityApp = () => identityServer;
  const moved = stack.move();
  return {
    ...{ db, events, nowMs: () => now().getTime() },
    later: (ms) => {
      ahead += ms;
    },
    policy(namespace, spec) {
      const metadata = { name: 'p', namespace, uid: namespace, resourceVersion: '1' };
      policies.set(namespace, { apiVersion: 'streamspace.io/v1alpha1', kind: 'SignInPolicy', metadata, spec });
    },
    browserOf(name) {
      const account = { name, role: 'member', password: PASSWORD, apiKey: '' };
      const visitor = new Visitor({ ...servers, url: gateway.url, people: [account] });
      return {
        visitor,
        async signIn() {
          const callback = await visitor.open(await visitor.untilCallback(name, '/catalog'));
          if (callback.status !== 303) throw new Error(`the callback answered ${callback.status}: ${await callback.text()}`);
          return callback.headers.get('location') ?? '';
        },
        async call(method, path, body) {
          const question = (await (await visitor.open('/api/v1/second-factor')).json()) as { csrfToken?: string };
          const headers = { 'x-csrf-token': question.csrfToken ?? '', accept: 'application/json' };
          const answer = await visitor.open(`/api/v1${path}`, { method, headers, ...(body === undefined ? {} : { json: body }) });
          const text = await answer.text();
          return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Reply['body']) };
        },
      };
    },
    [Symbol.asyncDispose]: async () => await moved[Symbol.asyncDispose](),
  };
}
