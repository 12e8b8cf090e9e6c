// Every page of the real installation, as it is seen: on a phone, a laptop and a wide screen, in light and dark. Pictures are
// kept in test/artifacts for people; what can be judged by a program (axe, sideways scrolling, errors) is asserted.
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { newRecordingId } from '../../stream-gateway/store/recordings/recording-id.ts';
import { noteView } from '../../stream-gateway/store/recordings/views.ts';
import { gap } from '../../stream-gateway/store/recordings/write.ts';
import { runningSession } from '../support/api.ts';
import { canvasFingerprint, keepPicture, openBrowser, signedIn, untilTrue, withAxe } from '../support/browser.ts';
import { databaseOf } from '../support/database.ts';
import { playableRecording } from '../support/playable-recording.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const SESSION = 'looked-at';
const RECORDING = newRecordingId(new Date());
/** Each page is loaded once on each of them, and seen in all of its sizes and both schemes. */
const DEVICES = [
  { device: 'phone', hasTouch: true, sizes: [{ width: 360, height: 740 }] },
  {
    device: 'computer',
    hasTouch: false,
    sizes: [
      { width: 1280, height: 800 },
      { width: 2560, height: 1440 },
    ],
  },
] as const;
const SCHEMES = ['light', 'dark'] as const;

/** Address, and the heading (or the part) that says that the page is whole. */
const PAGES: Readonly<Record<string, { readonly path: string; readonly shows: string }>> = {
  home: { path: '/', shows: `a[href$="/${SESSION}"]` },
  catalog: { path: '/catalog', shows: 'article' },
  template: { path: '/catalog/streamspace/terminal', shows: 'h1' },
  sessions: { path: '/sessions', shows: `a[href$="/${SESSION}"]` },
  session: { path: `/sessions/team-web/${SESSION}`, shows: 'h1' },
  sources: { path: '/sources', shows: 'a[href$="/sources/streamspace/platform"]' },
  source: { path: '/sources/streamspace/platform', shows: '.ss-tab[aria-current]' },
  'source-plan': { path: '/sources/streamspace/platform?tab=plan', shows: 'section[aria-label="Last plan"]' },
  'source-objects': { path: '/sources/streamspace/platform?tab=objects', shows: '.ss-tree-row' },
  'source-object': {
    path: `/sources/streamspace/platform?tab=objects&object=${encodeURIComponent('streamspace.io/Template/streamspace/terminal')}`,
    shows: '.ss-panel .ss-facts',
  },
  'source-history': { path: '/sources/streamspace/platform?tab=history', shows: '.ss-history tbody tr' },
  recordings: { path: '/recordings', shows: `a[href$="/recordings/${RECORDING}"]` },
  recording: { path: `/recordings/${RECORDING}`, shows: 'section[aria-label="Player"] canvas[data-shown="true"]' },
  people: { path: '/people', shows: 'a[href$="/people/admin"]' },
  person: { path: '/people/admin', shows: 'h1' },
  teams: { path: '/teams', shows: 'a[href$="/teams/web"]' },
  team: { path: '/teams/web', shows: 'h1' },
  audit: { path: '/audit', shows: 'tbody tr' },
  access: { path: '/access', shows: 'h1' },
  quotas: { path: '/quotas', shows: 'h1' },
  health: { path: '/health', shows: 'tbody tr' },
  changes: { path: '/changes?show=all', shows: '.ss-tab[aria-current]' },
  account: { path: '/me', shows: 'h1' },
  desktop: { path: `/s/team-web/${SESSION}`, shows: 'canvas' },
  share: { path: '/share', shows: 'h1' },
  'not-found': { path: '/no/such/page', shows: 'h1' },
};

let browser: Browser;
let session: AsyncDisposable;
beforeAll(async () => {
  browser = await openBrowser();
  session = await runningSession(servers, SESSION, 'admin');
  await using db = databaseOf(servers);
  const folder = join(servers.stateDir, 'recordings');
  await playableRecording(db, folder, { id: RECORDING, keyPrefix: `recordings/${RECORDING}`, owner: 'admin' });
  await gap(db, RECORDING, { fromMs: 30_000, toMs: 33_000, code: 'DatabaseUnavailable' });
  await noteView(db, RECORDING, {
    ...{ person: 'auditor', segment: 1, startMs: 0, endMs: 60_000 },
    ...{ download: false, at: new Date() },
  });
}, 90_000);
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await using db = databaseOf(servers);
  await db.query('delete from recordings where id = $1', [RECORDING]);
  await browser.close();
});

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly target: readonly string[]; readonly html: string }[];
}

/** Findings that keep somebody out, colours included: what is painted is judged here. */
async function findings(page: Page): Promise<readonly string[]> {
  const violations = await page.evaluate<readonly Violation[]>(
    'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)',
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target, html }) => `${target.join(' ')} ${html.slice(0, 120)}`).join('; ')}`);
}

/** Loaded, and in the colours it will have: a colour that is on its way to another has no contrast to judge. */
async function settled(page: Page, colorScheme: (typeof SCHEMES)[number]): Promise<void> {
  await untilTrue(
    page,
    `the page is whole and ${colorScheme}`,
    `document.querySelector('[data-loading], [aria-busy="true"]') === null &&
      document.documentElement.dataset.mantineColorScheme === '${colorScheme}' &&
      document.getAnimations().every(({ playState, effect }) =>
        playState !== 'running' || effect?.getComputedTiming().endTime === Infinity)`,
  );
}

describe.each(DEVICES)('on a $device', ({ hasTouch, sizes }) => {
  test('no page scrolls sideways, has a serious finding of axe, or an error in its console', async () => {
    const { context, page } = await signedIn(browser, servers, 'admin', {
      viewport: sizes[0] ?? null,
      hasTouch,
    });
    await withAxe(page);
    const problems: string[] = [];
    let at = '';
    page.on('pageerror', (error) => problems.push(`${at}: ${error.message}`));
    page.on('console', (message) => {
      // Also what the content security policy has refused.
      if (message.type() === 'error') problems.push(`${at}: ${message.text()}`);
    });
    for (const [name, { path, shows }] of Object.entries(PAGES)) {
      at = name;
      await page.goto(`${servers.url}${path}`);
      for (const [size, colorScheme] of sizes.flatMap((size) => SCHEMES.map((scheme) => [size, scheme] as const))) {
        at = `${name} at ${size.width} px in ${colorScheme}`;
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme });
        await page.locator(shows).filter({ visible: true }).first().waitFor();
        if (name === 'desktop') await eventually('a picture', async () => (await canvasFingerprint(page)).colours > 4);
        await settled(page, colorScheme);
        problems.push(...(await findings(page)).map((finding) => `${at}: ${finding}`));
        const sideways = await page.evaluate<number>(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        if (sideways > 0) problems.push(`${at}: ${sideways} px wider than the window`);
        await keepPicture(page, `pages/${name}-${size.width}-${colorScheme}`);
      }
    }
    await context.close();
    expect(problems).toEqual([]);
  }, 300_000);
});

test('a page whose parts are cut off while they load is loaded again by itself', async () => {
  const page = await browser.newPage();
  let cut = 0;
  await page.route('**/assets/**', async (route) => {
    if (cut >= 3 || !route.request().url().endsWith('.js')) return await route.continue();
    cut += 1;
    await route.abort('internetdisconnected');
  });
  await page.goto(servers.url);
  await page
    .getByRole('link', { name: 'Sign in' })
    .or(page.getByRole('button', { name: 'Sign in' }))
    .first()
    .waitFor();
  expect(cut).toBe(3);
  await page.close();
});
