// A role for a time as people give it: on the page of the team, approved by somebody else, in force, and over by itself.
import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { apiAs } from '../support/api.ts';
import {
  axeFindings,
  inSeconds,
  keepPicture,
  openBrowser,
  refusedByPolicy,
  signedIn,
  widthBeyond,
  withAxe,
} from '../support/browser.ts';
import { cloneAs } from '../support/clone.ts';
import { kubectl } from '../support/kubectl.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const TIMEOUT_MS = 90_000;
/** Nobody else's, so that tests beside this one give this person nothing. */
const GUEST = `guest-${randomUUID().slice(0, 6)}`;

interface View {
  readonly status?: { readonly commit?: string; readonly phase?: string };
}

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => await browser.close());

async function mayStart(): Promise<boolean> {
  const as = ['--as', `streamspace:user:${GUEST}`];
  const answer = await kubectl(servers, ['auth', 'can-i', 'create', 'sessions.streamspace.io', '-n', 'team-web', ...as]).catch(
    () => 'no',
  );
  return answer.trim() === 'yes';
}

/** Sent from the dialog that is open, with the keyboard, and approved by a platform admin. */
async function sentAndApproved(page: Page, why: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Why').fill(why);
  await dialog.getByRole('button', { name: 'Open a change request' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/changes\/team-web\//);
  const path = `/namespaces/team-web/changes/${page.url().split('/').at(-1)}`;
  const change = async (): Promise<View> => (await apiAs(servers, 'admin').get<View>(path)).body;
  const commit = await eventually('its commit is made', async () => (await change()).status?.commit, { timeoutMs: TIMEOUT_MS });
  await apiAs(servers, 'admin').send('POST', `${path}/approve`, { commit });
  await page.getByText(/Revision .* is applied/).waitFor({ timeout: TIMEOUT_MS });
}

test('an admin of the team gives a role until a time on its page; it is approved, the right is there, and ends by itself', async () => {
  expect(await mayStart()).toBe(false);
  const { context, page } = await signedIn(browser, servers, 'lead');
  await withAxe(page);
  const refused = refusedByPolicy(page);
  await page.goto(`${servers.url}/teams/web`);
  await page.getByRole('button', { name: 'Give a role' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('This opens a change request').waitFor();
  await dialog.getByLabel('Name').fill(GUEST);
  await dialog.getByLabel('Role', { exact: true }).selectOption('member');
  await dialog.getByRole('region', { name: 'What it gives in Web' }).getByText('read, create sessions').waitFor();
  const secondsLeft = 60;
  await dialog.getByLabel('Until').fill(inSeconds(secondsLeft));
  expect(await axeFindings(page)).toEqual([]);
  await keepPicture(page, 'give-role');
  await page.setViewportSize({ width: 360, height: 740 });
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await widthBeyond(page)).toBeLessThanOrEqual(0);
  await keepPicture(page, 'give-role-phone-dark');
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: 'light' });
  await sentAndApproved(page, 'A course with a guest');
  await eventually('the right is there', mayStart, { timeoutMs: secondsLeft * 1000 });
  await page.goto(`${servers.url}/teams/web`);
  const row = page.getByRole('row', { name: new RegExp(GUEST) });
  await row.getByText('Given', { exact: true }).waitFor();
  await row.scrollIntoViewIfNeeded();
  await keepPicture(page, 'team-roles');
  await page.emulateMedia({ colorScheme: 'dark' });
  await keepPicture(page, 'team-roles-dark');
  await page.setViewportSize({ width: 360, height: 740 });
  await row.scrollIntoViewIfNeeded();
  expect(await widthBeyond(page)).toBeLessThanOrEqual(0);
  await keepPicture(page, 'team-roles-phone-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 800 });
  expect(await axeFindings(page)).toEqual([]);
  await using clone = await cloneAs(servers, 'admin');
  const name = await kubectl(servers, ['get', 'accessbindings', '-n', 'team-web', '-o', 'jsonpath={.items[*].metadata.name}']);
  const own = name.split(' ').find((each) => each.startsWith(GUEST)) ?? '';
  expect(await clone.read(`team-web/accessbinding-${own}.yaml`)).toContain('reason: A course with a guest');

  await eventually('the right has ended', async () => !(await mayStart()), { timeoutMs: 2 * TIMEOUT_MS });
  await eventually('the page says so', async () => {
    await page.goto(`${servers.url}/teams/web`);
    await row.waitFor();
    return (await row.getByText('Over', { exact: true }).count()) === 1;
  });
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await widthBeyond(page)).toBeLessThanOrEqual(0);
  await page.getByRole('button', { name: `Remove member for user ${GUEST}` }).click();
  expect(await widthBeyond(page)).toBeLessThanOrEqual(0);
  await keepPicture(page, 'end-role-phone');
  await sentAndApproved(page, 'The course is over');
  await page.goto(`${servers.url}/teams/web`);
  await page.getByRole('heading', { name: 'Further roles' }).waitFor();
  await eventually('the binding is gone', async () => {
    await page.goto(`${servers.url}/teams/web`);
    await page.getByRole('heading', { name: 'Further roles' }).waitFor();
    return (await row.count()) === 0;
  });
  expect(refused).toEqual([]);
  await context.close();
}, 500_000);
