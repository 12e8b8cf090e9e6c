// Sharing as people meet it: the dialog, who is here, and what is behind a link.
import { MantineProvider } from '@mantine/core';
import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import { fakeGateway, jsonResponse, problemResponse } from '../../../test/fake-gateway.ts';
import { OPEN_SHARING, personHere, session, share } from '../../../test/objects.ts';
import { openPage, seriousFindings } from '../../../test/render-app.tsx';
import type { PeopleAction } from '../../api/sessions/sharing-queries.ts';
import { PeoplePanel } from '../../components/sharing/people-panel.tsx';
import { colourOf, initials } from '../../model/desktop/sharing.ts';
import { pointerEvent, positionOn } from '../../stream/looking-on.ts';

const SHARES = '/api/v1/namespaces/team-web/sessions/one/shares';
const MINE = session('one', 'Running', { may: { control: true, observe: true } });
const SECRET = 's'.repeat(43);
const PASS = 'p'.repeat(43);

beforeEach(() => {
  window.sessionStorage.clear();
  window.location.hash = '';
});

describe('the shares of a session', () => {
  test('a link is shown once with a button to copy it, and asked for with what was chosen', async () => {
    const gateway = fakeGateway({ sessions: [MINE] });
    gateway.on('POST', SHARES, () => jsonResponse(201, { ...share('a'), link: `https://d.example/share#${SECRET}` }));
    const { user } = openPage('/sessions/team-web/one', gateway);
    expect(await screen.findByRole('radio', { name: 'By link' })).toBeTruthy();
    await user.selectOptions(screen.getByLabelText('Opens'), 'Once');
    await user.selectOptions(screen.getByLabelText('They may'), 'Control it');
    await user.click(screen.getByRole('button', { name: 'Make the link' }));
    expect(await screen.findByText(`https://d.example/share#${SECRET}`)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Copy the link' })).toBeTruthy();
    expect(gateway.asked.map(({ body }) => body)).toEqual([
      { link: true, maxUses: 1, expiresInMinutes: 480, mode: 'Control', moderated: false },
    ]);
    expect(await seriousFindings()).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Done' }));
    expect(screen.queryByText(new RegExp(SECRET))).toBeNull();
  });

  test('people are named one by one; without a name nothing is asked', async () => {
    const gateway = fakeGateway({ sessions: [MINE] });
    gateway.on('POST', SHARES, () => jsonResponse(201, { ...share('a'), link: null }));
    const { user } = openPage('/sessions/team-web/one', gateway);
    await user.click(await screen.findByRole('radio', { name: 'People' }));
    await user.click(screen.getByRole('button', { name: 'Share' }));
    expect(await screen.findByText('Write at least one user name.')).toBeTruthy();
    expect(gateway.asked).toEqual([]);
    await user.type(screen.getByLabelText('Names'), 'ada, ben');
    await user.click(screen.getByRole('button', { name: 'Share' }));
    await waitFor(() => expect(gateway.asked).toHaveLength(1));
    expect(gateway.asked[0]?.body).toMatchObject({
      subjects: [
        { kind: 'User', name: 'ada' },
        { kind: 'User', name: 'ben' },
      ],
    });
    expect(await screen.findByText(/\/share\/team-web\/one$/)).toBeTruthy();
  });

  test('what the policy does not allow is not offered, and a refusal is told in its words', async () => {
    const gateway = fakeGateway({ sessions: [MINE] });
    const policy = { ...OPEN_SHARING, allow: 'People', modes: ['View'], maxTTL: '1h' };
    gateway.on('GET', SHARES, () => jsonResponse(200, { items: [], policy, refusal: null }));
    gateway.on('POST', SHARES, () => problemResponse(429, 'ShareTooLong', { detail: 'the policy allows 1h' }));
    const { user } = openPage('/sessions/team-web/one', gateway);
    await user.type(await screen.findByLabelText('Names'), 'ada');
    expect(screen.queryByRole('radio', { name: 'By link' })).toBeNull();
    expect(within(screen.getByLabelText('They may')).queryByText('Control it')).toBeNull();
    expect(within(screen.getByLabelText('For')).queryByText('8 hours')).toBeNull();
    expect(screen.getByText(/no longer than 1h; only people with an account/)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Share' }));
    expect((await screen.findByText(/the policy allows 1h/)).textContent).toContain('(ShareTooLong)');
  });

  test('without a policy no policy is named', async () => {
    const gateway = fakeGateway({ sessions: [MINE] });
    gateway.on('GET', SHARES, () => jsonResponse(200, { items: [], policy: OPEN_SHARING, refusal: null }));
    openPage('/sessions/team-web/one', gateway);
    expect(await screen.findByText('A link lets in people with an account.')).toBeTruthy();
    expect(screen.queryByText(/The policy of this session/)).toBeNull();
  });

  test('where nothing may be shared it says why; a list that fails can be tried again', async () => {
    const gateway = fakeGateway({ sessions: [MINE] });
    gateway.on('GET', SHARES, () => problemResponse(503, 'DatabaseUnavailable'));
    const { user } = openPage('/sessions/team-web/one', gateway);
    expect(await screen.findByText('The shares could not be loaded')).toBeTruthy();
    const refusal = { code: 'ShareAdminsOnly', message: 'the policy lets admins share only, and member is none' };
    gateway.on('GET', SHARES, () => jsonResponse(200, { items: [], policy: OPEN_SHARING, refusal }));
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText(/lets admins share only/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Make the link' })).toBeNull();
  });

  test('a share is revoked, or taken down to looking on; one that is over says why', async () => {
    const gateway = fakeGateway({ sessions: [MINE] });
    const items = [
      share('a', { mode: 'Control', subjects: [{ kind: 'User', name: 'ada' }], viewers: 2 }),
      share('b', { refusal: { code: 'ShareExpired', message: 'the share ended at noon' } }),
    ];
    gateway.on('GET', SHARES, () => jsonResponse(200, { items, policy: OPEN_SHARING, refusal: null }));
    gateway.on('DELETE', `${SHARES}/a`, () => new Response(null, { status: 204 }));
    const { user } = openPage('/sessions/team-web/one', gateway);
    expect(await screen.findByText(/2 people are in/)).toBeTruthy();
    expect(screen.getByText('the share ended at noon (ShareExpired)')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Let ada look on only' }));
    await waitFor(() => expect(gateway.asked[0]).toMatchObject({ method: 'PATCH', body: { mode: 'View' } }));
    await user.click(await screen.findByRole('button', { name: 'Revoke the share with ada' }));
    await waitFor(() => expect(gateway.asked[1]).toMatchObject({ method: 'DELETE', path: `${SHARES}/a` }));
  });

  test('whoever does not control the session sees no shares of it', async () => {
    openPage('/sessions/team-web/one', { sessions: [session('one', 'Running', { may: { control: false } })] });
    await screen.findByRole('heading', { name: 'one' });
    expect(screen.queryByRole('heading', { name: 'Sharing' })).toBeNull();
  });
});

describe('who is here', () => {
  const me = personHere('me', 'Ada Lovelace', { owns: true, right: 'control' });
  const other = personHere('you', 'Ben', { asking: true, guest: true });
  function panel(presence: Partial<Parameters<typeof PeoplePanel>[0]['presence']> = {}) {
    const acts: PeopleAction[] = [];
    render(
      <MantineProvider env="test">
        <PeoplePanel
          presence={{
            ...{ type: 'presence', you: 'me', people: [me, other], moderatorAwayUntil: null },
            waiting: [{ id: 'w', name: 'Gil' }],
            ...presence,
          }}
          onAct={(action) => acts.push(action)}
          onPanel={() => undefined}
        />
      </MantineProvider>,
    );
    return { acts, user: userEvent.setup() };
  }

  test('its owner gives control, lets in, and puts out', async () => {
    const { acts, user } = panel();
    await user.click(screen.getByRole('button', { name: 'Who is here: 2' }));
    expect(screen.getByText('Ben').parentElement?.textContent).toContain('(guest)');
    await user.click(screen.getByRole('button', { name: 'Let Gil in' }));
    await user.click(screen.getByRole('button', { name: 'Give Ben control' }));
    await user.click(screen.getByRole('button', { name: 'Put Ben out' }));
    expect(acts).toEqual([
      { act: 'admit', id: 'w' },
      { act: 'give', id: 'you' },
      { act: 'kick', id: 'you' },
    ]);
    expect(screen.queryByRole('button', { name: 'Put Ada Lovelace out' })).toBeNull();
    expect(await seriousFindings()).toEqual([]);
  });

  test('whoever looks on asks for control, and decides nothing about others', async () => {
    const { acts, user } = panel({ you: 'you', people: [me, { ...other, asking: false }], waiting: [] });
    await user.click(screen.getByRole('button', { name: 'Who is here: 2' }));
    await user.click(screen.getByRole('button', { name: 'Ask for control' }));
    expect(acts).toEqual([{ act: 'ask', asking: true }]);
    expect(screen.queryByRole('button', { name: /^Give/ })).toBeNull();
  });
});

describe('behind a link', () => {
  const VISIT = { pass: PASS, name: 'Gil', guest: true, right: 'view', moderated: false, expiresAt: '2027-01-01T00:00:00Z' };
  const OF = { session: { namespace: 'team-web', name: 'one' } };

  test('a guest gives his name, knocks and waits; the secret leaves the address', async () => {
    window.location.hash = `#${SECRET}`;
    const gateway = fakeGateway({ me: null });
    gateway.on('POST', '/api/v1/share/visits', () => jsonResponse(201, { ...VISIT, ...OF, state: 'Waiting' }));
    gateway.on('POST', '/api/v1/share/visits/state', () => jsonResponse(200, { ...VISIT, ...OF, state: 'Waiting' }));
    const { user } = openPage('/share', gateway);
    await user.click(await screen.findByRole('button', { name: 'Join' }));
    expect(screen.getByText('Write your name.')).toBeTruthy();
    expect(window.location.hash).toBe('');
    expect(await seriousFindings()).toEqual([]);
    await user.type(screen.getByLabelText('Your name'), 'Gil');
    await user.click(screen.getByRole('button', { name: 'Join' }));
    expect(await screen.findByRole('heading', { name: 'You have knocked' })).toBeTruthy();
    expect(gateway.asked[0]?.body).toEqual({ secret: SECRET, name: 'Gil' });
  });

  test.each(['ShareExpired', 'ShareRevoked', 'ShareUsedUp', 'ShareLinkInvalid', 'ShareGuestsNotAllowed'])(
    'G-48 %s is told with what to do',
    async (code) => {
      window.location.hash = `#${SECRET}`;
      const gateway = fakeGateway({ me: null });
      gateway.on('POST', '/api/v1/share/visits', () => problemResponse(403, code));
      const { user } = openPage('/share', gateway);
      await user.type(await screen.findByLabelText('Your name'), 'Gil');
      await user.click(screen.getByRole('button', { name: 'Join' }));
      expect(await screen.findByText(`The remedy of ${code}.`)).toBeTruthy();
      expect(screen.getByText(code)).toBeTruthy();
      await user.click(screen.getByRole('button', { name: 'Try again' }));
      expect(await screen.findByLabelText('Your name')).toBeTruthy();
    },
  );

  test('whoever is signed in joins under his own name', async () => {
    window.location.hash = `#${SECRET}`;
    openPage('/share');
    expect(await screen.findByRole('button', { name: /^Join as / })).toBeTruthy();
    expect(screen.queryByLabelText('Your name')).toBeNull();
  });

  test('a link without its secret says so', async () => {
    openPage('/share', { me: null });
    expect(await screen.findByRole('heading', { name: 'This link is not whole' })).toBeTruthy();
  });
});

test('a person has the same colour everywhere, and letters that can be read', () => {
  expect(colourOf('abc')).toBe(colourOf('abc'));
  expect([initials('Ada Lovelace'), initials('ben'), initials(''), initials('  Żaneta  de  Vries ')]).toEqual([
    ...['AL', 'B', '?', 'ŻV'],
  ]);
});

test('where one points is told in pixels of the desktop, however large it is shown', () => {
  const canvas = { width: 1000, height: 500, getBoundingClientRect: () => new DOMRect(100, 50, 500, 250) };
  expect(positionOn(canvas, { clientX: 350, clientY: 175 })).toEqual({ x: 500, y: 250 });
  expect(positionOn(canvas, { clientX: 99, clientY: 175 })).toBeNull();
  expect(positionOn(canvas, { clientX: 600, clientY: 175 })).toBeNull();
  expect([...pointerEvent({ x: 258, y: 3 })]).toEqual([5, 0, 1, 2, 0, 3]);
});
