// The main way through, as a person walks it: sign in, launch, type, and see Git change the open page.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { apiAs } from '../support/api.ts';
import { canvasFingerprint, keepPicture, openBrowser, signedIn } from '../support/browser.ts';
import { cloneAs } from '../support/clone.ts';
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

const template = (name: string, title: string): string => `apiVersion: streamspace.io/v1alpha1
kind: Template
metadata:
  name: ${name}
  namespace: streamspace
spec:
  displayName: ${title}
  summary: Added by a test.
  image: localhost/streamspace/terminal:0.1.0
`;

test('a member signs in, launches the terminal, types a command and sees its pixels change', async () => {
  const { context, page } = await signedIn(browser, servers, 'member');
  await page.getByRole('link', { name: 'Catalog' }).first().click();
  await page.getByRole('heading', { name: 'Terminal' }).waitFor();
  await keepPicture(page, 'catalog');
  await page
    .getByRole('article', { name: 'Terminal' })
    .getByRole('button', { name: /^Launch/ })
    .click();
  await page.waitForURL(/\/s\/team-web\//);
  await page.locator('canvas').waitFor({ timeout: 60_000 });
  const before = await eventually('the desktop shows a picture', async () => {
    const picture = await canvasFingerprint(page);
    return picture.colours > 4 && picture;
  });
  await page.locator('canvas').click();
  await page.keyboard.type('echo $((6*7)); uname -a; ls -la /\n', { delay: 20 });
  await eventually('what was typed changed the picture', async () => (await canvasFingerprint(page)).hash !== before.hash);
  await keepPicture(page, 'desktop');
  const name = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  await context.close();
  expect((await apiAs(servers, 'member').send('DELETE', `/namespaces/team-web/sessions/${name}`)).status).toBeLessThan(300);
});

test('a pushed template appears in the open catalog without a reload, and a revert takes it away', async () => {
  const { context, page } = await signedIn(browser, servers, 'member');
  await page.goto(`${servers.url}/catalog`);
  await page.getByRole('heading', { name: 'Terminal' }).waitFor();
  await page.evaluate('document.body.dataset.loadedOnce = "yes"');
  await using clone = await cloneAs(servers, 'lead');
  await clone.push('Add a notebook', { 'templates/notebook.yaml': template('notebook', 'Notebook of the test') });
  await page.getByRole('heading', { name: 'Notebook of the test' }).waitFor({ timeout: 30_000 });
  await clone.revert();
  await page.getByRole('heading', { name: 'Notebook of the test' }).waitFor({ state: 'detached', timeout: 30_000 });
  expect(await page.evaluate('document.body.dataset.loadedOnce')).toBe('yes');
  await context.close();
});

test('S-053 an object that somebody deletes with kubectl is put back', async () => {
  const uidOf = (): Promise<string> =>
    kubectl(servers, ['get', 'template', 'firefox', '-n', 'streamspace', '-o', 'jsonpath={.metadata.uid}']);
  const before = await uidOf();
  await kubectl(servers, ['delete', 'template', 'firefox', '-n', 'streamspace']);
  const after = await eventually('the template is back', async () => {
    const uid = await uidOf();
    return uid !== before && uid;
  }).catch(async (error: unknown) => {
    const status = await kubectl(servers, ['get', 'gitsync', 'platform', '-n', 'streamspace', '-o', 'jsonpath={.status}']);
    throw new Error(`${String(error)}; its GitSync is ${status.slice(0, 4_000)}`);
  });
  expect(after).not.toBe(before);
});
