// The queue of push hooks in a real PostgreSQL: one job for each GitSync, acted on by whoever holds its shard, whatever becomes of the
// process that took the hook.
import { createHmac } from 'node:crypto';
import { pino } from 'pino';
import { expect, inject, test } from 'vitest';
import { type GitSyncKey, HookInbox } from '../../controller/reconcile/hooks/hook-inbox.ts';
import { createHookMetrics } from '../../controller/reconcile/hooks/hook-metrics.ts';
import { HookQueue, type HookQueueOptions, type HookWorkPorts } from '../../controller/reconcile/hooks/hook-queue.ts';
import { tidyHooks } from '../../controller/reconcile/hooks/hook-store.ts';
import { assignShards, shardOf } from '../../controller/sharding/assign.ts';
import { shardLeaseName } from '../../controller/sharding/lease-names.ts';
import type { Database } from '../../runtime/db/database.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeObjectJson } from '../../runtime/kube/types.ts';
import { Registry } from '../../runtime/metrics/metrics.ts';
import { ANNOTATIONS, SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import { databaseOf } from '../support/database.ts';
import { freshDatabase } from '../support/fresh-database.ts';
import { startReplica } from '../support/replica.ts';
import { eventually } from '../support/wait.ts';
import { freshWorld } from '../support/world.ts';

const servers = inject('servers');
const SYNCS: readonly GitSyncKey[] = ['one', 'two', 'three'].map((name) => ({ namespace: 'web', name }));

interface OwnQueue extends AsyncDisposable {
  readonly queue: HookQueue;
  readonly inbox: HookInbox;
  readonly looks: string[];
  readonly givenUp: string[];
  metric(name: string, labels?: string): Promise<number>;
}

/** As a replica that holds all shards, unless it is said otherwise. */
async function startQueue(
  url: string,
  options: Partial<HookQueueOptions> = {},
  ports: Partial<HookWorkPorts> = {},
): Promise<OwnQueue> {
  const log = pino({ level: process.env['STREAMSPACE_TEST_LOG'] ?? 'silent' });
  const registry = new Registry();
  const metrics = createHookMetrics(registry);
  const queue = new HookQueue({ url, shards: 1, metrics, log, pollMs: 100, ...options });
  const looks: string[] = [];
  const givenUp: string[] = [];
  const look = ports.look ?? ((key: GitSyncKey): void => void looks.push(key.name));
  queue.work({ holds: () => true, givenUp: ({ name }) => void givenUp.push(name), ...ports, look });
  await eventually('the queue is on', async () => queue.state === 'on');
  return {
    ...{ queue, looks, givenUp },
    inbox: new HookInbox({ store: queue, look: (key) => void looks.push(`${key.name} from memory`), metrics, log }),
    metric: async (name, labels = '') => {
      const line = (await registry.metrics()).split('\n').find((each) => each.startsWith(`${name}${labels} `));
      return Number(line?.split(' ').at(-1) ?? 0);
    },
    [Symbol.asyncDispose]: () => queue[Symbol.asyncDispose](),
  };
}

async function jobsIn(db: Database): Promise<readonly { readonly key: string | null; readonly attempts: number }[]> {
  return await db.query('select key, attempts from streamspace_hooks.jobs order by key');
}

test('a burst of hooks at two replicas is one job for each GitSync, and one look or two by whoever holds it', async () => {
  await using fresh = await freshDatabase(servers);
  await using standby = await startQueue(fresh.url, {}, { holds: () => false });
  await using holder = await startQueue(fresh.url);
  const taken = Array.from({ length: 500 }, (_, at) => {
    const { inbox } = at % 2 === 0 ? standby : holder;
    return inbox.take([SYNCS[at % SYNCS.length] ?? { namespace: '', name: '' }], { delivery: `burst ${at}`, delayMs: 1_500 });
  });
  await Promise.all(taken.slice(0, 300));
  expect((await jobsIn(fresh.db)).map(({ key }) => key)).toEqual(['web/one', 'web/three', 'web/two']);
  expect(new Set(await Promise.all(taken))).toEqual(new Set(['noted']));
  await eventually('all are looked at', async () => new Set(holder.looks).size === SYNCS.length);
  await eventually('nothing waits', async () => (await jobsIn(fresh.db)).length === 0);
  for (const { name } of SYNCS) expect(holder.looks.filter((each) => each === name).length).toBeLessThanOrEqual(2);
  expect(standby.looks).toEqual([]);
  expect(await standby.metric('streamspace_hooks_taken_total', '{place="database"}')).toBe(250);
});

test('a hook is acted on as soon as its time has come, without a poll', async () => {
  await using fresh = await freshDatabase(servers);
  await using holder = await startQueue(fresh.url, { pollMs: 600_000 });
  const began = performance.now();
  await holder.inbox.take(SYNCS.slice(0, 1));
  await eventually('the one at once', async () => holder.looks.includes('one'), { timeoutMs: 5_000 });
  await holder.inbox.take(SYNCS.slice(1, 2), { delayMs: 500 });
  await eventually('the one with its delay', async () => holder.looks.includes('two'), { timeoutMs: 5_000 });
  expect(performance.now() - began).toBeGreaterThan(450);
});

test('S-098 a delivery that another replica has taken does nothing; that of another GitSync does', async () => {
  await using fresh = await freshDatabase(servers);
  await using a = await startQueue(fresh.url);
  await using b = await startQueue(fresh.url);
  const [one = { namespace: '', name: '' }, two = one] = SYNCS;
  expect(await a.inbox.take([one], { delivery: 'same' })).toBe('noted');
  expect(await b.inbox.take([one], { delivery: 'same' })).toBe('repeated');
  expect(await b.inbox.take([two], { delivery: 'same' })).toBe('noted');
  await eventually('both are looked at', async () => [...a.looks, ...b.looks].toSorted().join(' ') === 'one two');
  await fresh.db.query(`update hook_deliveries set at = now() - interval '25 hours' where git_sync = 'web/one'`);
  await tidyHooks(fresh.db);
  expect(await fresh.db.query('select git_sync from hook_deliveries')).toEqual([{ git_sync: 'web/two' }]);
});

test('a hook that cannot be acted on is tried again, then given up and told; the process and the next hook go on', async () => {
  await using fresh = await freshDatabase(servers);
  let broken = true;
  const seen: string[] = [];
  const look = ({ name }: GitSyncKey): void => {
    seen.push(name);
    if (broken && name === 'one') throw new Error('no');
  };
  await using holder = await startQueue(fresh.url, { tries: 2 }, { look });
  await holder.inbox.take(SYNCS.slice(0, 1));
  await holder.inbox.take(SYNCS.slice(1, 2));
  await eventually('the other is looked at', async () => seen.includes('two'));
  const first = performance.now();
  await eventually('it is given up', async () => holder.givenUp.length === 1, { timeoutMs: 20_000 });
  expect(performance.now() - first).toBeGreaterThan(1_000); // it did not try again at once
  expect(seen.filter((name) => name === 'one')).toHaveLength(2);
  expect(await holder.metric('streamspace_hooks_failed_total')).toBe(2);
  expect(await holder.metric('streamspace_hooks_given_up_total')).toBe(1);
  broken = false;
  await holder.inbox.take(SYNCS.slice(0, 1));
  await eventually('the next hook is acted on', async () => seen.filter((name) => name === 'one').length === 3);
  await eventually('what is left is the one that was given up', async () => {
    const left = await jobsIn(fresh.db);
    return left.length === 1 && left[0]?.key === null && left[0].attempts === 2;
  });
  await fresh.db.query(`update streamspace_hooks._private_jobs set updated_at = now() - interval '8 days'`);
  await tidyHooks(fresh.db);
  expect(await jobsIn(fresh.db)).toEqual([]);
});

test('while the database is away hooks wait in memory, and are stored again when it is back', async () => {
  await using fresh = await freshDatabase(servers);
  const name = new URL(fresh.url).pathname.slice(1);
  await using holder = await startQueue(fresh.url);
  await using admin = databaseOf(servers);
  await admin.query(`alter database ${name} allow_connections false`);
  await admin.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and backend_type = 'client backend'",
    [name],
  );
  expect(await holder.inbox.take(SYNCS.slice(0, 1), { delayMs: 50 })).toBe('noted');
  expect(holder.queue.state).toBe('waiting for the database');
  await eventually('it is looked at', async () => holder.looks.includes('one from memory'));
  expect(await holder.metric('streamspace_hooks_taken_total', '{place="memory"}')).toBe(1);
  await admin.query(`alter database ${name} allow_connections true`);
  await eventually('hooks are stored again', async () => {
    await holder.inbox.take(SYNCS.slice(1, 2));
    return holder.queue.state === 'on';
  });
  await eventually('they are acted on', async () => holder.looks.includes('two'), { timeoutMs: 15_000 });
});

