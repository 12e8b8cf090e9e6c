// A gateway's sign-in with a provider of the settings and IdentityProviders beside it, on a database of its own.
import { randomBytes } from 'node:crypto';
import type { Database } from '../../runtime/db/database.ts';
import type { KubeObjectJson } from '../../runtime/kube/types.ts';
import { createLogger } from '../../runtime/log/log.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import { type IdentityProviderSpec, identityProviderSpec } from '../../schemas/kinds/sign-in/identity-provider.ts';
import { PROVIDER_SECRET_TYPE } from '../../schemas/kinds/sign-in/provider-secret.ts';
import { Seal } from '../../stream-gateway/auth/seal.ts';
import { PeopleConfirmation } from '../../stream-gateway/auth/sign-in/confirm-people.ts';
import { endOrphans } from '../../stream-gateway/auth/sign-in/removed-providers.ts';
import type { IdentityProviderJson } from '../../stream-gateway/sessions/kinds-json.ts';
import { authApp, providerAt, providersOf } from './auth-app.ts';
import { freshDatabase } from './fresh-database.ts';
import { CLIENT, type IdentityServer, PASSWORD } from './identity-server.ts';
import { listening } from './listening.ts';
import type { Servers } from './servers.ts';
import { Visitor } from './visitor.ts';

export interface ProvidersWorld extends AsyncDisposable {
  readonly url: string;
  readonly db: Database;
  readonly events: AuditEvent[];
  /** Of the system namespace, by name; a test changes them. */
  readonly secrets: Map<string, { readonly type: string; readonly data: Readonly<Record<string, string>> }>;
  /** Whom Teams name. */
  readonly named: Set<string>;
  put(name: string, spec: unknown, namespace?: string): void;
  drop(name: string): void;
  visitor(): Visitor;
  /** @returns the status of the callback */
  signIn(provider: string, name: string, visitor?: Visitor): Promise<number>;
  confirm(): Promise<void>;
  endOrphans(): Promise<void>;
  groupsOf(person: string): Promise<unknown>;
  /** People with a sign-in. */
  signedIn(): Promise<readonly string[]>;
}

/** With the secret `client` for every provider. */
export async function providersWorld(servers: Servers, settings: IdentityServer): Promise<ProvidersWorld> {
  await using stack = new AsyncDisposableStack();
  const { db } = stack.use(await freshDatabase(servers));
  const log = createLogger({ name: 'test', level: 'silent' });
  const seal = new Seal(randomBytes(32));
  const events: AuditEvent[] = [];
  const audit = async (event: AuditEvent): Promise<void> => void events.push(event);
  const objects = new Map<string, IdentityProviderJson>();
  const named = new Set<string>();
  const client = Buffer.from(CLIENT.secret).toString('base64');
  const secrets: ProvidersWorld['secrets'] = new Map([['client', { type: PROVIDER_SECRET_TYPE, data: { secret: client } }]]);
  const find = async <T>(_resource: unknown, _namespace: unknown, name: string): Promise<T | undefined> => {
    const secret: unknown = secrets.get(name);
    return secret as T | undefined;
  };
  let generation = 0;
  const providers = (publicUrl: string) =>
    providersOf(providerAt(settings.url, CLIENT.id, publicUrl, CLIENT.secret), publicUrl, {
      objects: () => objects.values(),
      client: { find },
    });
  const gateway = stack.use(
    await listening((publicUrl) => {
      const provider = providerAt(settings.url, CLIENT.id, publicUrl, CLIENT.secret);
      const isNamed = (person: string): boolean => named.has(person);
      return authApp({ ...{ db, publicUrl, provider, seal, audit, isNamed }, providers: providers(publicUrl) });
    }),
  );
  settings.accept(`${gateway.url}/auth/callback`);
  const live = providers(gateway.url);
  const moved = stack.move();
  const visitor = (): Visitor => {
    const people = ['mia', 'max'].map((name) => ({ name, role: 'member', password: PASSWORD, apiKey: '' }));
    return new Visitor({ ...servers, url: gateway.url, people });
  };
  return {
    ...{ url: gateway.url, db, events, secrets, named, visitor },
    put: (name, spec, namespace = 'streamspace') => {
      generation += 1;
      const parsed: IdentityProviderSpec = identityProviderSpec.parse(spec);
      const metadata: KubeObjectJson['metadata'] = { name, namespace, uid: name, generation };
      objects.set(name, { apiVersion: 'streamspace.io/v1alpha1', kind: 'IdentityProvider', metadata, spec: parsed });
    },
    drop: (name) => void objects.delete(name),
    signIn: async (provider, name, by = visitor()) =>
      (await by.open(await by.untilCallback(name, '/', provider), { headers: { accept: 'application/json' } })).status,
    confirm: async () => await new PeopleConfirmation({ db, providers: live, audit, log, seal, ageMs: 0 }).confirmDue(),
    endOrphans: async () => await endOrphans({ db, providers: live, audit }),
    groupsOf: async (person) =>
      (await db.query<{ groups: unknown }>('select groups from people where name = $1', [person]))[0]?.groups,
    signedIn: async () =>
      (await db.query<{ person: string }>('select person from sign_ins order by person')).map(({ person }) => person),
    [Symbol.asyncDispose]: async () => await moved[Symbol.asyncDispose](),
  };
}

/** Of type OIDC. */
export function oidcSpec(server: IdentityServer, world: { readonly url: string }, name: string, more: object = {}): unknown {
  server.accept(`${world.url}/auth/callback/${name}`);
  const oidc = { issuer: server.url, clientId: CLIENT.id, clientSecretRef: { name: 'client', key: 'secret' } };
  return { type: 'OIDC', displayName: 'Partners', oidc, ...more };
}
