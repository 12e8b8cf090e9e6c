// A minute without PostgreSQL, a minute without the API server: running streams go on, the rest says what is missing, and
// everything recovers by itself.
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { cutText } from '../../stream-gateway/rfb/cut-text.ts';
import { apiAs, openDesktop, runningSession } from '../support/api.ts';
import { databaseOf } from '../support/database.ts';
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

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const codeOf = async (path: string): Promise<string | undefined> =>
  (await apiAs(servers, 'member').get<{ code?: string }>(path)).body.code;

/** Of what was copied into the session. */
async function copiedInto(name: string): Promise<readonly string[]> {
  await using db = databaseOf(servers);
  const rows = await db.query<{ readonly sha256: string }>(
    `select details->>'sha256' as sha256 from audit_events where type = 'clipboard.passed' and object like $1 order by seq`,
    [`%/${name}`],
  );
  return rows.map(({ sha256 }) => sha256);
}

test('G-66 a stream goes on while PostgreSQL hangs for a minute, the API says so with a code, and no event is lost', async () => {
  await using _session = await runningSession(servers, 'e2e-database', 'member');
  const viewer = await openDesktop(servers, 'member', 'e2e-database');
  const copied = Array.from({ length: 12 }, (_, number) => `copied in the dark ${number} ${randomUUID()}`);
  {
    await using _frozen = await freezePart(servers, 'database');
    const until = performance.now() + OUTAGE_MS;
    expect(await codeOf('/me')).toBe('DatabaseUnavailable');
    await typed(viewer, 'echo still here\n');
    for (const text of copied) {
      viewer.send(cutText('client', Buffer.from(text), { extended: false }));
      await wait(Math.max(0, (until - performance.now()) / copied.length));
    }
    await wait(Math.max(0, until - performance.now()));
    await typed(viewer, 'echo and still\n');
  }
  await eventually('the API is well again', async () => (await codeOf('/me')) === undefined);
  // In the order in which they happened.
  await expect.poll(() => copiedInto('e2e-database'), { timeout: 60_000 }).toEqual(copied.map(hashOf));
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