test('what was filed under another division into shards reaches whoever holds the GitSync now', async () => {
  await using fresh = await freshDatabase(servers);
  const [one = { namespace: '', name: '' }] = SYNCS;
  const mine = shardOf(one, 4);
  {
    await using before = await startQueue(fresh.url, { shards: 3 }, { holds: () => false });
    await before.inbox.take([one]);
  }
  expect(await jobsIn(fresh.db)).toHaveLength(1);
  await using other = await startQueue(fresh.url, { shards: 4 }, { holds: (shard) => shard !== mine });
  await using holder = await startQueue(fresh.url, { shards: 4 }, { holds: (shard) => shard === mine });
  await eventually('it is looked at', async () => holder.looks.length > 0, { timeoutMs: 15_000 });
  expect([holder.looks, other.looks]).toEqual([['one'], []]);
});

test('a replica that is killed after its 202 has lost nothing: the one that holds the shard follows the hook', async () => {
  await using world = await freshWorld(servers, { spec: { webhookSecretRef: { name: 'hook' }, interval: '1h' } });
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hook' }, stringData: { secret: 'between us' } };
  await world.kubectl(['apply', '-n', world.namespace, '-f', '-'], JSON.stringify(secret));
  await world.apply({ 'a.yaml': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}' });
  const lease = await world.client.find<KubeObjectJson & { spec: { holderIdentity: string } }>(
    RESOURCES.leases,
    SYSTEM_NAMESPACE,
    shardLeaseName(0),
  );
  const holder = lease?.spec.holderIdentity ?? '';
  const names = Array.from({ length: 20 }, (_, at) => `hook-taker-${at}`);
  const identity = names.find((name) => assignShards([holder, name], 1).get(0) === holder) ?? '';
  await using replica = await startReplica(servers, identity, 1, [`--database-url=${servers.databaseUrl}`]);
  await eventually('the replica is ready', async () => {
    const ready = await fetch(`${replica.url}/readyz`);
    return ready.ok && ((await ready.json()) as { readonly hooks: string }).hooks === 'on';
  });
  await world.repository.git('commit', '--quiet', '--allow-empty', '-m', 'Nothing');
  const sha = await world.repository.push('More');
  const signature = `sha256=${createHmac('sha256', 'between us').update('{}').digest('hex')}`;
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature };
  const hook = { method: 'POST', headers, body: '{}' };
  expect((await fetch(`${replica.url}/hooks/github/${world.namespace}/sync`, hook)).status).toBe(202);
  replica.signal('SIGKILL');
  await world.until('the hook is followed', (now) => now.revision === sha);
  const sync = await world.client.find(RESOURCES.gitSyncs, world.namespace, 'sync');
  expect(sync?.metadata.annotations?.[ANNOTATIONS.syncRequestedAt]).toBeUndefined();
});
