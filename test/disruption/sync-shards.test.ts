// Several controllers at work: who does what, who takes over, and that no two ever write for the same GitSync.
import { expect, inject, test } from 'vitest';
import { shardOf } from '../../controller/sharding/assign.ts';
import { createKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import type { GitSync } from '../../schemas/kinds/git-sync/git-sync.ts';
import { ANNOTATIONS, SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import { auditLinesAbout } from '../support/audit-log.ts';
import { freezePart } from '../support/parts.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { eventually } from '../support/wait.ts';
import { freshWorld, type World } from '../support/world.ts';

const servers = inject('servers');
const SHARDS = 6;
/** A Lease of 15 s, a look every 2 s, and room for a machine that is busy with something else. */
const TAKEN_OVER_MS = 30_000;
const SYNCS = ['sync', ...Array.from({ length: 7 }, (_, index) => `sync-${index + 1}`)];

interface Lease {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly holderIdentity?: string; readonly acquireTime?: string };
}
interface Claim {
  readonly shard: number;
  readonly holder: string;
  readonly from: number;
}
const shardIn = ({ metadata: { name } }: Lease): number => Number(/^streamspace-sync-shard-(\d+)$/.exec(name)?.[1] ?? Number.NaN);

/** How many shards each replica holds. */
async function shares(client: KubeClient): Promise<Readonly<Record<string, number>>> {
  const { items } = await client.list<Lease>(RESOURCES.leases, { namespace: SYSTEM_NAMESPACE });
  const held: Record<string, number> = {};
  for (const lease of items) {
    const { holderIdentity = '' } = lease.spec ?? {};
    if (shardIn(lease) < SHARDS && holderIdentity !== '') held[holderIdentity] = (held[holderIdentity] ?? 0) + 1;
  }
  return held;
}
async function untilShares(
  client: KubeClient,
  expected: Readonly<Record<string, number>>,
  timeoutMs: number,
  replicas: readonly Replica[],
): Promise<number> {
  const from = performance.now();
  let last = {};
  await eventually(
    `shares are ${JSON.stringify(expected)}`,
    async () => {
      last = await shares(client);
      return JSON.stringify(Object.entries(last).toSorted()) === JSON.stringify(Object.entries(expected).toSorted());
    },
    { timeoutMs, everyMs: 200 },
  ).catch((cause: unknown) => {
    const told = replicas.flatMap(({ identity, log }) => [
      `${identity}:`,
      ...log.filter((line) => /lease|shard/.test(line)).slice(-30),
    ]);
    throw new Error(`shares are ${JSON.stringify(last)}\n${told.join('\n')}`, { cause });
  });
  return performance.now() - from;
}

/** Every claim of a shard, with the time that its holder wrote into it before it asked. */
async function watchClaims(signal: AbortSignal): Promise<{ readonly claims: Claim[]; readonly ended: Promise<void> }> {
  const client = createKubeClient({ kubeconfig: servers.kubeconfig });
  const claims: Claim[] = [];
  const path = '/apis/coordination.k8s.io/v1/namespaces/streamspace/leases';
  const lines = client.lines({ method: 'GET', path, query: { watch: true }, signal });
  const read = async (): Promise<void> => {
    for await (const line of lines) {
      const { object } = JSON.parse(line) as { readonly object: Lease };
      const { holderIdentity: holder = '', acquireTime = '' } = object.spec ?? {};
      const claim = { shard: shardIn(object), holder, from: Date.parse(acquireTime) };
      if (holder !== '' && !claims.some((each) => each.shard === claim.shard && each.from === claim.from)) claims.push(claim);
    }
  };
  const ended = read().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return { claims, ended: ended.then(async () => await client[Symbol.asyncDispose]()) };
}

interface Write {
  readonly shard: number;
  readonly writer: string;
  readonly at: number;
}

/** What replicas wrote into the cluster for each GitSync, by the API server's audit log. */
async function writesOf(world: World): Promise<readonly Write[]> {
  return (await auditLinesAbout(world.namespace, servers.auditLog ?? '')).flatMap((line): readonly Write[] => {
    const event = JSON.parse(line) as {
      readonly verb: string;
      readonly userAgent?: string;
      readonly requestURI: string;
      readonly stageTimestamp: string;
      readonly objectRef?: { readonly resource?: string; readonly name?: string };
    };
    const writer = /^streamspace-controller\/(r\d)$/.exec(event.userAgent ?? '')?.[1];
    const name = /^of-(.*)$/.exec(event.objectRef?.name ?? '')?.[1];
    if (writer === undefined || name === undefined || event.verb !== 'patch' || event.requestURI.includes('dryRun=')) return [];
    return [{ shard: shardOf({ namespace: world.namespace, name }, SHARDS), writer, at: Date.parse(event.stageTimestamp) }];
  });
}

test('replicas share the work; one that is killed is taken over within its lease, one that was paused writes no more', async () => {
  await using world = await freshWorld(servers, { spec: { path: 'sync' } });
  await using _frozen = await freezePart(servers, 'controller');
  const until = async (expected: Readonly<Record<string, number>>, timeoutMs: number): Promise<number> =>
    await untilShares(world.client, expected, timeoutMs, replicas);
  const stop = new AbortController();
  const { claims, ended } = await watchClaims(stop.signal);
  const replicas: Replica[] = [];
  await using r1 = await startReplica(servers, 'r1', SHARDS);
  await using r2 = await startReplica(servers, 'r2', SHARDS);
  replicas.push(r1, r2);

  let round = 0;
  const push = async (told: Replica): Promise<string> => {
    round += 1;
    const object = (name: string): string =>
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `of-${name}` }, data: { round: String(round) } });
    const sha = await world.commit(Object.fromEntries(SYNCS.map((name) => [`${name}/a.yaml`, object(name)])));
    const body = JSON.stringify({ url: world.repository.url });
    const hook = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    await eventually('the hook is heard', async () => (await fetch(`${told.url}/hooks/git`, hook)).status === 202);
    return sha;
  };
  const allAt = async (sha: string): Promise<void> => {
    let seen: unknown;
    await eventually(
      `all are at ${sha}`,
      async () => {
        const { items } = await world.client.list<GitSync>(RESOURCES.gitSyncs, { namespace: world.namespace });
        const behind = items.filter(({ status }) => status?.revision !== sha);
        seen = behind.map(({ metadata, status }) => ({ name: metadata.name, annotations: metadata.annotations, status }));
        return items.length === SYNCS.length && behind.length === 0;
      },
      { timeoutMs: 60_000, everyMs: 200 },
    ).catch((cause: unknown) => {
      throw new Error(`not all are at ${sha}: ${JSON.stringify(seen)}`, { cause });
    });
  };
  const others = SYNCS.slice(1).map((name) => ({
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'GitSync',
    metadata: { name, namespace: world.namespace },
    spec: { url: world.repository.url, interval: '10m', path: name, deletionPolicy: 'Orphan' },
  }));
  await world.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: others }));

  // A hook that comes while nobody is known to hold a shard is passed on to whoever takes it: it may have looked before the push.
  await push(r1);
  await eventually('each GitSync is asked to sync', async () => {
    const { items } = await world.client.list<GitSync>(RESOURCES.gitSyncs, { namespace: world.namespace });
    return items.every(({ metadata }) => metadata.annotations?.[ANNOTATIONS.syncRequestedAt]?.startsWith('hook ') === true);
  });

  // The frozen controller holds the only shard of its own number of them; two take over when that has run out.
  await until({ r1: 3, r2: 3 }, 60_000);
  await allAt(await push(r2));
  await using r3 = await startReplica(servers, 'r3', SHARDS);
  replicas.push(r3);
  await until({ r1: 2, r2: 2, r3: 2 }, 30_000);
  await allAt(await push(r3));

  const pushToR3 = async (): Promise<string> => await push(r3);
  let pushing = startPushing(pushToR3);
  r1.signal('SIGKILL');
  expect(await until({ r2: 3, r3: 3 }, 40_000)).toBeLessThan(TAKEN_OVER_MS);
  await allAt(await pushing.stop());

  pushing = startPushing(pushToR3);
  r2.signal('SIGSTOP');
  expect(await until({ r3: 6 }, 40_000)).toBeLessThan(TAKEN_OVER_MS);
  await allAt(await pushing.stop());

  pushing = startPushing(pushToR3);
  r2.signal('SIGCONT');
  await until({ r2: 3, r3: 3 }, 90_000);
  await allAt(await pushing.stop());

  stop.abort(new Error('seen enough'));
  await ended;
  const writes = await writesOf(world);
  expect(new Set(writes.map(({ writer }) => writer))).toEqual(new Set(['r1', 'r2', 'r3']));
  const strangers = writes.filter(({ shard, writer, at }) => {
    const holder = claims.filter((each) => each.shard === shard && each.from <= at).toSorted((a, b) => b.from - a.from)[0];
    return holder?.holder !== writer;
  });
  expect(strangers).toEqual([]);
  expect([await r2.end(), await r3.end()]).toEqual([0, 0]);
  expect(await shares(world.client)).toEqual({});
}, 400_000);

/** Pushes again and again, so that there is always something to write; stopping gives the commit of a last one. */
function startPushing(push: () => Promise<string>): { readonly stop: () => Promise<string> } {
  let stopped = false;
  const loop = async (): Promise<void> => {
    while (!stopped) await push();
  };
  const running = loop();
  return {
    stop: async () => {
      stopped = true;
      await running;
      return await push();
    },
  };
}
