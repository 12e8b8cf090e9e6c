import * as fc from 'fast-check';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeObjectJson, Resource } from '../../../runtime/kube/types.ts';
import type { Session } from '../../../schemas/kinds/sessions/session.ts';
import type { CacheOfAll } from '../wanted.ts';
import { admissionWorld, NAMESPACE } from './admission-world.ts';
import { createSessionReconciler, type SessionPorts } from './session.ts';

const log = pino({ level: 'silent' });

/** A cache that is told of sessions when the test says so, and a client that a killed process cannot use any more. */
function process(given: ReturnType<typeof admissionWorld>, random: (below: number) => number) {
  const shown = new Map<string, Session>(given.all().map((session) => [session.metadata.name, session]));
  let killed = false;
  const isSession = (resource: Resource): boolean => resource.plural === RESOURCES.sessions.plural;
  const cache: CacheOfAll = {
    find: <T>(resource: Resource, namespace: string | undefined, name: string) =>
      isSession(resource) ? (shown.get(name) as T | undefined) : given.cache.find<T>(resource, namespace, name),
    list: given.cache.list,
    all: <T>(resource: Resource) =>
      isSession(resource) ? ([...shown.values()] as readonly unknown[] as readonly T[]) : given.cache.all<T>(resource),
  };
  /** Every request takes its time, before and after the server has done it; a kill may come in between. */
  const slowly = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let turn = random(4); turn > 0; turn -= 1) await Promise.resolve();
    if (killed) throw new Error('killed');
    const result = await work();
    for (let turn = random(4); turn > 0; turn -= 1) await Promise.resolve();
    if (killed) throw new Error('killed');
    return result;
  };
  /** Takes away what was made for a session that is gone. */
  const collect = (resource: Resource, namespace: string | undefined, name: string): void => {
    const ownerReferences = given.read(resource, namespace, name)?.metadata.ownerReferences ?? [];
    const isOrphan = ownerReferences.some(
      (owner) => given.read(RESOURCES.sessions, namespace, owner.name)?.metadata.uid !== owner.uid,
    );
    if (isOrphan) given.drop(resource, namespace, name);
  };
  const client: SessionPorts['client'] = {
    find: async (...args) => await slowly(async () => await given.client.find(...args)),
    create: async <T>(resource: Resource, namespace: string | undefined, body: string) =>
      await slowly(async () => {
        const made = await given.client.create<KubeObjectJson>(resource, namespace, body);
        collect(resource, namespace, made.metadata.name);
        return made as T;
      }),
    apply: async (resource, namespace, name, ...rest) =>
      await slowly(async () => {
        const applied = await given.client.apply<never>(resource, namespace, name, ...rest);
        collect(resource, namespace, name);
        if (given.admitted().length > 10 || given.desktops() > 10) expect.fail('more than there is room for');
        return applied;
      }),
    mergePatch: async (...args) => await slowly(async () => await given.client.mergePatch(...args)),
    delete: async (...args) => await slowly(async () => await given.client.delete(...args)),
  };
  const reconciler = createSessionReconciler(given.ports(client, cache));
  return {
    reconcile: async (name: string) =>
      await reconciler
        .reconcile({ namespace: NAMESPACE, name }, { signal: new AbortController().signal, log })
        .catch((error: unknown) => {
          if (!killed) throw error;
        }),
    show: (name: string): void => {
      const session = given.read<Session>(RESOURCES.sessions, NAMESPACE, name);
      if (session !== undefined) shown.set(name, session);
    },
    kill: (): void => {
      killed = true;
    },
  };
}

/** Deterministic numbers of one seed (Mulberry32). */
function numbersOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

test('P-04-1 200 sessions at once with room for 10, a hundred times, in any order, with a late watch and killed controllers: exactly 10', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const random = numbersOf(seed);
      const given = admissionWorld({ scope: 'Platform', limits: { cpu: '10' } });
      const names = Array.from({ length: 200 }, (_, index) => `s${index}`);
      let controller = process(given, random);
      const left = [...names];
      while (left.length > 0) {
        const batch = Array.from({ length: 1 + random(32) }, () => left.splice(random(left.length), 1)).flat();
        // Creation times are whole seconds, and of several API servers: what the watch tells first need not be the eldest.
        for (const name of batch) {
          if (given.read(RESOURCES.sessions, NAMESPACE, name) === undefined) given.add(name, random(3));
          controller.show(name);
        }
        const running = batch.map((name) => controller.reconcile(name));
        for (let turn = random(12); turn > 0; turn -= 1) await Promise.resolve();
        // Deleted and made again under the same name, while a reconcile of the one before is under way.
        const again = random(2) === 0 ? batch.slice(0, random(3)) : [];
        for (const name of again) {
          given.dropWithChildren(name);
          given.add(name, random(3));
        }
        const dies = random(6) === 0;
        if (dies) controller.kill();
        await Promise.all(running);
        if (dies) {
          controller = process(given, random); // it lists everything first
          left.push(...batch);
        } else if (again.length > 0) left.push(...again);
        else for (const name of batch) if (random(3) === 0) controller.show(name);
      }
      const last = process(given, random);
      for (const name of names) {
        await last.reconcile(name);
        last.show(name);
      }
      expect(given.admitted()).toHaveLength(10);
      expect(given.desktops()).toBe(10);
      expect(given.all().filter(({ status }) => status?.phase === 'Pending' && status.reason === 'QuotaExceeded')).toHaveLength(
        190,
      );
    }),
    { numRuns: 100 },
  );
}, 300_000);
