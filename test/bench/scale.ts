// Larger sets: whether time grows with them at most linearly, what the controller's memory comes to, and many units in one GitSync.
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { GitSync, GitSyncSpec } from '../../schemas/kinds/git-sync/git-sync.ts';
import { partOf } from '../support/parts.ts';
import type { Servers } from '../support/servers.ts';
import { seen } from '../support/watched.ts';
import { freshWorld, type World } from '../support/world.ts';
import { configMaps } from './manifests.ts';
import { type Measurement, measurement, quantile } from './result.ts';

const UNITS = 100;
const PER_UNIT = 10;
/** By then what a sync leaves behind is collected. */
const AT_REST_MS = 60_000;

export async function scaleSuite(servers: Servers): Promise<readonly Measurement[]> {
  await using client = createKubeClient({ kubeconfig: servers.kubeconfig });
  const synced = async (world: World, files: Readonly<Record<string, string | null>>): Promise<number> => {
    const sync = { resource: RESOURCES.gitSyncs, namespace: world.namespace, name: 'sync' };
    const revision = await world.commit(files);
    const startedAt = performance.now();
    await world.hint();
    return (await seen<GitSync>(client, sync, ({ status }) => status?.revision === revision, 600_000)).at - startedAt;
  };
  /** Deleting the objects is not measured here: they go with their namespace. */
  const world = (spec: Partial<GitSyncSpec> = {}) => freshWorld(servers, { spec: { deletionPolicy: 'Orphan', ...spec } });
  const { pid } = await partOf(servers, 'controller');
  const mib = async (field: 'VmRSS' | 'VmHWM'): Promise<number> =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

  const result: Measurement[] = [];
  // First, so that the memory is that of these objects alone. proc(5): a 5 forgets the peak of before.
  await writeFile(`/proc/${pid}/clear_refs`, '5');
  result.push(measurement('scale', 'RSS of the controller before', await mib('VmRSS'), 'MiB'));
  await using large = await world();
  const tenThousand = await synced(large, { 'all.yaml': configMaps('large', large.namespace, 10_000) });
  await delay(AT_REST_MS);
  result.push(measurement('scale', 'RSS of the controller with 10,000 objects: at rest', await mib('VmRSS'), 'MiB'));
  result.push(measurement('scale', 'RSS of the controller with 10,000 objects: peak', await mib('VmHWM'), 'MiB'));

  await using units = await world({
    units: Array.from({ length: UNITS }, (_, index) => ({ name: `u${index}`, path: `u${index}` })),
  });
  const files = Object.fromEntries(
    Array.from({ length: UNITS }, (_, unit) => [`u${unit}/all.yaml`, configMaps(`u${unit}`, units.namespace, PER_UNIT)]),
  );
  const first = await synced(units, files);
  const touched = await synced(units, {
    'u7/all.yaml': configMaps('u7', units.namespace, PER_UNIT, { index: 3, to: 'changed' }),
  });
  const what = `${UNITS} units of ${PER_UNIT} ConfigMaps`;
  result.push(measurement('scale', `${what}: push to synced`, first / 1000, 's'));
  result.push(
    measurement('scale', `${what}, one of them touched: push to synced`, touched / 1000, 's', {
      name: 'the first sync of all',
      value: first / 1000,
    }),
  );

  const thousands: number[] = [];
  // A namespace that is being deleted keeps the API server busy: none is before all is measured.
  await using worlds = new AsyncDisposableStack();
  for (const name of ['one', 'two', 'three']) {
    const small = worlds.use(await world());
    thousands.push(await synced(small, { 'all.yaml': configMaps(name, small.namespace, 1000) }));
  }
  const thousand = quantile(thousands, 0.5);
  await using middle = await world();
  const fiveThousand = await synced(middle, { 'all.yaml': configMaps('middle', middle.namespace, 5000) });
  result.push(
    measurement('scale', '5,000 new ConfigMaps: push to synced', fiveThousand / 1000, 's', {
      name: 'five times 1,000',
      value: (5 * thousand) / 1000,
    }),
  );
  result.push(
    measurement('scale', '10,000 new ConfigMaps: push to synced', tenThousand / 1000, 's', {
      name: 'ten times 1,000',
      value: (10 * thousand) / 1000,
    }),
  );
  result.push(measurement('scale', 'RSS of the controller after 19,000 objects', await mib('VmRSS'), 'MiB'));
  return result;
}
