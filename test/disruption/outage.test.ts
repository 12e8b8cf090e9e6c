// A minute without PostgreSQL, a minute without the API server: running streams go on, the rest says what is missing, and
// everything recovers by itself.
import { setTimeout as wait } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { apiAs, openDesktop, runningSession } from '../support/api.ts';
import { freezePart } from '../support/parts.ts';
import type { RfbClient } from '../support/rfb-client.ts';
import { eventually } from '../support/wait.ts';

const servers = inject('servers');
const OUTAGE_MS = 60_000;

/** Types, and resolves when the picture is another one. */
async function typed(viewer: RfbClient, text: string): Promise<void> {
  const before = viewer.frame;
  viewer.type(text);
  await viewer.waitForChange(before);
}

const codeOf = async (path: string): Promise<string | undefined> =>
  (await apiAs(servers, 'member').get<{ code?: string }>(path)).body.code;

test('G-66 a stream goes on while PostgreSQL hangs for a minute, and the API says so with a code', async () => {
  await using _session = await runningSession(servers, 'e2e-database', 'member');
  const viewer = await openDesktop(servers, 'member', 'e2e-database');
  {
    await using _frozen = await freezePart(servers, 'database');
    const until = performance.now() + OUTAGE_MS;
    expect(await codeOf('/me')).toBe('DatabaseUnavailable');
    await typed(viewer, 'echo still here\n');
    await wait(Math.max(0, until - performance.now()));
    await typed(viewer, 'echo and still\n');
  }
  await eventually('the API is well again', async () => (await codeOf('/me')) === undefined);
  await viewer.close();
});

test('a stream goes on while the API server hangs for a minute, and everything recovers', async () => {
  await using _session = await runningSession(servers, 'e2e-apiserver', 'member');
  const viewer = await openDesktop(servers, 'member', 'e2e-apiserver');
  {
    await using _frozen = await freezePart(servers, 'kube-apiserver');
    const until = performance.now() + OUTAGE_MS;
    expect(await codeOf('/namespaces/team-web/sessions/e2e-apiserver')).toBe('ClusterUnreachable');
    await typed(viewer, 'echo still here\n');
    await wait(Math.max(0, until - performance.now()));
  }
  await eventually(
    'the API is well again',
    async () => (await codeOf('/namespaces/team-web/sessions/e2e-apiserver')) === undefined,
    { timeoutMs: 60_000 },
  );
  await using _another = await runningSession(servers, 'e2e-afterwards', 'member');
  await viewer.close();
}, 240_000);
