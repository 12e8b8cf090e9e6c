// Who leaves a group at the identity provider loses what it gave, without signing in again: against the real provider, with
// people that a test changes.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import type { IdentityPerson } from '../../local/identity/config.ts';
import { createIdentityServer } from '../../local/identity/server.ts';
import { hashPassword } from '../../local/people/password.ts';
import type { Database } from '../../runtime/db/database.ts';
import { createLogger } from '../../runtime/log/log.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import { Seal } from '../../stream-gateway/auth/seal.ts';
import { deriveSecret } from '../../stream-gateway/auth/secrets.ts';
import { PeopleConfirmation } from '../../stream-gateway/auth/sign-in/confirm-people.ts';
import { createApiKey, findKeyOwner } from '../../stream-gateway/store/api-keys.ts';
import { authApp, providerAt, providersOf } from '../support/auth-app.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { listening } from '../support/listening.ts';
import { Visitor } from '../support/visitor.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const log = createLogger({ name: 'test', level: 'silent' });
const CLIENT = { id: 'gateway-under-test', secret: 'a-secret-of-at-least-thirty-two-characters' };
const PASSWORD = 'right one';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });

interface World extends AsyncDisposable {
  readonly db: Database;
  /** What the provider knows; a test changes it. */
  readonly people: IdentityPerson[];
  readonly events: readonly AuditEvent[];
  /** How often tokens were asked for. */
  readonly asked: () => number;
  readonly grantsFile: string;
  /** @returns how the person signs out again */
  signIn(name: string): Promise<() => Promise<void>>;
  /** Left out: the key that the sign-ins were sealed with, and everybody is due. */
  replica(options?: { readonly seal?: Seal; readonly ageMs?: number }): PeopleConfirmation;
  restartProvider(): void;
  breakProvider(): void;
}

async function world(): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const { db } = stack.use(await freshDatabase(servers));
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-identity-'));
  stack.defer(async () => await rm(folder, { recursive: true, force: true }));
  const seal = new Seal(randomBytes(32));
  const events: AuditEvent[] = [];
  const audit = async (event: AuditEvent): Promise<void> => void events.push(event);
  const passwordHash = await hashPassword(PASSWORD);
  const people = ['mia', 'max'].map((name) => ({
    ...{ name, displayName: name, email: `${name}@x.example`, groups: ['ops', 'web'], passwordHash },
  }));
  let asked = 0;
  let identityApp: RequestListener = (req) => void req.destroy();
  const identity = stack.use(
    await listening(() => (req, res) => {
      if (req.url === '/token') asked += 1;
      identityApp(req, res);
    }),
  );
  let provider = providerAt(identity.url, CLIENT.id, 'http://127.0.0.1', CLIENT.secret);
  const gateway = stack.use(
    await listening((publicUrl) => {
      provider = providerAt(identity.url, CLIENT.id, publicUrl, CLIENT.secret);
      return authApp({ db, publicUrl, provider, seal, audit });
    }),
  );
  const grantsFile = join(folder, 'grants.json');
  const restartProvider = (): void => {
    const client = {
      redirectUris: [`${gateway.url}/auth/callback`],
      postLogoutRedirectUris: [`${gateway.url}/`],
    };
    identityApp = createIdentityServer(
      {
        ...{ port: 0, issuer: identity.url, client: { ...CLIENT, ...client }, people, grantsFile },
        signingKeys: [{ ...rsa, use: 'sig', alg: 'RS256', kid: 'k' }],
        cookieKeys: ['a-cookie-key-of-at-least-thirty-two-characters'],
      },
      { log, now: () => Date.now() },
    );
  };
  restartProvider();
  const moved = stack.move();
  return {
    ...{ db, people, events, grantsFile, restartProvider, asked: () => asked },
    breakProvider: () => {
      identityApp = (req) => void req.destroy();
    },
    async signIn(name) {
      const account = { name, role: 'member', password: PASSWORD, apiKey: '' };
      const visitor = new Visitor({ ...servers, url: gateway.url, people: [account] });
      const callback = await visitor.open(await visitor.untilCallback(name));
      expect(callback.status).toBe(303);
      const csrf = deriveSecret(visitor.cookie('streamspace_session') ?? '', 'csrf');
      return async () => {
        const init = { method: 'POST', headers: { accept: 'application/json', 'x-csrf-token': csrf } };
        expect((await visitor.open('/auth/sign-out', init)).status).toBe(200);
      };
    },
    replica: (options) =>
      new PeopleConfirmation({ db, providers: providersOf(provider, identity.url), audit, log, seal, ageMs: 0, ...options }),
    [Symbol.asyncDispose]: async () => await moved[Symbol.asyncDispose](),
  };
}

const groupsOf = async ({ db }: World, name: string): Promise<unknown> =>
  (await db.query<{ groups: unknown }>('select groups from people where name = $1', [name]))[0]?.groups;

