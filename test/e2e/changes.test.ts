// A change as people make it: asked for on the page of the team, approved by somebody else on the page of the change, and in force.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { stringify } from 'yaml';
import { apiAs } from '../support/api.ts';
import { keepPicture, openBrowser, signedIn } from '../support/browser.ts';
import { cloneAs } from '../support/clone.ts';
import { kubectl } from '../support/kubectl.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const CHANGES = '/namespaces/team-web/changes';

interface View {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly commit?: string };
}

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => await browser.close());

async function mayStart(): Promise<boolean> {
  const args = ['auth', 'can-i', 'create', 'sessions.streamspace.io', '-n', 'team-web', '--as', 'streamspace:user:auditor'];
  return (await kubectl(servers, args).catch(() => 'no')).trim() === 'yes';
}

const QUOTA = {
  apiVersion: 'streamspace.io/v1alpha1',
  kind: 'Quota',
  metadata: { name: 'edited', namespace: 'team-web' },
  spec: { scope: 'Team', limits: { sessionsRunning: 40 } },
};
const FILE = 'teams/web-quota.yaml';

test('P-21-1 an admin of the team edits its quota on its page, and the file keeps its comments', async () => {
  await using clone = await cloneAs(servers, 'admin');
  const file = `# Agreed on in May.\n${stringify(QUOTA)}`.replace('sessionsRunning: 40', 'sessionsRunning: 40 # for a course');
  await clone.push('Add a quota of web', { [FILE]: file });
  const lead = await signedIn(browser, servers, 'lead', { viewport: { width: 360, height: 740 } });
  const { page } = lead;
  const edit = page.getByRole('button', { name: 'Edit Quota team-web/edited' });
  await eventually('the quota is there', async () => {
    await page.goto(`${servers.url}/teams/web`);
    await page.getByRole('heading', { name: 'Policies that apply' }).waitFor();
    return (await edit.count()) === 1;
  });
  await edit.click();
  const spec = page.getByRole('textbox', { name: 'Its spec, as YAML' });
  expect(await spec.inputValue()).toBe('scope: Team\nlimits:\n  sessionsRunning: 40\n');
  const send = page.getByRole('button', { name: 'Open a change request' });
  await page.getByLabel('Why').fill('the course has grown');
  await spec.fill('scope: Team\nlimit:\n  sessionsRunning: 41\n');
  await page.getByText('limit: there is no such field').waitFor();
  expect(await send.isDisabled()).toBe(true);
  await spec.fill('scope: Team\nlimits:\n  sessionsRunning: 41\n');
  await page.getByText('spec.limits.sessionsRunning: 40 → 41').waitFor();
  await keepPicture(page, 'edit-quota-phone');
  expect(
    await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
  ).toBeLessThanOrEqual(0);
  // A click beside the dialog keeps what was typed.
  await page.mouse.click(3, 3);
  await send.click();
  await page.waitForURL(/\/changes\/team-web\//);
  await page.getByText('+    sessionsRunning: 41 # for a course').waitFor({ timeout: 60_000 });
  const name = page.url().split('/').at(-1) ?? '';
  const { status } = (await apiAs(servers, 'admin').get<View>(`${CHANGES}/${name}`)).body;
  await apiAs(servers, 'admin').send('POST', `${CHANGES}/${name}/approve`, { commit: status?.commit });
  await page.getByText(/Revision .* is applied/).waitFor({ timeout: 90_000 });
  const limit = ['get', 'quota.streamspace.io', 'edited', '-n', 'team-web', '-o', 'jsonpath={.spec.limits.sessionsRunning}'];
  expect((await kubectl(servers, limit)).trim()).toBe('41');
  await clone.push('Take the quota of web away', { [FILE]: null });
  await lead.context.close();
}, 300_000);

test('P-21-1 an admin of the team adds a member on its page, a platform admin approves, and the member has the right', async () => {
  expect(await mayStart()).toBe(false);
  const asking = await signedIn(browser, servers, 'lead');
  const { page } = asking;
  await page.goto(`${servers.url}/teams/web`);
  await page.getByRole('button', { name: 'Add a member' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('This opens a change request').waitFor();
  await dialog.getByLabel('Name').fill('auditor');
  await dialog.getByLabel('Why').fill('Ann tries our desktops');
  await dialog.getByRole('button', { name: 'Open a change request' }).click();
  await page.waitForURL(/\/changes\/team-web\//);
  await page.getByText('+    - user: auditor').waitFor({ timeout: 60_000 });
  await keepPicture(page, 'change');
  expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);

  const approving = await signedIn(browser, servers, 'admin', { viewport: { width: 360, height: 740 } });
  const phone = approving.page;
  await phone.goto(`${servers.url}/changes`);
  await phone.getByRole('link', { name: 'Ann tries our desktops' }).click();
  await phone.getByRole('button', { name: 'Approve' }).click();
  await keepPicture(phone, 'change-phone');
  await phone.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  await page.getByText(/Revision .* is applied/).waitFor({ timeout: 90_000 });
  await eventually('the member has the right', mayStart);
  await page.goto(`${servers.url}/teams/web`);
  await page.getByRole('row', { name: /auditor/ }).waitFor();
  await Promise.all([asking.context.close(), approving.context.close()]);

  // As it was before.
  const edits = [
    {
      action: 'Patch',
      object: { apiVersion: 'streamspace.io/v1alpha1', kind: 'Team', name: 'web' },
      changes: [{ op: 'Remove', path: 'spec.members[user=auditor]' }],
    },
  ];
  const body = { reason: 'the test is over', target: { namespace: 'streamspace', name: 'platform' }, edits };
  const { name } = (await apiAs(servers, 'lead').send<View>('POST', CHANGES, body)).body.metadata;
  const commit = await eventually('its commit is made', async () => {
    return (await apiAs(servers, 'admin').get<View>(`${CHANGES}/${name}`)).body.status?.commit;
  });
  await apiAs(servers, 'admin').send('POST', `${CHANGES}/${name}/approve`, { commit });
  await eventually('the right is gone', async () => !(await mayStart()), { timeoutMs: 90_000 });
}, 300_000);
