// What makes styles of its own while the page is in use obeys the content security policy, and the policy is one (ADR 0056).
// Whether each page as it stands does, is in pages.test.ts, and the console in console.test.ts.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { keepPicture, openBrowser, refusedByPolicy, signedIn } from '../support/browser.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
});

/** Its scroll bar is gone behind a dialog: that is a rule in a style element of react-remove-scroll. */
const scrolls = (page: Page): Promise<boolean> => page.evaluate("getComputedStyle(document.body).overflow !== 'hidden'");
const scheme = (page: Page): Promise<string> => page.evaluate('document.documentElement.dataset.mantineColorScheme');

test.each([
  ['computer', { width: 1280, height: 800 }],
  ['phone', { width: 360, height: 740 }],
] as const)(
  'on a %s: search, dialog and another colour scheme bring styles that the policy lets in',
  async (device, viewport) => {
    const { context, page } = await signedIn(browser, servers, 'admin', { viewport, colorScheme: 'light' });
    const refused = refusedByPolicy(page);
    await page.goto(`${servers.url}/`);
    await page.getByRole('main').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('textbox').fill('dark');
    await page.getByRole('dialog').locator('button').first().waitFor();
    expect(await scrolls(page)).toBe(false);
    await keepPicture(page, `content-security/search-${device}`);
    await page.keyboard.press('Enter');
    await eventually('the page is dark', async () => (await scheme(page)) === 'dark');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await scrolls(page)).toBe(true);

    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Ctrl').first().waitFor();
    expect(await scrolls(page)).toBe(false);
    await keepPicture(page, `content-security/dialog-${device}`);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    await page.goto(`${servers.url}/me`);
    await page.locator('label').getByText('Light', { exact: true }).click();
    await eventually('the page is light', async () => (await scheme(page)) === 'light');
    await keepPicture(page, `content-security/account-${device}`);
    expect(refused).toEqual([]);
    await context.close();
  },
);

test('the pages for who is not signed in, and that of an error, are as they were meant', async () => {
  const page = await browser.newPage();
  const refused = refusedByPolicy(page);
  await page.goto(servers.url);
  const signIn = page
    .getByRole('link', { name: 'Sign in' })
    .or(page.getByRole('button', { name: 'Sign in' }))
    .first();
  await signIn.waitFor();
  await keepPicture(page, 'content-security/sign-in');
  await signIn.click();
  await page.getByLabel('Password').waitFor();
  await keepPicture(page, 'content-security/provider');
  await page.goto(`${servers.url}/auth/callback?code=none&state=none`);
  await page.getByRole('alert').waitFor();
  expect(await page.evaluate('getComputedStyle(document.body).maxWidth')).toBe('576px');
  await keepPicture(page, 'content-security/error');
  await page.goto(`${servers.url}/break-glass`);
  await page.getByRole('main').waitFor();
  await keepPicture(page, 'content-security/break-glass');
  expect(refused).toEqual([]);
  await page.close();
});

test('a style, a style attribute and a script that somebody brings into the page do nothing', async () => {
  const { context, page } = await signedIn(browser, servers, 'member');
  const refused = refusedByPolicy(page);
  await page.getByRole('main').waitFor();
  await page.evaluate(`(() => {
    const nonce = document.querySelector('meta[property="csp-nonce"]').getAttribute('nonce');
    document.body.insertAdjacentHTML('beforeend',
      '<style nonce="' + nonce + '">body { rotate: 7deg }</style><p id="brought" style="rotate: 7deg" onclick="document.title = 1">brought</p>');
    document.getElementById('brought').click();
  })()`);
  expect(
    await page.evaluate("getComputedStyle(document.body).rotate + getComputedStyle(document.getElementById('brought')).rotate"),
  ).toBe('nonenone');
  expect(await page.title()).not.toBe('1');
  await eventually('the browser has told of all three', async () => refused.length === 3);
  await context.close();
});
