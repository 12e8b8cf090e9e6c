// Every page as each of the five people of an installation: whole for whom it is, and for everybody else a word that says whose it is
// and who grants the right. Never an empty frame, an error, or a link to what one may not open.
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { newRecordingId } from '../../stream-gateway/store/recordings/recording-id.ts';
import { runningSession } from '../support/api.ts';
import { openBrowser, signedIn, untilTrue } from '../support/browser.ts';
import { databaseOf } from '../support/database.ts';
import { playableRecording } from '../support/playable-recording.ts';

const servers = inject('servers');
const SESSION = 'five-people';
const RECORDING = newRecordingId(new Date());

const PEOPLE = ['admin', 'lead', 'member', 'viewer', 'auditor'] as const;
type Who = (typeof PEOPLE)[number];
const ALL: readonly Who[] = PEOPLE;
const PLATFORM: readonly Who[] = ['admin', 'auditor'];

interface PageOf {
  readonly path: string;
  /** What is there when it is whole. */
  readonly shows: string;
  readonly of: readonly Who[];
  /** What everybody else reads. Default: that it is not his to see. */
  readonly others?: RegExp;
}

const NOT_YOURS = /You may not see this/;
const PAGES: Readonly<Record<string, PageOf>> = {
  home: { path: '/', shows: 'h1', of: ALL },
  catalog: { path: '/catalog', shows: 'article', of: ALL },
  template: { path: '/catalog/streamspace/terminal', shows: 'h1', of: ALL },
  sessions: { path: '/sessions?whose=all', shows: `a[href$="/${SESSION}"]`, of: ALL },
  session: { path: `/sessions/team-web/${SESSION}`, shows: 'h1', of: ALL },
  sources: { path: '/sources', shows: 'a[href$="/sources/streamspace/platform"]', of: PLATFORM },
  source: { path: '/sources/streamspace/platform', shows: '.ss-tab[aria-current]', of: PLATFORM },
  recordings: {
    ...{ path: '/recordings', shows: `a[href$="/recordings/${RECORDING}"]`, of: ['admin', 'lead', 'member', 'auditor'] },
    // His own are listed there, and he has none.
    others: /No recordings/,
  },
  recording: {
    ...{ path: `/recordings/${RECORDING}`, shows: 'section[aria-label="Player"]' },
    of: ['admin', 'lead', 'member', 'auditor'],
    // Whether it is there is not his to know.
    others: /There is no such recording|You may not see this/,
  },
  people: { path: '/people', shows: 'a[href$="/people/member"]', of: PLATFORM },
  person: { path: '/people/member', shows: 'h1', of: PLATFORM },
  teams: { path: '/teams', shows: 'a[href$="/teams/web"]', of: ALL },
  team: { path: '/teams/web', shows: 'h1', of: ALL },
  audit: { path: '/audit', shows: 'tbody tr', of: PLATFORM },
  changes: { path: '/changes?show=all', shows: '.ss-tab[aria-current]', of: ALL },
  quotas: { path: '/quotas', shows: 'h1', of: ALL },
  health: { path: '/health', shows: 'tbody tr', of: PLATFORM },
  access: { path: '/access', shows: 'tbody tr', of: ALL },
  account: { path: '/me', shows: 'h1', of: ALL },
};
/** The pages that the side bar leads to. */
const LINKED = [
  'home',
  'catalog',
  'sessions',
  'recordings',
  'sources',
  'changes',
  'teams',
  'audit',
  'people',
  'health',
  'account',
];

let browser: Browser;
let session: AsyncDisposable;
beforeAll(async () => {
  browser = await openBrowser();
  session = await runningSession(servers, SESSION, 'member');
  await using db = databaseOf(servers);
  await playableRecording(db, join(servers.stateDir, 'recordings'), {
    ...{ id: RECORDING, keyPrefix: `recordings/${RECORDING}`, owner: 'member' },
  });
}, 90_000);
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await using db = databaseOf(servers);
  await db.query('delete from recordings where id = $1', [RECORDING]);
  await browser.close();
});

/** @returns what is not as it should be */
async function visit(page: Page, who: Who, { path, shows, of, others = NOT_YOURS }: PageOf): Promise<string | undefined> {
  await page.goto(`${servers.url}${path}`);
  const main = page.getByRole('main');
  const alert = main.getByRole('alert').first();
  const whole = main.locator(shows).filter({ visible: true }).first();
  if (of.includes(who)) {
    await Promise.race([whole.waitFor(), alert.waitFor()]);
    await untilTrue(
      page,
      'nothing is loading',
      'document.querySelector(\'main [data-loading], main [aria-busy="true"]\') === null',
    );
    return (await alert.isVisible()) ? `it says: ${await alert.textContent()}` : undefined;
  }
  await main.getByText(others).first().waitFor();
  return undefined;
}

describe.each(PEOPLE)('%s', (who) => {
  test('P-00-2 sees every page that is his, and of every other one whose it is; the side bar leads to those alone', async () => {
    const { context, page } = await signedIn(browser, servers, who);
    const problems: string[] = [];
    let at = '';
    page.on('pageerror', (error) => problems.push(`${at}: ${error.message}`));
    page.on('response', (response) => {
      if (response.status() >= 500) problems.push(`${at}: ${response.status()} of ${response.url()}`);
    });
    for (const [name, each] of Object.entries(PAGES)) {
      at = name;
      const problem = await visit(page, who, each).catch((error: Error) => error.message.split('\n', 1)[0]);
      if (problem !== undefined) problems.push(`${name}: ${problem}`);
    }
    await page.goto(servers.url);
    const bar = page.getByRole('navigation', { name: 'Main' });
    await bar.getByRole('link').first().waitFor();
    const links = await Promise.all((await bar.getByRole('link').all()).map((link) => link.getAttribute('href')));
    const his = LINKED.filter((name) => name === 'recordings' || PAGES[name]?.of.includes(who)).map(
      (name) => PAGES[name]?.path.split('?')[0],
    );
    expect(problems).toEqual([]);
    expect(new Set(links)).toEqual(new Set(his));
    await context.close();
  }, 180_000);
});
