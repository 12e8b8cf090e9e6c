// Signing in at GitHub by OAuth 2.0: who is who, what organizations and teams give, and what no other browser, code or account can do.
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { deriveSecret } from '../../stream-gateway/auth/secrets.ts';
import { openBrowser } from '../support/browser.ts';
import { type GitHubWorld, githubWorld } from '../support/github-world.ts';
import { type IdentityServer, identityServer, PASSWORD } from '../support/identity-server.ts';
import { oidcSpec } from '../support/providers-world.ts';

const servers = inject('servers');
const json = { headers: { accept: 'application/json' } };

let own: IdentityServer;
beforeAll(async () => {
  own = await identityServer({ mia: ['platform-admins'] });
});
afterAll(async () => await own[Symbol.asyncDispose]());

/** Every answer of GitHub's REST API that was used is as GitHub describes it. */
async function inWorld(use: (world: GitHubWorld) => Promise<void>, more: object = {}): Promise<void> {
  await using world = await githubWorld(servers, own, more);
  await use(world);
  expect(world.github.violations).toEqual([]);
}

const codeOf = async (answer: Response): Promise<unknown> => ((await answer.json()) as { readonly code?: string }).code;
const lastEvent = ({ events }: GitHubWorld) => events.at(-1);

async function displayNameOf({ db }: GitHubWorld, person: string): Promise<unknown> {
  return (await db.query<{ at: unknown }>('select display_name as at from people where name = $1', [person]))[0]?.at;
}

test('a member of an organization signs in, is his number, and has its name and teams as groups', async () => {
  await inWorld(
    async (world) => {
      world.mia.joinTeam('acme', 'web');
      world.mia.joinTeam('acme', 'desktop-users');
      // Whoever may make an organization could call its teams anything: those that are not named give nothing.
      world.mia.join('elsewhere');
      world.mia.joinTeam('elsewhere', 'platform-admins');
      const visitor = world.visitor();
      const answer = await visitor.open(await visitor.untilCallback('mia', '/catalog', 'github'));
      expect([answer.status, answer.headers.get('location')]).toEqual([303, '/catalog']);
      const person = `github:${world.mia.id}`;
      expect(await world.signedIn()).toEqual([person]);
      expect(await world.groupsOf(person)).toEqual(['github:acme', 'github:acme/web', 'guests']);
      expect(await displayNameOf(world, person)).toBe('Mia M (mia)');
      expect(world.events).toMatchObject([{ type: 'signin.succeeded', actor: person, details: { provider: 'github' } }]);
      expect(await (await world.visitor().open('/auth/providers')).json()).toMatchObject({
        items: [{ name: 'settings' }, { name: 'github', type: 'GitHub', displayName: 'GitHub' }],
      });
    },
    { groupMappings: [{ from: 'acme/desktop-users', to: 'guests' }] },
  );
});

test('a real browser gets through, and keeps no cookie but that of the sign-in', async () => {
  await inWorld(async (world) => {
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      // Signed in at GitHub before; its page would be filled in by hand.
      await page.request.post(`${world.github.webUrl}/session?return_to=/login`, { form: { name: 'mia' } });
      const arrived = page.waitForURL(`${world.url}/catalog`, { waitUntil: 'commit' });
      await page.goto(`${world.url}/auth/sign-in?provider=github&returnTo=/catalog`, { waitUntil: 'commit' });
      await arrived;
      expect(await world.signedIn()).toEqual([`github:${world.mia.id}`]);
      const cookies = await page.context().cookies(world.url);
      expect(cookies.filter(({ name }) => name !== 'user_session')).toMatchObject([
        { name: 'streamspace_session', sameSite: 'Lax', httpOnly: true },
      ]);
    } finally {
      await browser.close();
    }
  });
});

test('who has not joined an organization that counts is refused, and his token is taken back', async () => {
  await inWorld(async (world) => {
    world.github.person('max').join('acme', 'pending');
    world.github.person('max').join('elsewhere');
    expect(await world.signIn('github', 'max')).toBe(403);
    const details = { code: 'SignInForbidden', why: 'not-member', provider: 'github' };
    expect(world.events).toMatchObject([{ type: 'signin.failed', result: 'refused', details }]);
    expect(world.github.person('max').tokens()).toEqual([]);
    expect(await world.signedIn()).toEqual([]);
    // Unless anybody may come: then he is in no group.
    world.put('github', world.spec({ anybody: true }));
    expect(await world.signIn('github', 'max')).toBe(303);
    expect(await world.groupsOf(`github:${world.github.person('max').id}`)).toEqual([]);
  });
});

