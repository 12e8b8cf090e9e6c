// Several displays as people meet them: the panel of the main window, and the page of a further one.
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DisplayPlace } from '../../../../../schemas/api/displays.ts';
import type { DisplaysNotice } from '../../../../../schemas/api/displays-notices.ts';
import { type FakeGateway, fakeGateway, jsonResponse } from '../../../test/fake-gateway.ts';
import { openPage, seriousFindings } from '../../../test/render-app.tsx';
import { createApi } from '../../api/client.ts';
import { GatewayProvider } from '../../api/context.tsx';
import { LiveLists } from '../../api/live/live-lists.ts';
import { DisplaysPanel } from '../../components/displays/displays-panel.tsx';
import { type Displays, useDisplays } from '../../components/displays/use-displays.ts';
import type { EffectivePolicyView } from '../../model/sessions/session-rules.ts';
import type { Attachment } from '../../stream/displays/protocol.ts';
import type { Viewer } from '../../stream/viewer.ts';

const SESSION = { namespace: 'team-web', name: 'one' };
const MAIN = { width: 1024, height: 768 };
const OTHER = { width: 640, height: 480 };
const LAYOUT = /^\/api\/v1\/me\/display-layouts\/[0-9a-f]{64}$/;

let displays: Displays;
let openedWindows: { readonly url: string; readonly features: string }[];
let opens: boolean;

function Panel(props: { readonly mayControl: boolean; readonly policy: EffectivePolicyView | undefined }) {
  displays = useDisplays(SESSION, { resizes: true });
  return <DisplaysPanel displays={displays} {...props} onPanel={() => undefined} />;
}

function panel(
  options: {
    readonly mayControl?: boolean;
    readonly able?: boolean;
    readonly kept?: readonly DisplayPlace[];
    readonly max?: number;
  } = {},
) {
  const { mayControl = true, able = true, kept = null, max } = options;
  const gateway: FakeGateway = fakeGateway();
  const fetch: FakeGateway['fetch'] = async (path, init) =>
    LAYOUT.test(path) && init?.method === 'GET'
      ? jsonResponse(200, { monitors: 'x', displays: kept, savedAt: null })
      : await gateway.fetch(path, init);
  const queries = new QueryClient();
  const api = createApi(fetch);
  const live = new LiveLists({ api, queries, now: Date.now, random: Math.random, onSignedOut: () => undefined });
  const policy = max === undefined ? undefined : ({ displays: { max } } as Partial<EffectivePolicyView> as EffectivePolicyView);
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>
        <GatewayProvider value={{ api, live }}>
          <Panel mayControl={mayControl} policy={policy} />
        </GatewayProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
  const canvas = document.createElement('canvas');
  const viewer = { canvas: () => canvas, send: () => undefined } as Partial<Viewer> as Viewer;
  act(() => {
    displays.host.setLink({ viewer, clipboard: null, mayControl, policy });
    if (able) tell([[7, 0, MAIN]], { by: 'desktop' });
  });
  return { gateway, user: userEvent.setup() };
}

function tell(
  screens: readonly (readonly [id: number, x: number, size: typeof MAIN])[],
  more: Partial<DisplaysNotice> = {},
): void {
  const list = screens.map(([id, x, size]) => ({ id, x, y: 0, ...size }));
  displays.host.tell({ type: 'displays', width: 1, height: 1, screens: list, by: 'you', status: 'done', ...more });
}

/** As the page of a further window does it, and as the desktop answers. */
async function arrive(slot: number): Promise<Attachment> {
  const window = { closed: false, close: () => undefined, focus: () => undefined };
  const attached: Attachment[] = [];
  await act(async () => {
    attached.push(displays.host.attach(slot, { window, size: OTHER, onChange: () => undefined, onPainted: () => undefined }));
    await new Promise((resolve) => setTimeout(resolve, 5));
  });
  const [attachment] = attached;
  if (attachment === undefined) throw new Error('not attached');
  return attachment;
}