const signInsOf = async ({ db }: World, name: string): Promise<number> =>
  (await db.query('select id from sign_ins where person = $1', [name])).length;

function leave(one: World, name: string, groups: readonly string[]): void {
  const at = one.people.findIndex((person) => person.name === name);
  const person = one.people[at];
  if (person !== undefined) one.people[at] = { ...person, groups: [...groups] };
}

test('P-01-6 who is taken out of a group at the provider has lost it after the next look, which is audited', async () => {
  await using one = await world();
  await one.signIn('mia');
  await one.signIn('max');
  const { key } = await createApiKey(one.db, { owner: 'mia', name: 'ci', expiresAt: new Date(Date.now() + 60_000) });
  await one.replica().confirmDue();
  expect(one.events.filter(({ type }) => type !== 'signin.succeeded')).toEqual([]);
  leave(one, 'mia', ['new', 'web']);
  await one.replica().confirmDue();
  expect([await groupsOf(one, 'mia'), await groupsOf(one, 'max')]).toEqual([
    ['new', 'web'],
    ['ops', 'web'],
  ]);
  // A key acts with the same groups.
  expect((await findKeyOwner(one.db, key))?.person.groups).toEqual(['new', 'web']);
  expect(one.events.at(-1)).toEqual({
    ...{ type: 'person.groups-changed', actor: null, result: 'success', object: 'Person/mia' },
    details: { came: 'new', went: 'ops' },
  });
  expect(await signInsOf(one, 'mia')).toBe(1);
});

test('P-01-6 a sign-in of somebody who is gone at the provider ends; those of others, and what the provider is silent about, stay', async () => {
  await using one = await world();
  await one.signIn('mia');
  await one.signIn('max');
  one.people.splice(0, 1);
  await one.replica().confirmDue();
  expect([await signInsOf(one, 'mia'), await signInsOf(one, 'max')]).toEqual([0, 1]);
  expect(one.events.at(-1)).toMatchObject({ type: 'signin.lapsed', object: 'Person/mia' });
  one.breakProvider();
  await one.replica().confirmDue();
  expect([await signInsOf(one, 'max'), await groupsOf(one, 'max')]).toEqual([1, ['ops', 'web']]);
});

test('two replicas ask about a sign-in once', async () => {
  await using one = await world();
  await one.signIn('mia');
  const before = one.asked();
  await one.db.query("update sign_ins set confirmed_at = now() - interval '1 hour'");
  const replicas = [1, 2, 3].map(() => one.replica({ ageMs: 60_000 }));
  await Promise.all(replicas.map(async (replica) => await replica.confirmDue()));
  expect(one.asked() - before).toBe(1);
});

test('a restart of the local provider signs nobody out', async () => {
  await using one = await world();
  await one.signIn('mia');
  one.restartProvider();
  await one.replica().confirmDue();
  expect(await signInsOf(one, 'mia')).toBe(1);
});

test('with another key nothing that is stored can be used: the sign-in ends', async () => {
  await using one = await world();
  await one.signIn('mia');
  await one.replica({ seal: new Seal(randomBytes(32)) }).confirmDue();
  expect(await signInsOf(one, 'mia')).toBe(0);
});

test('P-01-14 a refresh token does not stand in a dump of the database', async () => {
  await using one = await world();
  await one.signIn('mia');
  const [row] = await one.db.query<{ row: string; token: Buffer }>(
    'select t::text as row, refresh_token as token from sign_ins t',
  );
  expect(row?.token.length).toBeGreaterThan(40);
  const handedOut = [...(await readFile(one.grantsFile, 'utf8')).matchAll(/"RefreshToken:([\w-]{20,})"/g)].map(([, id]) => id);
  expect(handedOut).toHaveLength(1);
  for (const token of handedOut) {
    expect(row?.token.includes(token ?? '')).toBe(false);
    expect(row?.row).not.toContain(token);
  }
});

test('who signs out takes the refresh token back at the provider as well', async () => {
  await using one = await world();
  const signOut = await one.signIn('mia');
  expect(await readFile(one.grantsFile, 'utf8')).toContain('RefreshToken:');
  await signOut();
  await eventually('the token is gone', async () => !(await readFile(one.grantsFile, 'utf8')).includes('RefreshToken:'));
});

test('a key of somebody whom the provider has not confirmed for a month is refused until he signs in again', async () => {
  await using one = await world();
  await one.signIn('mia');
  const { key } = await createApiKey(one.db, { owner: 'mia', name: 'ci', expiresAt: new Date(Date.now() + 60_000) });
  await one.db.query("update people set confirmed_at = now() - interval '31 days' where name = 'mia'");
  expect(await findKeyOwner(one.db, key)).toBeUndefined();
  await one.signIn('mia');
  expect((await findKeyOwner(one.db, key))?.person.name).toBe('mia');
});
