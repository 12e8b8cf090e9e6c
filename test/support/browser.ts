// Debian's Chromium, driven by playwright-core, with everything that calls out switched off.
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { ROOT } from './command.ts';
import { personOf, type Servers } from './servers.ts';
import { eventually } from './wait.ts';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: ARGUMENTS });
}

/** A window of its own (cookies included), signed in through the identity provider's own page. */
export async function signedIn(
  browser: Browser,
  servers: Servers,
  name: string,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  await page.goto(servers.url);
  await page
    .getByRole('link', { name: 'Sign in' })
    .or(page.getByRole('button', { name: 'Sign in' }))
    .first()
    .click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(personOf(servers, name).password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => url.href.startsWith(servers.url));
  return { context, page };
}

/**
 * What the content security policy has refused in this window, as the browser tells it in its console; grows as it happens.
 * Nothing is refused in a window with `bypassCSP`.
 */
export function refusedByPolicy(page: Page): readonly string[] {
  const refused: string[] = [];
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) refused.push(`${page.url()}: ${message.text()}`);
  });
  return refused;
}

/**
 * Waits until an expression of the page is true. Playwright's own `waitForFunction` evaluates text again in the page, where the
 * content security policy refuses it.
 */
export async function untilTrue(page: Page, what: string, expression: string): Promise<void> {
  await eventually(what, () => page.evaluate<boolean>(expression));
}

/** Puts axe into each page that is opened from now on; as a script of the page the content security policy would refuse it. */
export async function withAxe(page: Page): Promise<void> {
  await page.addInitScript({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') });
}

/** Keeps a picture of the page for people to look at; README and docs use some of them. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const path = join(ROOT, 'test/artifacts', `${name}.png`);
  await mkdir(dirname(path), { recursive: true });
  await page.screenshot({ path });
}

// Runs in the page, so it is text: the types of the DOM stay out of Node's.
const FINGERPRINT = `(() => {
  const canvas = document.querySelector('canvas');
  const context = canvas && canvas.width > 0 ? canvas.getContext('2d') : null;
  if (!context) return { colours: 0, hash: 0 };
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set();
  let hash = 0;
  for (let index = 0; index < data.length; index += 4) {
    const colour = (data[index] << 16) | (data[index + 1] << 8) | data[index + 2];
    colours.add(colour);
    hash = (Math.imul(hash, 31) + colour) | 0;
  }
  return { colours: colours.size, hash };
})()`;

/** How many different colours the desktop's canvas shows, and a hash of its pixels: what a person would call "the picture". */
export function canvasFingerprint(page: Page): Promise<{ readonly colours: number; readonly hash: number }> {
  return page.evaluate(FINGERPRINT);
}

/** Rules of axe that the page breaks seriously, after {@link withAxe}. */
export async function axeFindings(page: Page): Promise<readonly string[]> {
  return await page.evaluate<readonly string[]>(
    `axe.run(document).then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id))`,
  );
}

/** By how many pixels the page is wider than its window. */
export async function widthBeyond(page: Page): Promise<number> {
  return await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** What a field for a time takes, so many seconds from now in the zone of the browser, which is ours. */
export function inSeconds(seconds: number): string {
  const at = new Date(Date.now() + seconds * 1000);
  const text = new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
  return text.replace(/:00$/, ''); // the field leaves a whole minute without its seconds
}
