// A desktop on a phone: fingers and a keyboard on glass, against a real session. What the page sends is read off its WebSocket.
import { randomUUID } from 'node:crypto';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { runningSession } from '../support/api.ts';
import { canvasFingerprint, keepPicture, openBrowser, signedIn } from '../support/browser.ts';
import { inDesktop } from '../support/desktop.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
});

interface Pointer {
  readonly mask: number;
  readonly x: number;
  readonly y: number;
}

/** The PointerEvents (RFC 6143, 7.5.5) of every stream that the page opens from now on. */
function pointersOf(page: Page): Pointer[] {
  const pointers: Pointer[] = [];
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      if (typeof payload === 'string' || payload.length !== 6 || payload[0] !== 5) return;
      pointers.push({ mask: payload.readUInt8(1), x: payload.readUInt16BE(2), y: payload.readUInt16BE(4) });
    }),
  );
  return pointers;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

async function canvasOf(page: Page): Promise<Box> {
  const box = await page.locator('.ss-screen canvas').boundingBox();
  if (box === null) throw new Error('there is no canvas');
  return box;
}

type Place = readonly [x: number, y: number];

/** Fingers that come down, move in ten steps and go up again. */
async function fingers(cdp: CDPSession, from: readonly Place[], to: readonly Place[] = from): Promise<void> {
  const points = (part: number) =>
    from.map(([x, y], id) => ({ x: x + ((to[id]?.[0] ?? x) - x) * part, y: y + ((to[id]?.[1] ?? y) - y) * part, id }));
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: ReturnType<typeof points>) =>
    cdp.send('Input.dispatchTouchEvent', { type, touchPoints });
  for (let count = 1; count <= from.length; count += 1) await send('touchStart', points(0).slice(0, count));
  if (to !== from) for (let step = 1; step <= 10; step += 1) await send('touchMove', points(step / 10));
  await send('touchEnd', []);
}

/** The bar hides by itself; a finger finds it at its handle. */
async function inBar(page: Page, name: string): Promise<void> {
  const button = page.getByRole('button', { name, exact: true });
  if (!(await button.isVisible()) || (await page.locator('.ss-bar').getAttribute('data-shown')) === 'false')
    await page.locator('.ss-bar-handle').tap();
  await button.tap();
}

test('a phone taps where it should, zooms, is a touchpad, and types every script', async () => {
  const name = `phone-${randomUUID().slice(0, 6)}`;
  await using _session = await runningSession(servers, name, 'member');
  const { context, page } = await signedIn(browser, servers, 'member', PHONE);
  const pointers = pointersOf(page);
  await page.goto(`${servers.url}/s/team-web/${name}`);
  await page.locator('.ss-screen canvas').waitFor({ timeout: 60_000 });
  await eventually('the desktop shows a picture', async () => (await canvasFingerprint(page)).colours > 4);
  const cdp = await context.newCDPSession(page);
  await keepPicture(page, 'desktop-phone');
  await page.getByRole('button', { name: /^Connection: / }).waitFor({ timeout: 20_000 });

  const whole = await canvasOf(page);
  const scale = Number(await page.locator('.ss-screen canvas').getAttribute('width')) / whole.width;
  const at: Place = [whole.x + whole.width / 4, whole.y + (whole.height * 3) / 4];
  await fingers(cdp, [at]);
  await eventually('the tap is a click', async () => pointers.at(-1)?.mask === 0 && pointers.at(-2)?.mask === 1);
  const [tap] = pointers.slice(-1);
  expect(Math.abs((tap?.x ?? 0) - (whole.width / 4) * scale)).toBeLessThan(scale + 1);
  expect(Math.abs((tap?.y ?? 0) - ((whole.height * 3) / 4) * scale)).toBeLessThan(scale + 1);
  await fingers(cdp, [at, [at[0] + 40, at[1]]]);
  await eventually('a tap of two fingers is the right button', async () => pointers.at(-2)?.mask === 4);

  const [x, y] = [whole.x + whole.width / 2, whole.y + whole.height / 2];
  await fingers(
    cdp,
    [
      [x - 40, y],
      [x + 40, y],
    ],
    [
      [x - 120, y],
      [x + 120, y],
    ],
  );
  expect((await canvasOf(page)).width / whole.width).toBeCloseTo(3, 1);
  await keepPicture(page, 'desktop-phone-zoomed');
  await fingers(
    cdp,
    [
      [x - 150, y],
      [x + 150, y],
    ],
    [
      [x - 20, y],
      [x + 20, y],
    ],
  );
  expect(await canvasOf(page)).toEqual(whole);

  await inBar(page, 'Use the screen as a touchpad');
  const before = pointers.at(-1);
  await fingers(cdp, [[300, 780]], [[260, 780]]);
  await eventually('the pointer went left, and not to the finger', async () => (pointers.at(-1)?.x ?? 0) < (before?.x ?? 0));
  expect(pointers.at(-1)).toMatchObject({ mask: 0, y: before?.y });
  // Whoever touches the desktop is done with the bar.
  await page.locator('.ss-bar[data-shown="false"]').waitFor({ state: 'attached', timeout: 15_000 });

  await inBar(page, 'Point with the finger itself');
  await inBar(page, 'On-screen keyboard');
  await page.getByRole('toolbar', { name: 'Keys that the keyboard lacks' }).waitFor();
  const { height } = (await page.getByRole('button', { name: 'Esc', exact: true }).boundingBox()) ?? { height: 0 };
  expect(height).toBeGreaterThanOrEqual(44);
  await keepPicture(page, 'desktop-phone-keyboard');
  await fingers(cdp, [at]);
  await page.keyboard.press('Enter');
  await cdp.send('Input.insertText', { text: 'cat > /tmp/typed\n' });
  await cdp.send('Input.insertText', { text: 'Grüße, 5 €; ' });
  await cdp.send('Input.imeSetComposition', { text: 'nihao', selectionStart: 5, selectionEnd: 5 });
  await cdp.send('Input.insertText', { text: '你好' });
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Ctrl', exact: true }).tap();
  await cdp.send('Input.insertText', { text: 'd' });
  await eventually(
    'the text is in the desktop',
    async () => (await inDesktop(servers, name, 'cat /tmp/typed 2>&1')) === 'Grüße, 5 €; 你好\n',
  );
  await cdp.send('Input.insertText', { text: 'touch /tmp/after\n' });
  await eventually('Ctrl was for one letter', async () =>
    (await inDesktop(servers, name, 'ls /tmp')).split('\n').includes('after'),
  );
  await context.close();
}, 180_000);
