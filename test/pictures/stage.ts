// What the pictures of the guides need: people at desktops, policies, and a place to keep the pictures.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { canvasFingerprint, openBrowser, signedIn } from '../support/browser.ts';
import { ROOT } from '../support/command.ts';
import { inDesktop } from '../support/desktop.ts';
import { kubectl } from '../support/kubectl.ts';
import type { Servers } from '../support/servers.ts';
import { eventually } from '../support/wait.ts';
import { indexedPng } from './indexed-png.ts';

export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const GIT = 'cd ~; git config --global user.name "Mia Member"; git config --global user.email member@example.com';

export const servers = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as Servers;
export const browser = await openBrowser();

export async function keep(page: Page, name: string): Promise<void> {
  const path = join(ROOT, 'docs/images', `${name}.png`);
  await writeFile(path, indexedPng(await page.screenshot({ animations: 'disabled' })));
  process.stdout.write(`${name}\n`);
}

export async function policy(kind: string, session: string, spec: object): Promise<void> {
  const metadata = { name: 'team-rules', namespace: 'team-web' };
  const targets = { cel: `session.metadata.name == "${session}"` };
  const object = { apiVersion: 'streamspace.io/v1alpha1', kind, metadata, spec: { targets, ...spec } };
  await kubectl(servers, ['apply', '-f', '-'], JSON.stringify(object));
  const inForce = ['get', 'session', session, '-n', 'team-web', '-o', 'jsonpath={.status.effectivePolicy.policies[*].kind}'];
  await eventually(`${kind} is in force`, async () => (await kubectl(servers, inForce)).includes(kind));
}

export async function untilPicture(page: Page): Promise<void> {
  await page.locator('.ss-screen canvas').waitFor({ timeout: 60_000 });
  await eventually('the desktop shows a picture', async () => (await canvasFingerprint(page)).colours > 4);
}

export async function desktop(name: string, person = 'member', options: Parameters<typeof signedIn>[3] = {}): Promise<Page> {
  const { page } = await signedIn(browser, servers, person, options);
  await page.goto(`${servers.url}/s/team-web/${name}`);
  await untilPicture(page);
  return page;
}

/** Until it has run, and the picture with it. */
export async function type(page: Page, name: string, command: string): Promise<void> {
  await inDesktop(servers, name, GIT);
  await page.locator('.ss-screen canvas').click({ position: { x: 300, y: 300 } });
  await page.keyboard.type(`clear; ${command}; touch /tmp/done\n`, { delay: 8 });
  await eventually('it has run', async () => (await inDesktop(servers, name, 'ls /tmp')).includes('done'));
  await inDesktop(servers, name, 'rm /tmp/done');
}

export async function inBar(page: Page, label: string | RegExp): Promise<void> {
  const button = page.getByRole('button', { name: label, exact: true });
  if (await page.locator('.ss-bar[data-shown="false"]').count()) {
    if (page.viewportSize()?.width === PHONE.viewport.width) await page.locator('.ss-bar-handle').tap();
    else {
      await page.mouse.move(640, 400);
      await page.mouse.move(640, 2);
    }
  }
  await button.click();
}

/** Somebody who looks on, and points at something. */
export async function shared(page: Page, name: string): Promise<AsyncDisposable & { readonly page: Page }> {
  await inBar(page, 'Share');
  const dialog = page.getByRole('dialog', { name: `Share ${name}` });
  await dialog.getByText('People', { exact: true }).click();
  await dialog.getByLabel('Names').fill('auditor');
  await dialog.getByRole('button', { name: 'Share', exact: true }).click();
  await dialog.getByText(`/share/team-web/${name}`).waitFor();
  const { page: other, context } = await signedIn(browser, servers, 'auditor');
  await other.goto(`${servers.url}/share/team-web/${name}`);
  await untilPicture(other);
  const closed = { [Symbol.asyncDispose]: () => context.close() };
  return { page: other, ...closed };
}
