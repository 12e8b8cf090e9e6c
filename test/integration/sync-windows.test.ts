// Sync windows against the clock: closed, opened by the clock alone, passed by hand.
import { expect, inject, test } from 'vitest';
import type { SyncWindow } from '../../schemas/kinds/git-sync/sync-window.ts';
import { eventually } from '../support/wait.ts';
import { freshWorld } from '../support/world.ts';

const servers = inject('servers');
const configMap = (name: string, data: object = { k: 'v' }): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
/** Every minute, for a minute: always. */
const always: Pick<SyncWindow, 'schedule' | 'duration' | 'timeZone'> = { schedule: '* * * * *', duration: '1m', timeZone: 'UTC' };

test('S-092 a closed window lets nothing be written, tells drift and what waits, and by hand it passes where it says so', async () => {
  await using world = await freshWorld(servers);
  await world.apply({ 'a.yaml': configMap('a') });
  await world.patch({ spec: { windows: [{ kind: 'Deny', ...always, description: 'a freeze' }] } });
  await world.until('it is closed', (now) => now.conditions?.[0]?.reason === 'WindowClosed');
  await world.kubectl(['patch', 'configmap', 'a', '--type=merge', '-p', '{"data":{"k":"edited"}}']);
  const told = await world.until(
    'the drift is told',
    (now) => now.conditions?.some(({ type, status }) => type === 'Drifted' && status === 'True') ?? false,
  );
  expect(told.conditions?.[0]?.message).toMatch(/a freeze.*1 objects differ from Git: ConfigMap/);
  const sha = await world.push({ 'b.yaml': configMap('b') });
  await world.until(
    'the commit waits',
    (now) => now.conditions?.[0]?.message.includes(`revision ${sha.slice(0, 12)} waits`) ?? false,
  );
  await world.sync();
  expect(await world.read('configmap', 'b')).toBeUndefined();
  expect(await world.read('configmap', 'a')).toMatchObject({ data: { k: 'edited' } });
  await world.patch({ spec: { windows: [{ kind: 'Deny', ...always, manual: true }] } });
  await world.until('the new rule is seen', (now) => !(now.conditions?.[0]?.message.includes('a freeze') ?? true));
  await world.sync();
  expect(await world.read('configmap', 'b')).toBeDefined();
  expect(await world.read('configmap', 'a')).toMatchObject({ data: { k: 'v' } });
});

test('S-092 at the edge it opens by itself, though the repository is polled every 10 minutes', async () => {
  await using world = await freshWorld(servers);
  await world.apply({ 'a.yaml': configMap('a') });
  const opens = new Date(Math.ceil((Date.now() + 25_000) / 60_000) * 60_000);
  const schedule = `${new Date(opens.getTime() - 120_000).getUTCMinutes()} * * * *`;
  await world.patch({ spec: { windows: [{ kind: 'Deny', schedule, duration: '2m', timeZone: 'UTC' }] } });
  const closed = await world.until('it is closed', (now) => now.conditions?.[0]?.reason === 'WindowClosed');
  expect(closed.conditions?.[0]?.message).toContain(`it opens at ${opens.toISOString().replace('.000Z', 'Z')}`);
  await world.push({ 'b.yaml': configMap('b') });
  await eventually('it is open', async () => (await world.read('configmap', 'b')) !== undefined, { timeoutMs: 150_000 });
  expect(Date.now()).toBeGreaterThanOrEqual(opens.getTime());
  // The next poll would be minutes later.
  expect(Date.now() - opens.getTime()).toBeLessThan(30_000);
}, 240_000);
