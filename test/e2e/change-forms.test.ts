// What people ask for by forms: access from a template that they may not launch, more of a quota until a time, a template of their own.
import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { stringify } from 'yaml';
import { apiAs } from '../support/api.ts';
import { inSeconds, keepPicture, openBrowser, signedIn, widthBeyond } from '../support/browser.ts';
import { cloneAs } from '../support/clone.ts';
import { kubectl } from '../support/kubectl.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const PHONE = { viewport: { width: 360, height: 740 }, colorScheme: 'dark' } as const;
const TIMEOUT_MS = 90_000;

interface View {
  readonly status?: { readonly commit?: string; readonly phase?: string; readonly takenBackBy?: string };
}

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => await browser.close());

/** Sent from the dialog that is open, with the keyboard; gives the path of the change in the API. */
async function asked(page: Page, why: string): Promise<string> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Why').fill(why);
  await dialog.getByRole('button', { name: 'Open a change request' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/changes\/team-web\//);
  return `/namespaces/team-web/changes/${page.url().split('/').at(-1)}`;
}

async function approved(path: string, by: string): Promise<void> {
  const commit = await eventually(
    'its commit is made',
    async () => (await apiAs(servers, by).get<View>(path)).body.status?.commit,
    {
      timeoutMs: TIMEOUT_MS,
    },
  );
  await apiAs(servers, by).send('POST', `${path}/approve`, { commit });
  await eventually('it is applied', async () => (await apiAs(servers, by).get<View>(path)).body.status?.phase === 'Applied', {
    timeoutMs: TIMEOUT_MS,
  });
}

/** Other tests ask for things, too. */
const WHY = `a course ${randomUUID().slice(0, 6)}`;

test('who looks on asks for access from a template, launches it, and looks on again when the time is over', async () => {
  const { context, page } = await signedIn(browser, servers, 'viewer', PHONE);
  await page.goto(`${servers.url}/catalog/streamspace/terminal`);
  await page.getByRole('button', { name: 'Ask for access' }).focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('Until').fill(inSeconds(25));
  expect(await widthBeyond(page)).toBeLessThanOrEqual(0);
  await keepPicture(page, 'ask-for-access-phone-dark');
  const path = await asked(page, WHY);
  await approved(path, 'lead');
  await page.goto(`${servers.url}/catalog/streamspace/terminal`);
  await page.getByRole('button', { name: 'Launch' }).waitFor({ timeout: TIMEOUT_MS });
  await page.goto(`${servers.url}/changes?show=mine`);
  await page
    .getByRole('article', { name: WHY })
    .getByText(/until /)
    .waitFor();
  expect(await widthBeyond(page)).toBeLessThanOrEqual(0);
  await keepPicture(page, 'changes-until-phone-dark');
  await page.getByRole('link', { name: WHY, exact: true }).click();
  const back = page.getByRole('link', { name: 'taken back by another change' });
  await back.waitFor({ timeout: 2 * TIMEOUT_MS });
  await keepPicture(page, 'change-until-phone-dark');
  await back.click();
  await page.getByText(/Revision .* is applied/).waitFor({ timeout: TIMEOUT_MS });
  expect(await widthBeyond(page)).toBeLessThanOrEqual(0);
  await keepPicture(page, 'change-takes-back-phone-dark');
  await eventually('nothing can be launched any more', async () => {
    await page.goto(`${servers.url}/catalog/streamspace/terminal`);
    await page.getByText('You cannot start sessions').waitFor({ timeout: 5_000 });
    return true;
  });
  await context.close();
}, 400_000);

const QUOTA = {
  ...{ apiVersion: 'streamspace.io/v1alpha1', kind: 'Quota', metadata: { name: 'granted', namespace: 'team-web' } },
  spec: { scope: 'Team', limits: { sessionsRunning: 40 } },
};
const FILE = 'teams/web-granted.yaml';

test('more of a quota until a time is an override, and the file is what it was afterwards', async () => {
  await using clone = await cloneAs(servers, 'admin');
  const file = `# Agreed on in May.\n${stringify(QUOTA)}`;
  await clone.push('Add a quota of web', { [FILE]: file });
  const { context, page } = await signedIn(browser, servers, 'lead');
  await eventually('the quota is there', async () => {
    await page.goto(`${servers.url}/teams/web`);
    await page.getByRole('heading', { name: 'Policies that apply' }).waitFor();
    return (await page.getByRole('button', { name: 'Edit Quota team-web/granted' }).count()) === 1;
  });
  await page.getByRole('button', { name: 'Ask for more' }).click();
  const dialog = page.getByRole('dialog');
  const quotas = await dialog.getByLabel('Quota').locator('option').allTextContents();
  await dialog.getByLabel('Quota').selectOption({ index: quotas.indexOf('team-web/granted') });
  await dialog.getByLabel('New limit for the team').fill('50');
  await dialog.getByLabel('Until').fill(inSeconds(25));
  await keepPicture(page, 'ask-for-more');
  const path = await asked(page, 'a fair');
  await approved(path, 'admin');
  const overrides = ['get', 'quota.streamspace.io', 'granted', '-n', 'team-web', '-o', 'jsonpath={.spec.overrides}'];
  expect(JSON.parse(await kubectl(servers, overrides))).toMatchObject([{ limits: { sessionsRunning: 50 } }]);
  await page.getByText(/then another change takes it back/).waitFor();
  await page.getByRole('link', { name: 'taken back by another change' }).waitFor({ timeout: 2 * TIMEOUT_MS });
  await keepPicture(page, 'change-taken-back');
  await eventually('the override is gone', async () => (await kubectl(servers, overrides)).trim() === '', {
    timeoutMs: TIMEOUT_MS,
  });
  await using after = await cloneAs(servers, 'admin');
  expect(await after.read(FILE)).toBe(file);
  await after.push('Take the quota of web away', { [FILE]: null });
  await context.close();
}, 400_000);

test('a template becomes one of the team, and is edited and removed on its page', async () => {
  const { context, page } = await signedIn(browser, servers, 'member', { viewport: { width: 1280, height: 900 } });
  await page.goto(`${servers.url}/catalog/streamspace/terminal`);
  expect(await page.getByRole('button', { name: /^Edit/ }).count()).toBe(0);
  await page.getByRole('button', { name: 'Copy for a team' }).click();
  await page.getByLabel('Name in Git').fill('our-terminal');
  const spec = page.getByRole('textbox', { name: 'Its spec, as YAML' });
  await spec.fill((await spec.inputValue()).replace(/^displayName: .*$/m, 'displayName: Our terminal'));
  await keepPicture(page, 'copy-template');
  await approved(await asked(page, 'We need another font'), 'lead');
  const own = `${servers.url}/catalog/team-web/our-terminal`;
  await page.goto(own);
  await page.getByRole('heading', { name: 'Our terminal' }).waitFor({ timeout: TIMEOUT_MS });
  await page.getByRole('button', { name: 'Edit Template team-web/our-terminal' }).waitFor();
  await keepPicture(page, 'template-of-team');
  const phone = await signedIn(browser, servers, 'member', PHONE);
  await phone.page.goto(own);
  await phone.page.getByRole('button', { name: 'Edit Template team-web/our-terminal' }).click();
  await phone.page.getByRole('textbox', { name: 'Its spec, as YAML' }).waitFor();
  expect(await widthBeyond(phone.page)).toBeLessThanOrEqual(0);
  await keepPicture(phone.page, 'edit-template-phone-dark');
  await phone.page.goto(own);
  await phone.page.getByRole('button', { name: 'Copy for a team' }).waitFor();
  await phone.page.getByRole('button', { name: /^Edit/ }).waitFor();
  expect(await widthBeyond(phone.page)).toBeLessThanOrEqual(0);
  await keepPicture(phone.page, 'template-of-team-phone-dark');
  await page.getByRole('button', { name: 'Remove Template team-web/our-terminal' }).click();
  await approved(await asked(page, 'Nobody uses it'), 'lead');
  await page.goto(own);
  await page.getByText('There is no such template').waitFor({ timeout: TIMEOUT_MS });
  await Promise.all([context.close(), phone.context.close()]);
}, 400_000);
