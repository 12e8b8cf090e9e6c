// A desktop over two windows, in a real browser: each window is a screen of the real desktop.
import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openDesktop, runningSession } from '../support/api.ts';
import { canvasFingerprint, keepPicture, openBrowser, signedIn } from '../support/browser.ts';
import { inDesktop } from '../support/desktop.ts';
import { kubectl } from '../support/kubectl.ts';
import type { RfbClient, Screen } from '../support/rfb-client.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
});

const ID = randomUUID().slice(0, 6);
/** Of the font of xterm, and its border. */
const CELL = { width: 6, height: 13, border: 3 } as const;

interface Desk {
  readonly name: string;
  readonly context: BrowserContext;
  readonly page: Page;
}

async function atDesktop(name: string, options: Parameters<typeof signedIn>[3] = {}): Promise<Desk> {
  const { context, page } = await signedIn(browser, servers, 'member', options);
  await page.goto(`${servers.url}/s/team-web/${name}`);
  await page.locator('canvas').waitFor({ timeout: 60_000 });
  await eventually('the desktop shows a picture', async () => (await canvasFingerprint(page)).colours > 4);
  return { name, context, page };
}

async function openPanel(page: Page): Promise<void> {
  await page.bringToFront();
  await page.mouse.move(640, 400);
  await page.mouse.move(640, 2);
  const button = page.getByRole('button', { name: 'Displays', exact: true });
  if ((await button.getAttribute('aria-expanded')) !== 'true') await button.click();
}

async function addOnTheRight({ page }: Desk): Promise<Page> {
  await openPanel(page);
  const [second] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('button', { name: 'Add on the right' }).click(),
  ]);
  return second;
}

/** Somebody who looks on, with a connection of his own: what the desktop itself says. */
const looker = (name: string): Promise<RfbClient> => openDesktop(servers, 'member', name, 'view');

async function untilScreens(viewer: RfbClient, count: number): Promise<readonly Screen[]> {
  await viewer.until(() => viewer.screens.length === count, { what: `${count} screens`, timeoutMs: 20_000 });
  return viewer.screens.toSorted((a, b) => a.x - b.x);
}

/** Runs in a further window: how many of its pixels are not those of its part of the main window's canvas. */
const DIFFERENT = (x: number): string => `(() => {
  const mine = document.querySelector('canvas');
  const all = window.opener.document.querySelector('canvas');
  const read = (canvas, left) => new Uint32Array(canvas.getContext('2d').getImageData(left, 0, mine.width, mine.height).data.buffer);
  const [a, b] = [read(mine, 0), read(all, ${x})];
  return a.reduce((count, value, index) => count + (value === b[index] ? 0 : 1), 0);
})()`;

/** A dark field in the middle of a screen, which no window manager puts elsewhere. It notes the first click into it. */
async function darkTerminal(name: string, at: { readonly x: number; readonly y: number }): Promise<void> {
  const report = "printf '\\033[?1000h'; stty raw -echo; dd bs=1 count=6 of=/tmp/click 2>/dev/null; sleep 600";
  const geometry = `30x10+${at.x}+${at.y}`;
  await inDesktop(
    servers,
    name,
    `rm -f /tmp/click; (DISPLAY=:1 setsid xterm -xrm 'XTerm*overrideRedirect: true' -fn fixed -bg '#203040' -geometry ${geometry} -e sh -c "${report}" >/dev/null 2>&1 &)`,
  );
}

/** Of the colour at a place of a window's canvas. */
const colourAt = (page: Page, x: number, y: number): Promise<readonly number[]> =>
  page.evaluate(`[...document.querySelector('canvas').getContext('2d').getImageData(${x}, ${y}, 1, 1).data].slice(0, 3)`);
const isDark = (colour: readonly number[]): boolean =>
  [0x20, 0x30, 0x40].every((value, index) => Math.abs((colour[index] ?? 0) - value) < 12);

