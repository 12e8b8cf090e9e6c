// A passkey in Chromium, with its virtual authenticator: enrolled, signed in with, and asked for again.
import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { RecordingList } from '../../schemas/api/recordings.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { apiAs, runningSession } from '../support/api.ts';
import { databaseOf } from '../support/audit.ts';
import { keepPicture, openBrowser, signedIn } from '../support/browser.ts';
import { personOf } from '../support/servers.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const NAME = `factor-${randomUUID().slice(0, 6)}`;
const TARGETS = { targets: { cel: `session.metadata.name == "${NAME}"` } };
const OBJECTS = [
  ['SignInPolicy', RESOURCES.signInPolicies, { stepUp: { for: ['Exec', 'ViewRecording', 'Approve'], maxAgeSeconds: 120 } }],
  ['SessionPolicy', RESOURCES.sessionPolicies, { ...TARGETS, console: { allow: true } }],
  ['RecordingPolicy', RESOURCES.recordingPolicies, { ...TARGETS, record: 'Always', segmentSeconds: 10 }],
] as const;
let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
  await using client = createKubeClient({ kubeconfig: servers.kubeconfig });
  const metadata = { name: NAME, namespace: 'team-web' };
  for (const [kind, resource, spec] of OBJECTS) {
    const body = JSON.stringify({ apiVersion: API_GROUP_VERSION, kind, metadata, spec });
    await client.apply(resource, 'team-web', NAME, body, { fieldManager: 'test', force: true });
  }
});
afterAll(async () => {
  await browser.close();
  await using client = createKubeClient({ kubeconfig: servers.kubeconfig });
  for (const [, resource] of OBJECTS) await client.delete(resource, 'team-web', NAME);
  await using db = databaseOf(servers);
  for (const table of ['passkeys', 'totp_secrets', 'recovery_codes'])
    await db.query(`delete from ${table} where person = 'member'`);
});

/** One that verifies whoever asks, for this tab. */
async function addAuthenticator(context: BrowserContext, page: Page): Promise<void> {
  const cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const able = { hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
  await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', ...able } });
}

/** As if the factor had been given longer ago than the policy lets it be. */
async function anHourLater(): Promise<void> {
  await using db = databaseOf(servers);
  await db.query("update sign_ins set proven_at = proven_at - interval '1 hour' where person = 'member'");
}

async function stepUp(page: Page, words: RegExp, picture: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Show that it is you' });
  await dialog.getByText(words).waitFor();
  await keepPicture(page, picture);
  await dialog.getByRole('button', { name: 'Use a passkey' }).click();
  await dialog.waitFor({ state: 'hidden' });
}

async function recordedOf(name: string): Promise<string> {
  const path = `/recordings?session=${encodeURIComponent(`team-web/${name}`)}`;
  const found = await eventually(
    'a segment is closed',
    async () => {
      const recording = (await apiAs(servers, 'member').get<RecordingList>(path)).body.items[0];
      return recording !== undefined && recording.segments > 0 && recording;
    },
    { timeoutMs: 120_000 },
  );
  return found.id;
}

test('P-01-9 a passkey is enrolled, signs in, and is asked for again before a console and a recording', async () => {
  await using _session = await runningSession(servers, NAME, 'member');
  const { context, page } = await signedIn(browser, servers, 'member');
  await addAuthenticator(context, page);

  await page.goto(`${servers.url}/me`);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByLabel('Name of the passkey').fill('laptop');
  await page.keyboard.press('Enter');
  await page.getByText('Keep these codes').waitFor();
  expect(await page.locator('.ss-recovery-codes li').count()).toBe(10);
  await keepPicture(page, 'second-factor-codes');
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByRole('rowheader', { name: 'laptop' }).waitFor();
  await page.getByText('10 are left.').waitFor();
  await keepPicture(page, 'second-factors');

  await context.clearCookies();
  await page.goto(`${servers.url}/sessions/team-web/${NAME}`);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Name').fill('member');
  await page.getByLabel('Password').fill(personOf(servers, 'member').password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'One more step' }).waitFor();
  expect((await context.cookies(servers.url)).map(({ name }) => name)).not.toContain('streamspace_session');
  await keepPicture(page, 'second-factor-sign-in');
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.getByRole('link', { name: 'Open a console' }).waitFor();
  expect(new URL(page.url()).pathname).toBe(`/sessions/team-web/${NAME}`);

  // It was given a moment ago.
  await page.getByRole('link', { name: 'Open a console' }).click();
  await page.getByText('Connected', { exact: true }).waitFor();
  await anHourLater();
  await page.goto(`${servers.url}/sessions/team-web/${NAME}/console`);
  await stepUp(page, /Opening a console/, 'step-up');
  await page.getByText('Connected', { exact: true }).waitFor();

  await page.goto(`${servers.url}/s/team-web/${NAME}`);
  const id = await recordedOf(NAME);
  await anHourLater();
  await page.goto(`${servers.url}/recordings/${id}`);
  await stepUp(page, /Watching this recording/, 'step-up-recording');
  await page.locator('canvas[data-shown="true"]').waitFor({ timeout: 30_000 });

  await using db = databaseOf(servers);
  const events = await db.query<{ type: string; code: string | null }>(
    `select type, details->>'code' as code from audit_events
      where actor = 'member' and (type like 'factor.%' or details->>'code' = 'StepUpRequired') order by seq`,
  );
  const told = events.map(({ type, code }) => `${type} ${code ?? ''}`.trim());
  expect(told).toEqual(
    expect.arrayContaining([
      'factor.enrolled',
      'console.refused StepUpRequired',
      'request.refused StepUpRequired',
      'factor.used',
    ]),
  );
  await context.close();
});

test('P-01-9 a key is refused what a step-up is asked for', async () => {
  const answer = await apiAs(servers, 'member').send('POST', `/namespaces/team-web/sessions/${NAME}/console-tickets`);
  expect(answer).toMatchObject({ status: 403, body: { code: 'StepUpRequired', stepUp: { for: 'Exec', methods: [] } } });
  const approval = await apiAs(servers, 'lead').send('POST', '/namespaces/team-web/changes/none/approve', {
    commit: 'a'.repeat(40),
  });
  expect(approval).toMatchObject({ status: 403, body: { code: 'StepUpRequired', stepUp: { for: 'Approve', methods: [] } } });
});
