// A policy from Git to the stream that is open: what it stops, what the person reads, what the audit keeps.
import { createHash, randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { runningSession } from '../support/api.ts';
import { type AuditRow, databaseOf } from '../support/audit.ts';
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

const NAME = `dlp-${randomUUID().slice(0, 6)}`;
const CARD = '4111 1111 1111 1111';

/** For this session alone: other tests use the team's clipboard too. */
const policy = (clipboard: string): string => `apiVersion: streamspace.io/v1alpha1
kind: DlpPolicy
metadata:
  name: ${NAME}
  namespace: team-web
spec:
  targets:
    cel: session.metadata.name == "${NAME}"
  clipboard:
${clipboard}`;

const CARDS_STAY_OUT = policy(`    rules:
      - name: card-numbers
        detector: CardNumber
        action: Block
`);
const NOTHING_LEAVES = policy(`    down: false
    rules:
      - name: card-numbers
        detector: CardNumber
        action: Redact
`);

/** Written behind the stream. */
function eventOf(type: string, fits: (row: AuditRow) => boolean): Promise<AuditRow> {
  return eventually(`${type} of ${NAME}`, async () => {
    await using db = databaseOf(servers);
    const rows = await db.query<AuditRow & Record<string, unknown>>(
      'select type, actor, result, object, source_address, details from audit_events where object = $1 and type = $2 order by seq',
      [`Session/team-web/${NAME}`, type],
    );
    return rows.find(fits) ?? false;
  });
}

async function openClipboard(page: Page): Promise<void> {
  await page.mouse.move(640, 2); // the bar comes down
  await page.getByRole('button', { name: /^Clipboard/ }).click();
}

/** As a person does: text into the panel, then pasted inside the desktop, which only then asks for it. */
async function paste(page: Page, text: string): Promise<void> {
  await openClipboard(page);
  await page.getByLabel('Text for the desktop').fill(text);
  await page.getByRole('button', { name: 'Send to the desktop' }).click();
  await page.keyboard.press('Escape');
  await page.locator('canvas').click();
  await page.keyboard.press('Shift+Insert');
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test('G-32 P-08-2 a policy that is pushed holds in the open stream within 2 s, without a reconnect, and the audit has its commit', async () => {
  await using _session = await runningSession(servers, NAME, 'member');
  await using clone = await cloneAs(servers, 'lead');
  const { context, page } = await signedIn(browser, servers, 'member');
  await page.goto(`${servers.url}/s/team-web/${NAME}`);
  await page.locator('canvas').waitFor({ timeout: 60_000 });
  await eventually('the desktop shows a picture', async () => (await canvasFingerprint(page)).colours > 4);
  await paste(page, 'as long as nothing forbids it');
  expect(await eventOf('clipboard.passed', ({ details }) => details?.['direction'] === 'Up')).toMatchObject({
    actor: 'member',
    details: { sha256: sha256('as long as nothing forbids it') },
  });

  const commit = await clone.push('Keep card numbers out', { [`policies/${NAME}.yaml`]: CARDS_STAY_OUT });
  const pushedAt = performance.now();
  const applied = async (): Promise<boolean> =>
    (
      await kubectl(servers, [
        'get',
        'session',
        NAME,
        '-n',
        'team-web',
        '-o',
        'jsonpath={.status.effectivePolicy.policies[*].name}',
      ])
    )
      .split(' ')
      .includes(NAME);
  await eventually('the policy is that of the session', applied, { everyMs: 50 });
  process.stdout.write(`from the push to the policy of the session: ${Math.round(performance.now() - pushedAt)} ms\n`);
  const changed = await eventOf('policy.changed', ({ details }) => String(details?.['policies']).includes(NAME));
  expect(changed.details?.['oldHash']).not.toBe(changed.details?.['newHash']);
  await eventOf('policy.traced', ({ details }) => String(details?.['policies']).includes(commit));

  await paste(page, `pay with ${CARD}`);
  await page.getByText(new RegExp(`stopped by policy team-web/${NAME}`)).waitFor({ timeout: 10_000 });
  await keepPicture(page, 'data-loss-prevention');
  const denied = await eventOf('clipboard.denied', ({ details }) => details?.['rule'] === 'clipboardContent');
  expect(denied).toMatchObject({ actor: 'member', result: 'refused' });
  expect(JSON.stringify(denied)).not.toContain('4111');
  await paste(page, 'and this still passes');
  await eventOf('clipboard.passed', ({ details }) => details?.['sha256'] === sha256('and this still passes'));

  await clone.push('Let nothing leave', { [`policies/${NAME}.yaml`]: NOTHING_LEAVES });
  await openClipboard(page);
  await page.getByText(`Copying out of this desktop is off: policy team-web/${NAME}.`).waitFor({ timeout: 10_000 });
  await keepPicture(page, 'data-loss-prevention-off');
  await page.keyboard.press('Escape');

  // One stream from the first to the last.
  await using db = databaseOf(servers);
  const opened = await db.query('select 1 from audit_events where object = $1 and type = $2', [
    `Session/team-web/${NAME}`,
    'stream.opened',
  ]);
  expect(opened).toHaveLength(1);
  await page.goto(`${servers.url}/sessions/team-web/${NAME}`);
  const rules = page.getByRole('region', { name: 'Rules in force' });
  await rules.getByText('Not allowed from').waitFor();
  await rules
    .getByText(/commit [0-9a-f]{12}/)
    .first()
    .waitFor();
  await keepPicture(page, 'rules-in-force');
  await context.close();
  await clone.push('Take the policy back', { [`policies/${NAME}.yaml`]: null });
  const left = async (): Promise<string> =>
    await kubectl(servers, ['get', 'dlppolicies', '-n', 'team-web', '--ignore-not-found', '-o', 'name']);
  await eventually('the policy is gone', async () => !(await left()).includes(NAME));
}, 180_000);
