// From a wish to an object and back, as people do it, with a repository of plain Git and with one at a Gitea: more quota is asked for,
// approved by somebody else, in force; and undone by a button.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { ChangeView, Editable } from '../../schemas/api/changes.ts';
import type { GitSync } from '../../schemas/kinds/git-sync/git-sync.ts';
import type { Quota } from '../../schemas/kinds/quota.ts';
import { API_GROUP_VERSION, SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import { apiAs } from '../support/api.ts';
import { auditAbout } from '../support/audit.ts';
import { keepPicture, openBrowser, signedIn } from '../support/browser.ts';
import { BOT } from '../support/forge-server.ts';
import { giteaQuota, plainGitQuota, QUOTA_TEAM, quotaFile } from '../support/quota-source.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const TEAM = QUOTA_TEAM;
const TIMEOUT_MS = 90_000;

let browser: Browser;
let client: OwnedKubeClient;
beforeAll(async () => {
  browser = await openBrowser();
  client = createKubeClient({ kubeconfig: servers.kubeconfig });
});
afterAll(async () => {
  await browser.close();
  await client[Symbol.asyncDispose]();
});

const quotaNow = async (name: string): Promise<Quota | undefined> => await client.find<Quota>(RESOURCES.quotas, TEAM, name);
const isGiven = (quota: Quota | undefined): boolean =>
  (quota?.spec.overrides ?? []).some(({ limits }) => limits.sessionsRunning === 50);

async function changeAt(page: Page): Promise<{ readonly name: string; readonly view: () => Promise<ChangeView> }> {
  await page.waitForURL(/\/changes\/team-web\//);
  const name = page.url().split('/').at(-1) ?? '';
  const view = async () => (await apiAs(servers, 'admin').get<ChangeView>(`/namespaces/${TEAM}/changes/${name}`)).body;
  return { name, view };
}

/** On a page of his own, from the inbox. */
async function approve(page: Page, title: string): Promise<void> {
  await page.goto(`${servers.url}/changes`);
  await page.getByRole('link', { name: title, exact: true }).click();
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
}

/** Who has done what with it, oldest first. */
const chainOf = async (name: string) => {
  const rows = await auditAbout(servers, `ChangeRequest/${TEAM}/${name}`, 'change.%');
  return rows.map(({ type, actor }) => [type, actor]);
};

test.each([
  ['plain Git', plainGitQuota],
  ['Gitea', giteaQuota],
] as const)(
  'P-21-1 P-21-3 with %s: a member asks for more quota, nobody approves his own wish, an admin does, and a button undoes it',
  async (kind, source) => {
    await using made = await source(servers);
    const { quota } = made;
    const title = `A course with ${quota}`;
    await eventually('the quota is there', async () => (await quotaNow(quota)) !== undefined, { timeoutMs: TIMEOUT_MS });
    const asking = await signedIn(browser, servers, 'member');
    const { page } = asking;
    await page.goto(`${servers.url}/teams/web`);
    await page.getByRole('button', { name: 'Ask for more' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Quota').selectOption({ label: `${TEAM}/${quota}` });
    await dialog.getByLabel('New limit for the team').fill('50');
    await dialog.getByLabel('Until').fill('2099-01-01T17:00');
    await dialog.getByLabel('Why').fill(title);
    await dialog.getByRole('button', { name: 'Open a change request' }).click();
    const wish = await changeAt(page);
    await page.getByText(/\+.*sessionsRunning: 50/).waitFor({ timeout: 60_000 });
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);

    // Who may approve nothing of others either, and who asks himself.
    const { commit } = (await wish.view()).status ?? {};
    const path = `/namespaces/${TEAM}/changes/${wish.name}/approve`;
    expect((await apiAs(servers, 'member').send('POST', path, { commit })).status).toBe(403);

    const approving = await signedIn(browser, servers, 'admin');
    await approve(approving.page, title);
    await page.getByText(/Revision .* is applied/).waitFor({ timeout: TIMEOUT_MS });
    await keepPicture(page, `wish-${kind === 'Gitea' ? 'gitea' : 'plain'}`);
    const given = await quotaNow(quota);
    expect(isGiven(given)).toBe(true);

    // From the wish to the object: who asked, who approved, what was merged, and the commit that the object names.
    const { status } = await wish.view();
    expect(await chainOf(wish.name)).toEqual([
      ['change.requested', 'member'],
      ['change.approved', 'admin'],
      ['change.merged', 'member'],
    ]);
    const merge = (await auditAbout(servers, `ChangeRequest/${TEAM}/${wish.name}`, 'change.merged'))[0]?.details;
    expect(merge).toMatchObject({ commit, mergeCommit: status?.mergeCommit, approvedBy: 'admin' });
    const applied = await auditAbout(servers, `Quota/${TEAM}/${quota}`, 'object.applied');
    expect(applied.at(-1)?.details).toMatchObject({ commit: status?.mergeCommit });
    const origin = await apiAs(servers, 'member').get<Editable>(`/namespaces/${TEAM}/editable/Quota/${quota}`);
    expect([commit, status?.mergeCommit]).toContain(origin.body.origin.revision);
    if (kind === 'Gitea')
      expect(await made.pullRequest(status?.number)).toMatchObject({
        ...{ merged: true, merge_commit_sha: status?.mergeCommit, user: { login: BOT } },
      });

    // Back by one click, and what somebody else has to say to it.
    await page.getByRole('button', { name: 'Undo this change' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Open a change request' }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(wish.name));
    const undo = await changeAt(page);
    await page.getByText(/-.*sessionsRunning: 50/).waitFor({ timeout: 60_000 });
    await approve(approving.page, `Undo: ${title}`);
    await page.getByText(/Revision .* is applied/).waitFor({ timeout: TIMEOUT_MS });
    expect(isGiven(await quotaNow(quota))).toBe(false);
    expect(await made.file()).toBe(quotaFile(quota));
    expect((await undo.view()).spec.rollback).toEqual({ commits: [status?.mergeCommit] });
    await Promise.all([asking.context.close(), approving.context.close()]);
  },
  600_000,
);

test('S-100 a lead who may approve what others ask for cannot approve what he has asked for himself', async () => {
  await using made = await plainGitQuota(servers);
  await eventually('the quota is there', async () => (await quotaNow(made.quota)) !== undefined, { timeoutMs: TIMEOUT_MS });
  const object = { apiVersion: API_GROUP_VERSION, kind: 'Quota', namespace: TEAM, name: made.quota };
  const edits = [{ action: 'Patch', object, changes: [{ op: 'Set', path: 'spec.limits.sessionsRunning', value: '41' }] }];
  const body = { reason: 'mine', target: { namespace: SYSTEM_NAMESPACE, name: 'platform' }, edits };
  const lead = apiAs(servers, 'lead');
  const { name } = (await lead.send<ChangeView>('POST', `/namespaces/${TEAM}/changes`, body)).body.metadata;
  const at = `/namespaces/${TEAM}/changes/${name}`;
  const commit = await eventually('its commit is made', async () => (await lead.get<ChangeView>(at)).body.status?.commit);
  const { page, context } = await signedIn(browser, servers, 'lead');
  await page.goto(`${servers.url}/changes/${TEAM}/${name}`);
  await page.getByRole('button', { name: 'Withdraw' }).waitFor();
  expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  const refused = await lead.send<{ readonly code: string }>('POST', `${at}/approve`, { commit });
  expect([refused.status, refused.body.code]).toEqual([403, 'ChangeOwn']);
  const { items } = await client.list<GitSync>(RESOURCES.gitSyncs);
  expect(items.map(({ status }) => status?.revision)).not.toContain(commit);
  await page.getByRole('button', { name: 'Withdraw' }).click();
  await page.getByText('Withdrawn').first().waitFor();
  await context.close();
}, 300_000);
