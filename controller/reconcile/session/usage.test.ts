// CPU hours by the session reconciler: no crash, no deletion and no restart loses or invents any.
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeObjectJson } from '../../../runtime/kube/types.ts';
import type { Quota } from '../../../schemas/kinds/quota.ts';
import { FINALIZERS } from '../../../schemas/names.ts';
import { amountText } from '../../../schemas/quota/amounts.ts';
import { usageOf } from '../../../schemas/quota/usage.ts';
import { worldFrom } from '../quota/quota-world.ts';
import { admissionWorld, NAMESPACE, type QuotaWish } from './admission-world.ts';
import { createSessionReconciler, type SessionPorts } from './session.ts';

const log = pino({ level: 'silent' });
const HOUR = 3_600_000;
const HOURS = { scope: 'Person', limits: { cpuHoursPerMonth: 10 } } as const;

type Client = SessionPorts['client'];
/** Its n-th write from now on never happens, or happens and is never answered. */
type Crash = { readonly after: number; readonly written: boolean };

function crashing(client: Client, crash: Crash | undefined): Client {
  let left = crash?.after ?? Number.POSITIVE_INFINITY;
  const write = async <T>(work: () => Promise<T>): Promise<T> => {
    left -= 1;
    if (left === -1 && crash?.written === false) throw new Error('killed');
    const answer = await work();
    if (left === -1) throw new Error('killed');
    return answer;
  };
  return {
    ...client,
    create: (...args: Parameters<Client['create']>) => write(() => client.create(...args)),
    apply: (...args: Parameters<Client['apply']>) => write(() => client.apply(...args)),
    mergePatch: (...args: Parameters<Client['mergePatch']>) => write(() => client.mergePatch(...args)),
  } as Client;
}

function world(quota: QuotaWish = HOURS) {
  const given = admissionWorld(quota);
  const now = (): Date => given.ports(given.client, given.cache).now();
  /** By a controller that has just started. */
  const reconcile = async (name: string, crash?: Crash): Promise<void> => {
    const ports = given.ports(crashing(given.client, crash), given.cache);
    const reconciler = createSessionReconciler(ports);
    await reconciler.reconcile({ namespace: NAMESPACE, name }, { signal: new AbortController().signal, log });
  };
  const used = (owner = 'member'): number => {
    const of = given.read<Quota>(RESOURCES.quotas, 'streamspace', 'base') ?? expect.unreachable('it is there');
    const { places } = usageOf(of, worldFrom(given.cache, now().getTime(), given.all()));
    const place = places.find(({ place: { subject } }) => subject === owner);
    return Number(amountText('cpuHoursPerMonth', place?.used.cpuHoursPerMonth ?? 0n));
  };
  return {
    ...given,
    reconcile,
    used,
    remove: (name: string): void => {
      const session = given.session(name);
      const deletionTimestamp = now().toISOString();
      if ((session.metadata.finalizers ?? []).length === 0) given.drop(RESOURCES.sessions, NAMESPACE, name);
      else given.put(RESOURCES.sessions, { ...session, metadata: { ...session.metadata, deletionTimestamp } });
    },
    stopped: (name: string): void => {
      const set = given.read<KubeObjectJson>(RESOURCES.statefulSets, NAMESPACE, name) ?? expect.unreachable('it is there');
      given.put(RESOURCES.statefulSets, { ...set, metadata: { ...set.metadata }, status: { replicas: 0 } });
    },
  };
}

test('hours grow while CPU is reserved, stop with hibernation, and go on when it is resumed', async () => {
  const given = world();
  given.add('one');
  await given.reconcile('one');
  given.pass(2 * HOUR);
  expect(given.used()).toBe(2);
  given.wish('one', 'Hibernated');
  await given.reconcile('one');
  given.stopped('one');
  await given.reconcile('one');
  given.pass(5 * HOUR);
  expect(given.used()).toBe(2);
  expect(given.session('one').status?.usage).toMatchObject([{ month: '2026-01' }]);
  given.wish('one', 'Running');
  await given.reconcile('one');
  given.pass(HOUR);
  expect(given.used()).toBe(3);
});

test('once the hours are used up nothing new starts until the next month, and what runs goes on', async () => {
  const given = world();
  given.add('one');
  await given.reconcile('one');
  given.pass(10 * HOUR);
  given.add('two', 1);
  given.writes.length = 0;
  await given.reconcile('two');
  expect(given.session('two').status).toMatchObject({
    phase: 'Pending',
    message: '10 of 10 cpu hours of member used this month (Quota streamspace/base); the next month begins 2026-02-01 00:00 UTC',
  });
  await given.reconcile('one');
  expect(given.admitted()).toEqual(['one']);
  given.add('other', 2, 'bert');
  await given.reconcile('other');
  expect(given.admitted()).toEqual(['one', 'other']);
  given.pass(31 * 24 * HOUR);
  await given.reconcile('two');
  expect(given.session('two').status?.message).toMatch(/^\d+\.?\d* of 10 cpu hours/);
  given.remove('one');
  await given.reconcile('one');
  given.pass(28 * 24 * HOUR);
  await given.reconcile('two');
  expect(given.admitted()).toContain('two');
});

describe('a session that is deleted after an hour leaves that hour behind, wherever the controller is killed', () => {
  const crashes = [0, 1, 2, 3].flatMap((after) => [true, false].map((written) => ({ after, written })));
  test.each(crashes)('in write $after (written: $written)', async (crash) => {
    const given = world();
    for (const name of ['one', 'two']) {
      given.add(name);
      await given.reconcile(name);
    }
    expect(given.session('one').metadata.finalizers).toEqual([FINALIZERS.session]);
    given.pass(HOUR);
    for (const name of ['one', 'two']) given.remove(name);
    await given.reconcile('one', crash).catch(() => undefined);
    // However late the next one comes.
    given.pass(7 * HOUR);
    for (const name of ['one', 'two', 'one']) await given.reconcile(name);
    expect(given.all()).toEqual([]);
    expect(given.used()).toBe(2);
    given.pass(HOUR);
    expect(given.used()).toBe(2);
  });
});

test('it counts either with the session or in the ledger, also while the session is still there', async () => {
  const given = world();
  given.add('one');
  await given.reconcile('one');
  given.pass(HOUR);
  given.remove('one');
  await given.reconcile('one', { after: 1, written: false }).catch(() => undefined);
  expect(given.all()).toHaveLength(1);
  expect(given.used()).toBe(1);
});

test('without a limit of hours a session has no finalizer', async () => {
  const given = world({ scope: 'Person', limits: { cpu: '8' } });
  given.add('one');
  await given.reconcile('one');
  expect(given.session('one').metadata.finalizers).toBeUndefined();
});

test('a damaged ledger is not written over: the session stays until somebody has mended it', async () => {
  const given = world();
  given.add('one');
  await given.reconcile('one');
  given.pass(HOUR);
  given.remove('one');
  await given.reconcile('one', { after: 1, written: false }).catch(() => undefined);
  const [ledger] = given.cache.list(RESOURCES.configMaps, 'streamspace');
  given.put(RESOURCES.configMaps, { metadata: { ...ledger?.metadata }, data: { 'usage.json': '[]' } });
  await expect(given.reconcile('one')).rejects.toMatchObject({ code: 'UsageLedgerInvalid' });
  expect(given.all()).toHaveLength(1);
});
