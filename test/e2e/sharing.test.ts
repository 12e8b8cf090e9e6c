// A desktop that two people share, each in a browser of his own: by name, and by a link without an account.
import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { runningSession } from '../support/api.ts';
import { canvasFingerprint, keepPicture, openBrowser, signedIn } from '../support/browser.ts';
import { inDesktop } from '../support/desktop.ts';
import { kubectl } from '../support/kubectl.ts';
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

async function untilPicture(page: Page): Promise<void> {
  await page.locator('canvas').waitFor({ timeout: 60_000 });
  await eventually('the desktop shows a picture', async () => (await canvasFingerprint(page)).colours > 4);
}

/** The bar comes down at the top edge. */
async function inBar(page: Page, name: string | RegExp): Promise<void> {
  await page.mouse.move(640, 400);
  await page.mouse.move(640, 2);
  await page.getByRole('button', { name }).click();
}

async function typed(page: Page, name: string, file: string): Promise<boolean> {
  await page.locator('canvas').click();
  await page.keyboard.type(`touch /tmp/${file}\n`, { delay: 10 });
  return (await inDesktop(servers, name, 'ls /tmp')).split('\n').includes(file);
}

test('G-46 two people are in one session, one of them to look on, until he asks for control and gets it', async () => {
  const name = `two-${ID}`;
  await using _session = await runningSession(servers, name, 'member');
  const owner = await signedIn(browser, servers, 'member');
  await owner.page.goto(`${servers.url}/s/team-web/${name}`);
  await untilPicture(owner.page);
  await inBar(owner.page, 'Share');
  const dialog = owner.page.getByRole('dialog', { name: `Share ${name}` });
  await dialog.getByText('People', { exact: true }).click();
  await dialog.getByLabel('Names').fill('auditor');
  await dialog.getByRole('button', { name: 'Share', exact: true }).click();
  await dialog.getByText(`/share/team-web/${name}`).waitFor();
  await keepPicture(owner.page, 'share-dialog');
  await owner.page.keyboard.press('Escape');

  const other = await signedIn(browser, servers, 'auditor');
  await other.page.getByRole('link', { name: `Open ${name}` }).click();
  await untilPicture(other.page);
  await owner.page.mouse.move(640, 2);
  await owner.page.getByRole('button', { name: 'Who is here: 2' }).waitFor();
  expect(await typed(other.page, name, 'by-looker')).toBe(false);
  // Where he points, with his name.
  await eventually('his cursor is on the screen of the other', async () => {
    await other.page.mouse.move(400 + Math.floor(Math.random() * 50), 400);
    return (await owner.page.locator('.ss-cursor').count()) === 1;
  });
  await keepPicture(owner.page, 'named-cursor');

  await inBar(other.page, 'Who is here: 2');
  await other.page.getByRole('button', { name: 'Ask for control' }).click();
  await other.page.keyboard.press('Escape');
  await inBar(owner.page, 'Who is here: 2');
  await owner.page.getByText(/asks for control/).waitFor();
  await keepPicture(owner.page, 'who-is-here');
  await owner.page.getByRole('button', { name: /^Give .* control$/ }).click();
  await eventually('what he types arrives', () => typed(other.page, name, 'given'));
  await owner.page.getByRole('button', { name: /^Take control back from / }).click();
  await other.page.getByText('View only').waitFor({ state: 'attached' });
  expect(await typed(other.page, name, 'taken')).toBe(false);
  await owner.page.getByRole('button', { name: /^Put .* out$/ }).click();
  await other.page.getByText('ShareKicked').waitFor();
  await owner.context.close();
  await other.context.close();
}, 180_000);

test('G-48 a guest opens a link in a second browser, knocks, is let in, and is out when the link is revoked', async () => {
  const name = `link-${ID}`;
  await using _session = await runningSession(servers, name, 'member');
  const policy = {
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'SessionPolicy',
    metadata: { name, namespace: 'team-web' },
    spec: { targets: { cel: `session.metadata.name == "${name}"` }, sharing: { guests: true, requireApproval: true } },
  };
  await kubectl(servers, ['apply', '-f', '-'], JSON.stringify(policy));
  const owner = await signedIn(browser, servers, 'member');
  await owner.page.goto(`${servers.url}/s/team-web/${name}`);
  await untilPicture(owner.page);
  await inBar(owner.page, 'Share');
  const dialog = owner.page.getByRole('dialog', { name: `Share ${name}` });
  await dialog.getByText(/guests wait until somebody lets them in/).waitFor();
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  const link = (await dialog.getByText(/\/share#/).textContent()) ?? '';
  expect(link).toMatch(/\/share#[\w-]{43}$/);
  await dialog.getByRole('button', { name: 'Done' }).click();

  // Of nobody: no cookie, no account.
  const context = await browser.newContext({ viewport: { width: 360, height: 720 } });
  const page = await context.newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(link);
  await page.getByLabel('Your name').fill('Gil');
  await keepPicture(page, 'share-join-phone');
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  await page.getByRole('heading', { name: 'You have knocked' }).waitFor();
  await owner.page.keyboard.press('Escape');
  await inBar(owner.page, /^Who is here/);
  await owner.page.getByRole('button', { name: 'Let Gil in' }).click();
  await untilPicture(page);
  expect(new URL(page.url()).hash).toBe('');
  const secret = new URL(link).hash.slice(1);
  expect(asked.filter((url) => url.includes(secret))).toEqual([]);
  await owner.page.getByText('(guest)').first().waitFor();
  await keepPicture(page, 'shared-desktop-phone');
  // A reload needs no other use of the link, and no knock.
  await page.reload();
  await untilPicture(page);

  await owner.page.keyboard.press('Escape');
  await inBar(owner.page, 'Share');
  await dialog.getByRole('button', { name: /^Revoke the share/ }).click();
  await page.getByText('ShareRevoked').waitFor({ timeout: 5_000 });
  await keepPicture(page, 'share-revoked-phone');
  await context.close();
  await owner.context.close();
  await kubectl(servers, ['delete', 'sessionpolicy', name, '-n', 'team-web']);
}, 180_000);