test('an organization that is named with its number is no other one that has taken its name', async () => {
  await inWorld(async (world) => {
    const id = world.mia.join('acme');
    world.put('github', world.spec({ organizations: [{ name: 'acme', id: id + 1 }] }));
    expect(await world.signIn('github', 'mia')).toBe(403);
    world.put('github', world.spec({ organizations: [{ name: 'us', id }] }));
    expect(await world.signIn('github', 'mia')).toBe(303);
    expect(await world.groupsOf(`github:${world.mia.id}`)).toEqual(['github:us']);
  });
});

test('of the addresses only the primary one counts, and only verified', async () => {
  await inWorld(
    async (world) => {
      expect(await world.signIn('github', 'mia')).toBe(303);
      const primary = { email: 'mia@acme.example', primary: true, verified: false };
      world.mia.is({ emails: [primary] });
      expect(await world.signIn('github', 'mia')).toBe(403);
      world.mia.is({
        emails: [
          { ...primary, primary: false, verified: true },
          { ...primary, email: 'mia@else.example', verified: true },
        ],
      });
      expect(await world.signIn('github', 'mia')).toBe(403);
      world.mia.is({ emails: [] });
      expect(await world.signIn('github', 'mia')).toBe(403);
      expect(lastEvent(world)).toMatchObject({ type: 'signin.failed', details: { code: 'SignInForbidden', provider: 'github' } });
    },
    { allowedDomains: ['acme.example'] },
  );
});

test('who takes another login stays who he is, and whoever takes the old one is somebody else', async () => {
  await inWorld(async (world) => {
    const visitor = world.visitor();
    await world.signIn('github', 'mia', visitor);
    world.mia.rename('mia-m');
    // Still signed in there, so nobody types a name.
    expect(await world.signIn('github', 'nobody types this', visitor)).toBe(303);
    const person = `github:${world.mia.id}`;
    expect(await world.signedIn()).toEqual([person]);
    expect(await displayNameOf(world, person)).toBe('Mia M (mia-m)');
    const next = world.github.person('mia');
    next.join('acme');
    expect(await world.signIn('github', 'mia')).toBe(303);
    expect(await world.signedIn()).toEqual([person, `github:${next.id}`].sort());
    await world.confirm();
    expect(await world.signedIn()).toEqual([person, `github:${next.id}`].sort());
  });
});

test('P-01-10 a callback of GitHub counts once, in the browser that began it, for the sign-in that it was made for', async () => {
  await inWorld(async (world) => {
    const [visitor, attacker] = [world.visitor(), world.visitor()];
    const callback = await visitor.untilCallback('mia', '/', 'github');
    // Brought to another browser, which has begun a sign-in of its own.
    await attacker.open('/auth/sign-in?provider=github');
    expect(await codeOf(await attacker.open(callback, json))).toBe('SignInFailed');
    expect((await visitor.open(callback)).status).toBe(303);
    expect(await codeOf(await visitor.open(callback, json))).toBe('SignInFailed');
    // The code of one sign-in with the state of another: its verifier is not the one of the challenge.
    const [first, second] = [
      new URL(await visitor.untilCallback('mia', '/', 'github')),
      new URL(await visitor.untilCallback('mia', '/', 'github')),
    ];
    const swapped = new URL(second);
    swapped.searchParams.set('code', first.searchParams.get('code') ?? '');
    expect(await codeOf(await visitor.open(swapped.href, json))).toBe('SignInFailed');
    expect(lastEvent(world)).toMatchObject({
      type: 'signin.failed',
      details: { why: 'bad_verification_code', provider: 'github' },
    });
    // A code that was used, with a state that was not.
    const again = new URL(await visitor.untilCallback('mia', '/', 'github'));
    again.searchParams.set('code', new URL(callback).searchParams.get('code') ?? '');
    expect(await codeOf(await visitor.open(again.href, json))).toBe('SignInFailed');
    expect(lastEvent(world)).toMatchObject({ details: { why: 'bad_verification_code' } });
    expect(await world.signedIn()).toEqual([`github:${world.mia.id}`]);
  });
});

