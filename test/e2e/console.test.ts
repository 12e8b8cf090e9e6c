// The console in Chromium, over the real page and a real container.
import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { runningSession } from '../support/api.ts';
import { keepPicture, openBrowser, refusedByPolicy, signedIn, withAxe } from '../support/browser.ts';
import { sharingEvents as eventsOf } from '../support/session-rules.ts';

const servers = inject('servers');
const NAME = `shell-${randomUUID().slice(0, 6)}`;
let browser: Browser;
let session: AsyncDisposable;

beforeAll(async () => {
  browser = await openBrowser();
  session = await runningSession(servers, NAME, 'member');
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await browser.close();
});

async function policy(kind: 'SessionPolicy' | 'DlpPolicy', rules: object): Promise<AsyncDisposable> {
  const resource = kind === 'SessionPolicy' ? RESOURCES.sessionPolicies : RESOURCES.dlpPolicies;
  await using client = createKubeClient({ kubeconfig: servers.kubeconfig });
  const metadata = { name: NAME, namespace: 'team-web' };
  const spec = { targets: { cel: `session.metadata.name == "${NAME}"` }, ...rules };
  const body = JSON.stringify({ apiVersion: API_GROUP_VERSION, kind, metadata, spec });
  await client.apply(resource, 'team-web', NAME, body, { fieldManager: 'test', force: true });
  return {
    [Symbol.asyncDispose]: async () => {
      await using closing = createKubeClient({ kubeconfig: servers.kubeconfig });
      await closing.delete(resource, 'team-web', NAME);
    },
  };
}

/** What the terminal shows, as text: xterm.js draws rows of spans. */
const shown = async (page: Page): Promise<string> => (await page.locator('.xterm-rows').textContent()) ?? '';

async function run(page: Page, command: string, wanted: string): Promise<void> {
  await page.locator('.xterm').click();
  await page.keyboard.type(`${command}\n`);
  await expect.poll(() => shown(page), { timeout: 20_000 }).toContain(wanted);
}

test('G-68 a console in Chromium: from the page of the session to a shell, OSC 52 stopped by policy, and closed when the policy goes', async () => {
  const allowed = await policy('SessionPolicy', { console: { allow: true } });
  await using _noClipboard = await policy('DlpPolicy', { clipboard: { down: false } });
  const { context, page } = await signedIn(browser, servers, 'member');
  await withAxe(page);
  const refused = refusedByPolicy(page);
  await page.goto(`${servers.url}/sessions/team-web/${NAME}`);
  await page.getByRole('link', { name: 'Open a console' }).click();
  await page.getByText('Connected', { exact: true }).waitFor();
  await run(page, 'echo answer-$((40+2))', 'answer-42');
  // Colours of the theme stand in a style element, any other one at its cell.
  await run(
    page,
    `printf '\\033[31mplain\\033[0m \\033[48;2;20;40;200;38;2;250;240;60mtrue-colour\\033[0m %s\\n' c-$((1+1))`,
    'c-2',
  );
  const colours = await page.evaluate<Readonly<Record<string, readonly string[]>>>(`Object.fromEntries(
    [...document.querySelectorAll('.xterm-rows span')].map((cell) => [
      cell.textContent, [getComputedStyle(cell).color, getComputedStyle(cell).backgroundColor],
    ]))`);
  expect(colours['true-colour']).toEqual(['rgb(250, 240, 60)', 'rgb(20, 40, 200)']);
  const usual = await page.evaluate("getComputedStyle(document.querySelector('.xterm-rows')).color");
  expect(colours['plain']?.[0]).not.toBe(usual);
  await keepPicture(page, 'console');

  await expect.poll(async () => page.getByText('Copying out of this desktop').count()).toBe(0);
  await run(page, `printf '\\033]52;c;c2VjcmV0\\007'; echo set-$((1+1))`, 'set-2');
  await page.getByText('Copying out of the desktop is switched off by policy').waitFor();
  const [denied] = await eventsOf(servers, NAME, 'clipboard.denied');
  expect(denied).toMatchObject({ actor: 'member', details: { rule: 'clipboardDownOff', via: 'console' } });

  await page.setViewportSize({ width: 360, height: 740 });
  await run(page, 'clear; echo width-$(($(stty size | cut -d" " -f2)<60))', 'width-1');
  await keepPicture(page, 'console-phone');
  await page.keyboard.press('Shift+Escape');
  expect(await page.evaluate('document.activeElement?.textContent')).toBe('Back to the session');
  await page.setViewportSize({ width: 1280, height: 800 });
  const violations: unknown = await page.evaluate(
    `axe.run({ exclude: ['.xterm'] }).then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id))`,
  );
  expect(violations).toEqual([]);

  await allowed[Symbol.asyncDispose]();
  await page.getByText('The console has ended').waitFor({ timeout: 5_000 });
  await page.getByText('ConsoleOff').waitFor();
  await page.getByRole('button', { name: 'Open again' }).waitFor();
  await keepPicture(page, 'console-ended');
  expect(refused).toEqual([]);
  await context.close();
});

test('P-15-4 10,000 lines a second for ten seconds are followed without freezing the page', async () => {
  await using _allowed = await policy('SessionPolicy', { console: { allow: true } });
  const { context, page } = await signedIn(browser, servers, 'member', { colorScheme: 'dark' });
  await page.goto(`${servers.url}/sessions/team-web/${NAME}/console`);
  await page.getByText('Connected', { exact: true }).waitFor();
  await run(page, 'echo ready-$((1+1))', 'ready-2');
  // The longest time between two turns of the page's own clock.
  await page.evaluate(`(() => {
    window.longest = 0; let last = performance.now();
    setInterval(() => { const now = performance.now(); window.longest = Math.max(window.longest, now - last); last = now; }, 20);
  })()`);
  const lines =
    'for second in 1 2 3 4 5 6 7 8 9 10; do seq -f "line %.0f of a log that is followed" 10000; sleep 1; done; echo end-$((1+1))';
  await page.locator('.xterm').click();
  await page.keyboard.type(`${lines}\n`);
  await expect.poll(() => shown(page), { timeout: 60_000 }).toContain('end-2');
  expect(Number(await page.evaluate('window.longest'))).toBeLessThan(1_000);
  await keepPicture(page, 'console-dark');
  await context.close();
});