test('G-70 two windows are two screens; each shows and takes its own, and one that is closed takes its screen along', async () => {
  const name = `displays-${ID}`;
  await using _session = await runningSession(servers, name, 'member');
  const desk = await atDesktop(name);
  const { page } = desk;
  await using viewer = await looker(name);
  const [first] = await untilScreens(viewer, 1);
  const second = await addOnTheRight(desk);
  const [left, right] = await untilScreens(viewer, 2);
  if (left === undefined || right === undefined || first === undefined) throw new Error('no screens');
  expect(left.id).toBe(first.id);
  expect(right).toMatchObject({ x: left.width, y: 0 });
  const size = await second.evaluate<readonly number[]>('[innerWidth * devicePixelRatio, innerHeight * devicePixelRatio]');
  expect([right.width, right.height]).toEqual(size);

  // Its own part, as the main window has it, and as somebody else sees it.
  const place = { x: right.x + 200, y: 150 };
  await darkTerminal(name, place);
  const inside = { x: place.x + 60, y: place.y + 60 };
  await eventually('the second window shows what is on its screen', async () =>
    isDark(await colourAt(second, inside.x - right.x, inside.y)),
  );
  await eventually('every pixel is that of the main window', async () => (await second.evaluate(DIFFERENT(right.x))) === 0);
  const pixel = 4 * (inside.y * viewer.width + inside.x);
  await viewer.until(() => isDark([2, 1, 0].map((offset) => viewer.pixels[pixel + offset] ?? 0)), { what: 'the dark field' });
  await openPanel(page);
  await keepPicture(page, 'displays-panel');
  await page.keyboard.press('Escape');
  await keepPicture(second, 'display-second');

  // A click lands where it was made, on the desktop and not only in the gateway.
  await second.bringToFront();
  await second.locator('canvas').click({ position: { x: inside.x - right.x, y: inside.y } });
  await eventually('the terminal was clicked', async () => (await inDesktop(servers, name, 'wc -c < /tmp/click')).trim() === '6');
  const bytes = (await inDesktop(servers, name, 'od -An -tu1 /tmp/click')).trim().split(/\s+/).map(Number);
  const cell = [(bytes[4] ?? 0) - 33, (bytes[5] ?? 0) - 33];
  expect(cell).toEqual([
    Math.floor((inside.x - place.x - CELL.border) / CELL.width),
    Math.floor((inside.y - place.y - CELL.border) / CELL.height),
  ]);

  // Keys go to the window that has the focus in the desktop, from whichever window here they come.
  await second.keyboard.type('touch /tmp/from-second\n', { delay: 10 });
  await eventually('what was typed in the second window arrives', async () =>
    (await inDesktop(servers, name, 'ls /tmp')).includes('from-second'),
  );

  // Loaded anew it comes back to the same screen.
  await second.reload();
  await eventually('it is back', async () => isDark(await colourAt(second, inside.x - right.x, inside.y)));
  expect((await untilScreens(viewer, 2)).map(({ id }) => id)).toEqual([left.id, right.id]);

  // So it does when the main window is loaded anew.
  await page.reload();
  await untilScreens(viewer, 2);
  await eventually('it shows its screen again', async () => (await second.locator('canvas').count()) === 1);

  // Another size of the window is another size of the screen.
  await second.setViewportSize({ width: 700, height: 500 });
  await viewer.until(() => viewer.screens.some(({ width, height }) => width === 700 && height === 500), {
    what: 'the new size',
  });

  await second.close();
  await untilScreens(viewer, 1);
  const before = await canvasFingerprint(page);
  await page.locator('canvas').click({ position: { x: 200, y: 200 } });
  await page.keyboard.type('echo the stream goes on\n', { delay: 10 });
  await eventually('the picture goes on', async () => (await canvasFingerprint(page)).hash !== before.hash);
  await desk.context.close();
}, 180_000);

test('P-09-1 a policy allows two displays: the third is refused with a message, the other two stay', async () => {
  const name = `limit-${ID}`;
  const policy = {
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'SessionPolicy',
    metadata: { name, namespace: 'team-web' },
    spec: { targets: { cel: `session.metadata.name == "${name}"` }, displays: { max: 2 } },
  };
  await kubectl(servers, ['apply', '-f', '-'], JSON.stringify(policy));
  await using _session = await runningSession(servers, name, 'member');
  const desk = await atDesktop(name, { deviceScaleFactor: 2 });
  const { page } = desk;
  await using viewer = await looker(name);
  const second = await addOnTheRight(desk);
  const before = await untilScreens(viewer, 2);
  // In device pixels: two to each CSS pixel here.
  expect(before[0]).toMatchObject({ width: 2560, height: 1600 });
  expect(before[1]?.width).toBe(2 * (await second.evaluate<number>('innerWidth')));
  await second.locator('canvas').waitFor();
  await page.getByText('2 of 2 displays that the policy allows.').waitFor({ state: 'attached' });
  const third = await addOnTheRight(desk);
  await third.getByText('This display was refused').waitFor();
  await page.getByText('the policy allows 2 displays').waitFor({ state: 'attached' });
  await openPanel(page);
  await keepPicture(page, 'displays-refused');
  await third.close();
  expect(await untilScreens(viewer, 2)).toEqual(before);
  expect(await second.locator('canvas').count()).toBe(1);

  // Whoever closes the main window is told so in the others.
  await page.close();
  await second.getByText('The main window is closed').waitFor();
  await keepPicture(second, 'display-over');
  await second.waitForEvent('close', { timeout: 20_000 });
  await desk.context.close();
  await kubectl(servers, ['delete', 'sessionpolicy', name, '-n', 'team-web']);
}, 180_000);