test.each([
  ['error', 'access_denied', 'access_denied'],
  ['error', 'Set-Cookie: <b>', 'other'],
  ['iss', 'https://evil.example/login/oauth', 'issuer'],
  ['code', '', 'bad_verification_code'],
])('a callback with %s=%s is refused and audited as %s', async (name, value, why) => {
  await inWorld(async (world) => {
    const visitor = world.visitor();
    const callback = new URL(await visitor.untilCallback('mia', '/', 'github'));
    callback.searchParams.set(name, value);
    expect(await codeOf(await visitor.open(callback.href, json))).toBe('SignInFailed');
    expect(world.events).toMatchObject([{ type: 'signin.failed', details: { code: 'SignInFailed', why, provider: 'github' } }]);
  });
});

test('P-01-10 an answer of GitHub that is brought to another provider, or the other way round, is refused', async () => {
  await inWorld(async (world) => {
    world.put('partners', oidcSpec(own, world, 'partners'));
    const visitor = world.visitor();
    const callback = new URL(await visitor.untilCallback('mia', '/', 'github'));
    callback.pathname = '/auth/callback/partners';
    expect(await codeOf(await visitor.open(callback.href, json))).toBe('SignInFailed');
    const other = new URL(await visitor.untilCallback('mia', '/', 'partners'));
    other.pathname = '/auth/callback/github';
    expect(await codeOf(await visitor.open(other.href, json))).toBe('SignInFailed');
    expect(await world.signedIn()).toEqual([]);
  });
});

test('P-01-6 who leaves a team loses what it gave, and who leaves the organization is signed out', async () => {
  await inWorld(async (world) => {
    const person = `github:${world.mia.id}`;
    world.mia.joinTeam('acme', 'web');
    await world.signIn('github', 'mia');
    world.mia.leaveTeam('acme', 'web');
    await world.confirm();
    expect(await world.groupsOf(person)).toEqual(['github:acme']);
    expect(lastEvent(world)).toMatchObject({ type: 'person.groups-changed', details: { went: 'github:acme/web' } });
    world.mia.leave('acme');
    await world.confirm();
    expect(await world.signedIn()).toEqual([]);
    expect(lastEvent(world)).toMatchObject({ type: 'signin.lapsed', object: `Person/${person}` });
  });
});

test('P-01-6 who has more teams than fit on a page has them all', async () => {
  await inWorld(async (world) => {
    for (let team = 0; team < 130; team += 1) world.mia.joinTeam('acme', `team-${team}`);
    await world.signIn('github', 'mia');
    expect(await world.groupsOf(`github:${world.mia.id}`)).toHaveLength(131);
    await world.confirm();
    expect(await world.groupsOf(`github:${world.mia.id}`)).toHaveLength(131);
  });
});

test('P-01-6 who takes the access back at GitHub, or has no allowed address any more, is signed out; nobody else is', async () => {
  await inWorld(
    async (world) => {
      const max = world.github.person('max').is({ emails: [{ email: 'max@acme.example', primary: true, verified: true }] });
      max.join('acme');
      await world.signIn('github', 'mia');
      await world.signIn('github', 'max');
      world.mia.revokeAll();
      await world.confirm();
      expect(await world.signedIn()).toEqual([`github:${max.id}`]);
      max.is({ emails: [{ email: 'max@acme.example', primary: true, verified: false }] });
      await world.confirm();
      expect(await world.signedIn()).toEqual([]);
    },
    { allowedDomains: ['acme.example'] },
  );
});