const openIt = async (user: ReturnType<typeof userEvent.setup>) =>
  await user.click(screen.getByRole('button', { name: 'Displays' }));

beforeEach(() => {
  [openedWindows, opens] = [[], true];
  vi.stubGlobal('open', (url: string, _name: string, features: string) => {
    openedWindows.push({ url, features });
    return opens ? { closed: false, close: () => undefined, focus: () => undefined } : null;
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  Reflect.deleteProperty(window, 'getScreenDetails');
  delete window.streamspaceDisplays;
});

describe('the panel', () => {
  test('opens a window as a display, shows where it is, and moves it with the arrow keys', async () => {
    const { user } = panel({ max: 4 });
    await openIt(user);
    await user.click(screen.getByRole('button', { name: 'Add on the right' }));
    expect(openedWindows[0]?.url).toBe('/s/team-web/one/displays/1');
    expect(screen.getByText('A window is opening')).toBeTruthy();
    await arrive(1);
    act(() =>
      tell([
        [7, 0, MAIN],
        [1, 1024, OTHER],
      ]),
    );
    expect(screen.getByText('2 of 4 displays that the policy allows.')).toBeTruthy();
    const tile = screen.getByRole('button', { name: /^Display 2, 640 × 480/ });
    expect(await seriousFindings()).toEqual([]);
    tile.focus();
    await user.keyboard('{ArrowLeft}');
    expect(displays.status.arrangement.map(({ slot, column }) => [slot, column])).toEqual([
      [0, 1],
      [1, 0],
    ]);
    await user.click(screen.getByRole('button', { name: 'Close display 2' }));
    expect(displays.status.arrangement).toHaveLength(1);
  });

  test('P-09-1 one too many is refused with the limit of the policy, and the rest stays', async () => {
    const { user } = panel({ max: 2 });
    await openIt(user);
    await user.click(screen.getByRole('button', { name: 'Add on the right' }));
    await arrive(1);
    act(() =>
      tell([
        [7, 0, MAIN],
        [1, 1024, OTHER],
      ]),
    );
    await user.click(screen.getByRole('button', { name: 'Add on the left' }));
    const third = await arrive(2);
    act(() =>
      tell(
        [
          [7, 0, MAIN],
          [1, 1024, OTHER],
        ],
        { status: 'prohibited' },
      ),
    );
    expect(screen.getByRole('alert').textContent).toMatch(/the policy allows 2 displays\. The others stay/);
    expect([third.state().kind, displays.status.arrangement.length]).toEqual(['without', 2]);
  });

  test('a window that the browser blocks is told, with what to do', async () => {
    opens = false;
    const { user } = panel();
    await openIt(user);
    await user.click(screen.getByRole('button', { name: 'Add above' }));
    expect(screen.getByRole('alert').textContent).toContain('Allow pop-ups for this site');
  });

  test('whoever looks on reads why there is nothing to do', async () => {
    const { user } = panel({ mayControl: false });
    await openIt(user);
    expect(screen.getByText(/Only who controls it arranges its displays/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Add on the right' })).toBeNull();
  });

  test('a desktop that knows one screen only says so', async () => {
    const { user } = panel({ able: false });
    await openIt(user);
    expect(screen.getByText(/has not said that it can have several screens/)).toBeTruthy();
  });

  test('what was kept for these monitors is offered, and opened as it was', async () => {
    const kept = [
      { column: 1, row: 0, monitor: null },
      { column: 0, row: 0, monitor: null },
    ];
    const { user } = panel({ kept });
    await openIt(user);
    expect(await screen.findByText('Here you had 2 displays last time.')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Use them again' }));
    await arrive(1);
    expect(displays.status.arrangement.map(({ slot, column }) => [slot, column])).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  test('an arrangement is kept once the desktop has it', async () => {
    const { gateway, user } = panel();
    await openIt(user);
    await user.click(screen.getByRole('button', { name: 'Add on the right' }));
    await arrive(1);
    act(() =>
      tell([
        [7, 0, MAIN],
        [1, 1024, OTHER],
      ]),
    );
    await waitFor(() => expect(gateway.asked).toHaveLength(1), { timeout: 3_000 });
    expect(gateway.asked[0]?.path).toMatch(LAYOUT);
    expect(gateway.asked[0]?.body).toEqual({
      displays: [
        { column: 0, row: 0, monitor: null },
        { column: 1, row: 0, monitor: null },
      ],
    });
  });
});

describe('the monitors of the device', () => {
  const monitor = (left: number, label: string) => ({
    ...{ left, top: 0, width: 1920, height: 1080, devicePixelRatio: 1, label },
    ...{ availLeft: left, availTop: 30, availWidth: 1920, availHeight: 1050 },
  });
  function monitors(answer: () => Promise<EventTarget>): void {
    Object.defineProperty(window, 'getScreenDetails', { value: answer, configurable: true });
  }
  const list = [monitor(0, ''), monitor(1920, 'DELL'), monitor(-1920, 'BenQ')];

  test('are found after a click, and a display is opened on one of them, beside the others as they stand', async () => {
    monitors(async () => Object.assign(new EventTarget(), { screens: list, currentScreen: list[0] }));
    const { user } = panel();
    await openIt(user);
    await user.click(screen.getByRole('button', { name: 'Find my monitors' }));
    await user.click(await screen.findByRole('button', { name: 'Use all 3 monitors' }));
    expect(openedWindows.map(({ features }) => features)).toEqual([
      'popup,left=-1920,top=30,width=1920,height=1050',
      'popup,left=1920,top=30,width=1920,height=1050',
    ]);
    await arrive(2);
    await arrive(1);
    expect(displays.status.arrangement.map(({ slot, column, monitor: on }) => [slot, column, on])).toEqual([
      [0, 1, 1],
      [2, 2, 2],
      [1, 0, 0],
    ]);
    expect(screen.queryByRole('button', { name: /^Open on monitor/ })).toBeNull();
  });

  test('that the person keeps to himself are not asked for again; displays are added by hand', async () => {
    monitors(() => Promise.reject(new DOMException('denied', 'NotAllowedError')));
    const { user } = panel();
    await openIt(user);
    await user.click(screen.getByRole('button', { name: 'Find my monitors' }));
    expect(await screen.findByText(/may not know your monitors/)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Add below' })).toBeTruthy();
  });
});

describe('the page of a further display', () => {
  test('opened without its desktop says where to open it', async () => {
    openPage('/s/team-web/one/displays/1');
    expect(await screen.findByText('This display belongs to a desktop', undefined, { timeout: 8_000 })).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Go to the desktop' }).getAttribute('href')).toBe('/s/team-web/one');
    expect(await seriousFindings()).toEqual([]);
  }, 15_000);

  test('says that its desktop is gone, and closes by itself', async () => {
    const state = { kind: 'waiting' as 'waiting' | 'over' };
    const told: (() => void)[] = [];
    const attachment = {
      ...{ state: () => state, link: () => ({ viewer: null, clipboard: null, mayControl: true, policy: undefined }) },
      ...{ canvas: () => null, cursor: () => '', detach: () => undefined, resize: () => undefined },
    } as Partial<Attachment> as Attachment;
    const door = {
      session: SESSION,
      attach: (_slot: number, { onChange }: { readonly onChange: () => void }) => {
        told.push(onChange);
        return attachment;
      },
    };
    vi.stubGlobal('opener', { closed: false, streamspaceDisplays: door, focus: () => undefined });
    openPage('/s/team-web/one/displays/1');
    expect(await screen.findByText('The display is being added')).toBeTruthy();
    state.kind = 'over';
    act(() => told[0]?.());
    expect(await screen.findByText('The main window is closed')).toBeTruthy();
    expect(screen.getByText(/This window closes in \d+ s/)).toBeTruthy();
  });
});
