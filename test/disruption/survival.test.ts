// What a session survives: a gateway that is killed, a pod that is killed, a controller that is killed in mid-sync.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { runningSession, untilPhase } from '../support/api.ts';
import { canvasFingerprint, openBrowser, signedIn } from '../support/browser.ts';
import { cloneAs } from '../support/clone.ts';
import { kubectl, kubectlJson } from '../support/kubectl.ts';
import { killPart } from '../support/parts.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
});

test('a viewer reconnects by itself after the gateway was killed', async () => {
  await using session = await runningSession(servers, 'e2e-gateway', 'member');
  const { context, page } = await signedIn(browser, servers, 'member');
  await page.goto(`${servers.url}/s/team-web/e2e-gateway`);
  await page.locator('canvas').waitFor({ timeout: 30_000 });
  await eventually('the desktop shows a picture', async () => (await canvasFingerprint(page)).colours > 4);
  await killPart(servers, 'gateway');
  const quiet = await canvasFingerprint(page);
  await eventually(
    'typing reaches the desktop again',
    async () => {
      await page.locator('canvas').click({ timeout: 1000 });
      await page.keyboard.type('echo back\n', { delay: 20 });
      return (await canvasFingerprint(page)).hash !== quiet.hash;
    },
    { timeoutMs: 30_000, everyMs: 500 },
  );
  expect(session.path).toContain('e2e-gateway');
  await context.close();
});

test('G-44 a killed desktop pod comes back with its home', async () => {
  await using _session = await runningSession(servers, 'e2e-pod', 'member');
  const pod = 'e2e-pod-0';
  const inPod = (script: string): Promise<string> => kubectl(servers, ['exec', '-n', 'team-web', pod, '--', 'sh', '-c', script]);
  await inPod('echo kept > /home/user/note.txt');
  const { metadata } = await kubectlJson<{ metadata: { uid: string } }>(servers, ['get', 'pod', '-n', 'team-web', pod]);
  await kubectl(servers, ['delete', 'pod', '-n', 'team-web', pod, '--grace-period=0', '--force']);
  await eventually('another pod runs', async () => {
    const now = await kubectlJson<{ metadata: { uid: string }; status: { phase: string } }>(servers, [
      'get',
      'pod',
      '-n',
      'team-web',
      pod,
    ]);
    return now.metadata.uid !== metadata.uid && now.status.phase === 'Running';
  });
  await untilPhase(servers, 'member', 'e2e-pod', 'Running');
  expect(await eventually('the home can be read', () => inPod('cat /home/user/note.txt'))).toBe('kept\n');
});

test('S-082 a controller that is killed in mid-sync converges, and its inventory covers what is there', async () => {
  await using clone = await cloneAs(servers, 'lead');
  const count = 150;
  const configMaps = Array.from(
    { length: count },
    (_, index) => `apiVersion: v1
kind: ConfigMap
metadata: {name: killed-${index}, namespace: streamspace, labels: {test: killed}}
data: {index: "${index}"}
`,
  ).join('---\n');
  const countLive = async (): Promise<number> =>
    (await kubectl(servers, ['get', 'configmap', '-n', 'streamspace', '-l', 'test=killed', '-o', 'name']))
      .split('\n')
      .filter(Boolean).length;
  await clone.push('Add many', { 'many.yaml': configMaps });
  await eventually('the sync has begun', async () => (await countLive()) > 0, { everyMs: 10 });
  await killPart(servers, 'controller');
  await eventually('everything is there', async () => (await countLive()) === count, { timeoutMs: 60_000 });
  const reverted = await clone.revert();
  // More than half of what this GitSync has put there: the guard waits until somebody confirms it for this commit.
  await kubectl(servers, [
    'annotate',
    'gitsync',
    'platform',
    '-n',
    'streamspace',
    '--overwrite',
    `streamspace.io/confirm-deletions=${reverted}`,
  ]);
  await eventually('everything is gone again', async () => (await countLive()) === 0, { timeoutMs: 60_000 });
});