test.each([
  [{ kind: 'error', status: 503 }],
  [{ kind: 'error', status: 502 }],
  [{ kind: 'primaryRateLimit' }],
  [{ kind: 'secondaryRateLimit' }],
  [{ kind: 'tooManyRequests' }],
  [{ kind: 'dropBefore' }],
] as const)('while GitHub answers with %j nobody gets in, and nobody loses anything', async (fault) => {
  await inWorld(async (world) => {
    world.mia.joinTeam('acme', 'web');
    await world.signIn('github', 'mia');
    for (const path of [/^\/user$/, /^\/user\/memberships/, /^\/user\/teams/]) {
      world.github.faults.push({ ...fault, path });
      await world.confirm();
      expect(world.github.faults.pending).toBe(0);
      await world.db.query('update sign_ins set confirming_until = null');
    }
    expect(await world.groupsOf(`github:${world.mia.id}`)).toEqual(['github:acme', 'github:acme/web']);
    expect(world.events).toHaveLength(1);
    for (const path of [/access_token$/, /^\/user$/]) {
      world.github.faults.push({ ...fault, path });
      expect(await world.signIn('github', 'mia')).toBe(503);
      const details = { code: 'IdentityProviderUnreachable', provider: 'github' };
      expect(lastEvent(world)).toMatchObject({ type: 'signin.failed', details });
    }
    expect(await world.signedIn()).toHaveLength(1);
  });
});

test('another GitHub behind the same name is never shown the token of the first one, and knows nobody of it', async () => {
  await inWorld(async (world) => {
    await world.signIn('github', 'mia');
    const before = world.github.requests.length;
    // The same server, by another name.
    world.put('github', world.spec({ url: world.github.webUrl.replace('127.0.0.1', 'localhost') }));
    await world.confirm();
    expect(await world.signedIn()).toEqual([]);
    expect(world.github.requests).toHaveLength(before);
  });
});

test('a wrong client secret is told as one of the app, and a missing one before anybody leaves', async () => {
  await inWorld(async (world) => {
    const secret = world.secrets.get('github');
    if (secret === undefined) throw new Error('there is one');
    world.secrets.set('github', { ...secret, data: { 'client-secret': 'eA==' } });
    expect(await world.signIn('github', 'mia')).toBe(503);
    const why = 'incorrect_client_credentials';
    expect(lastEvent(world)).toMatchObject({ details: { code: 'IdentityProviderUnreachable', why } });
    world.secrets.set('github', { ...secret, type: 'Opaque' });
    expect(await codeOf(await world.visitor().open('/auth/sign-in?provider=github', json))).toBe('ProviderSecretMissing');
  });
});

test('who signs out leaves no token that counts at GitHub, and stays signed in there', async () => {
  await inWorld(async (world) => {
    const visitor = world.visitor();
    await world.signIn('github', 'mia', visitor);
    expect(world.mia.tokens()).toHaveLength(1);

    const csrfToken = deriveSecret(visitor.cookie('streamspace_session') ?? '', 'csrf');
    const out = await visitor.open('/auth/sign-out', { form: { csrfToken }, headers: json.headers });
    expect(await out.json()).toEqual({ location: '/' });
    await expect.poll(() => world.mia.tokens()).toEqual([]);
  });
});

test('GitHub cannot be told to ask for the password again, and says nothing of sign-ins that end there', async () => {
  await inWorld(async (world) => {
    const fresh = await world.visitor().open('/auth/sign-in?provider=github&fresh=1', json);
    expect(await codeOf(fresh)).toBe('ReauthenticationMissing');
    const told = await world.visitor().open('/auth/backchannel-logout/github', { form: { logout_token: 'x' }, ...json });
    expect(told.status).toBe(404);
  });
});

test('P-01-14 no token, code or secret stands in the database or in an event', async () => {
  await inWorld(async (world) => {
    const visitor = world.visitor();
    const callback = await visitor.untilCallback('mia', '/', 'github');
    await visitor.open(callback);
    await world.confirm();
    const secrets = [...world.mia.tokens(), world.clientSecret, new URL(callback).searchParams.get('code') ?? ''];
    const tables = ['people', 'sign_ins', 'pending_sign_ins', 'waiting_sign_ins'];
    const rows = await Promise.all(
      tables.map((table) => world.db.query<{ row: string }>(`select t::text as row from ${table} t`)),
    );
    const kept =
      rows
        .flat()
        .map(({ row }) => row)
        .join('\n') + JSON.stringify(world.events);
    expect(kept).toContain(`github:${world.mia.id}`);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(15);
      expect(kept.includes(secret) || kept.includes(Buffer.from(secret).toString('hex'))).toBe(false);
    }
    expect(kept).not.toContain(PASSWORD);
  });
});
