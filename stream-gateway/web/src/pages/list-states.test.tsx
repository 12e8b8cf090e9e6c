// P-00-2: the states that every list owes its reader: loading, failed, empty, and not his to see; each says why and what to do
// next, worded for who reads it.
import { cleanup, screen, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { type FakeGateway, fakeGateway, jsonResponse, problemResponse } from '../../test/fake-gateway.ts';
import { gitSync, person } from '../../test/objects.ts';
import { openPage, seriousFindings } from '../../test/render-app.tsx';

const ADMIN = person({
  name: 'admin',
  platformRole: 'platformAdmin',
  may: { gitSyncs: true, allSessions: true, audit: true, people: true, health: true },
});
const MEMBER = person();
/** Reads, and starts nothing. */
const VIEWER = person({ teams: [{ name: 'web', displayName: 'Web', namespace: 'team-web', role: 'viewer' }] });
const SNAPSHOT = 'event: snapshot\ndata: {"metadata":{},"items":[]}\n\n';
const none = () => jsonResponse(200, { metadata: {}, items: [] });
const SYNC = '/api/v1/namespaces/streamspace/gitsyncs/platform';

interface ListOf {
  readonly name: string;
  readonly path: string;
  readonly asked: string;
  readonly none: () => Response;
  readonly failed: string;
  /** Heading, and for whom which words follow. */
  readonly empty: string | RegExp;
  readonly emptyFor: readonly (readonly [typeof MEMBER, RegExp])[];
  /** Left out: it holds what one may see, whatever that is. */
  readonly forbidden?: RegExp;
}

const LISTS: readonly ListOf[] = [
  {
    ...{ name: 'catalog', path: '/catalog', asked: '/api/v1/templates', none: () => new Response(SNAPSHOT) },
    ...{ failed: 'The catalog could not be loaded', empty: 'The catalog is empty' },
    emptyFor: [
      [ADMIN, /Git/],
      [MEMBER, /As soon as your/],
    ],
  },
  {
    ...{ name: 'sessions', path: '/sessions', asked: '/api/v1/sessions', none: () => new Response(SNAPSHOT) },
    ...{ failed: 'The sessions could not be loaded', empty: 'No sessions' },
    emptyFor: [
      [MEMBER, /Launch a desktop from the catalog/],
      [VIEWER, /Sessions of your teams are listed/],
    ],
  },
  {
    ...{ name: 'Git sources', path: '/sources', asked: '/api/v1/gitsyncs', none: () => new Response(SNAPSHOT) },
    ...{ failed: 'The Git sources could not be loaded', empty: 'No Git source yet' },
    emptyFor: [[ADMIN, /Create a GitSync in the cluster/]],
    forbidden: /You have no right to read them.*A platform admin can grant it/,
  },
  {
    ...{ name: 'recordings', path: '/recordings', asked: '/api/v1/recordings?limit=50', none },
    ...{ failed: 'The recordings could not be loaded', empty: 'No recordings' },
    emptyFor: [[MEMBER, /What a RecordingPolicy asks for/]],
    forbidden: /Recordings are for their owners/,
  },
  {
    ...{ name: 'activity', path: '/audit', asked: '/api/v1/audit?limit=50', none },
    ...{ failed: 'The activity could not be loaded', empty: 'Nothing has happened yet' },
    emptyFor: [[ADMIN, /Sign-ins, sessions, streams/]],
    forbidden: /for platform admins and auditors.*A platform admin can grant it/,
  },
  {
    ...{ name: 'teams', path: '/teams', asked: '/api/v1/teams', none },
    ...{ failed: 'The teams could not be loaded', empty: /^(You are in no team|There is no team yet)$/ },
    emptyFor: [
      [ADMIN, /Put a Team into the repository/],
      [MEMBER, /Ask an admin of your team/],
    ],
    forbidden: /Teams are for their members.*A platform admin can grant it/,
  },
  {
    ...{ name: 'quotas', path: '/quotas', asked: '/api/v1/quotas', none },
    ...{ failed: 'The quotas could not be loaded', empty: 'No quota yet' },
    emptyFor: [
      [ADMIN, /Put a Quota into the repository/],
      [MEMBER, /Without a quota nothing is limited/],
    ],
    forbidden: /Quotas are for the members of a team.*A platform admin can grant it/,
  },
  {
    ...{ name: 'rights', path: '/access', asked: '/api/v1/access/grants' },
    none: () => jsonResponse(200, { user: 'admin', groups: [], paths: [] }),
    ...{ failed: 'The rights could not be loaded', empty: 'Nothing was given to you' },
    emptyFor: [[MEMBER, /You are in no team, and no binding names you/]],
    forbidden: /You may look at your own rights.*A platform admin can grant it/,
  },
  {
    ...{ name: 'objects of a source', path: '/sources/streamspace/platform?tab=objects', asked: `${SYNC}/tree` },
    none: () => jsonResponse(200, { metadata: {}, revision: 'a'.repeat(40), childrenLeftOut: false, items: [] }),
    ...{ failed: 'The objects could not be loaded', empty: 'No objects yet' },
    emptyFor: [[ADMIN, /sync/i]],
    forbidden: /You have no right to read the objects.*A platform admin can grant it/,
  },
  {
    ...{ name: 'history of a source', path: '/sources/streamspace/platform?tab=history', asked: `${SYNC}/history`, none },
    ...{ failed: 'The history could not be loaded', empty: 'No sync yet' },
    emptyFor: [[ADMIN, /sync/i]],
    forbidden: /You have no right to read the history.*A platform admin can grant it/,
  },
  {
    ...{ name: 'API keys', path: '/me', asked: '/api/v1/me/api-keys', none },
    ...{ failed: 'Your API keys could not be loaded', empty: 'You have no API key.' },
    emptyFor: [[MEMBER, /Make one for a script/]],
  },
  {
    ...{ name: 'people', path: '/people', asked: '/api/v1/people?limit=50', none },
    ...{ failed: 'The people could not be loaded', empty: 'Nobody yet' },
    emptyFor: [[ADMIN, /signs in for the first time/]],
    forbidden: /for platform admins and auditors.*A platform admin can grant it/,
  },
];

function gatewayOf(me: typeof MEMBER = ADMIN): FakeGateway {
  const sync = gitSync('platform', { revision: 'a'.repeat(40), attempted: 'a'.repeat(40) });
  return fakeGateway({ me, gitsyncs: [sync] });
}

describe.each(LISTS)('$name', ({ path, asked, none, failed, empty, emptyFor, forbidden }) => {
  test('P-00-2 says that it loads', async () => {
    const gateway = gatewayOf();
    gateway.on('GET', asked, () => new Promise<Response>(() => undefined));
    openPage(path, gateway);
    expect(await screen.findByRole('status', { name: 'Loading' })).toBeTruthy();
  });

  test('P-00-2 shows a failure with code, remedy and request id, and loads at a retry', async () => {
    const gateway = gatewayOf();
    let answer = (): Response => problemResponse(503, 'ClusterUnreachable');
    gateway.on('GET', asked, () => answer());
    const { user } = openPage(path, gateway);
    const alert = await screen.findByRole('alert');
    for (const words of [failed, 'The remedy of ClusterUnreachable.', 'ClusterUnreachable', 'req-1'])
      expect(alert.textContent).toContain(words);
    answer = none;
    await user.click(within(alert).getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('heading', { name: empty })).toBeTruthy();
  });

  test('P-00-2 explains that it is empty, to each as he can act on it', async () => {
    for (const [me, words] of emptyFor) {
      const gateway = gatewayOf(me);
      gateway.on('GET', asked, none);
      openPage(path, gateway);
      const heading = await screen.findByRole('heading', { name: empty });
      expect(heading.parentElement?.textContent?.replace(empty, '')).toMatch(words);
      expect(await seriousFindings()).toEqual([]);
      cleanup();
    }
  });

  test('P-00-2 says whose it is, and who grants the right, where there are such', async () => {
    const gateway = gatewayOf(['/sources', '/people'].includes(path) ? MEMBER : ADMIN);
    gateway.on('GET', asked, () => problemResponse(403, 'Forbidden'));
    openPage(path, gateway);
    const alert = await screen.findByRole('alert');
    if (forbidden === undefined) expect(alert.textContent).toContain('The remedy of Forbidden.');
    else expect(alert.textContent).toMatch(forbidden);
    expect(alert.textContent).not.toContain('undefined');
  });
});
