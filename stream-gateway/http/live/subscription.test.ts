import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubeObjectJson } from '../../../runtime/kube/types.ts';
import type { Person } from '../../store/people.ts';
import type { AccessIn } from './access.ts';
import { ReflectedFeed } from './feed.ts';
import { Subscription, type WatchEvent } from './subscription.ts';

const person: Person = { name: 'member', displayName: 'Mia', groups: [] };
const NAMESPACES = ['one', 'two', 'three'] as const;

function objectOf(namespace: string, name: string, version: number): KubeObjectJson {
  return {
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: { namespace, name, uid: `${namespace}-${name}`, resourceVersion: String(version) },
  };
}

interface World {
  readonly feed: ReflectedFeed<KubeObjectJson>;
  readonly allowed: Set<string>;
  readonly events: WatchEvent[];
  readonly subscription: Subscription<KubeObjectJson>;
  /** What a reader holds who has applied every event. */
  held(): ReadonlyMap<string, string>;
  readonly quiet: () => Promise<void>;
  stop(): Promise<void>;
}

function started(options: { readonly cursor?: string; readonly world?: World; readonly gate?: () => Promise<void> } = {}): World {
  const feed = options.world?.feed ?? new ReflectedFeed<KubeObjectJson>();
  const allowed = options.world?.allowed ?? new Set<string>(NAMESPACES);
  if (options.world === undefined) feed.accept({ type: 'synced', resourceVersion: '100' });
  const accessIn: AccessIn<KubeObjectJson> = async (_person, namespace) => {
    const may = allowed.has(namespace);
    return { stamp: may ? 'watch' : '', present: (object) => (may ? object : undefined) };
  };
  const events: WatchEvent[] = [];
  const stopping = new AbortController();
  const subscription = new Subscription({
    feed,
    person: () => person,
    accessIn,
    cursor: options.cursor,
    send: async (event) => {
      events.push(event);
      await options.gate?.();
    },
    signal: stopping.signal,
  });
  const running = subscription.run();
  return {
    feed,
    allowed,
    events,
    subscription,
    held: () => applied(events),
    quiet: async () => {
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

function applied(events: readonly WatchEvent[]): ReadonlyMap<string, string> {
  const held = new Map<string, string>();
  const put = ({ metadata }: KubeObjectJson): unknown =>
    held.set(`${metadata.namespace}/${metadata.name}`, metadata.resourceVersion ?? '');
  for (const { type, data } of events) {
    if (type === 'snapshot') {
      held.clear();
      for (const item of (data as { items: readonly KubeObjectJson[] }).items) put(item);
    } else if (type === 'added' || type === 'changed') put(data as KubeObjectJson);
    else if (type === 'deleted') {
      const { metadata } = data as KubeObjectJson;
      held.delete(`${metadata.namespace}/${metadata.name}`);
    }
  }
  return held;
}

type Step =
  | { readonly do: 'put' | 'delete'; readonly namespace: string; readonly name: string }
  | { readonly do: 'grant' | 'revoke'; readonly namespace: string }
  | { readonly do: 'recheck' };

const namespace = fc.constantFrom(...NAMESPACES);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('put', 'delete'), namespace, name: fc.constantFrom('a', 'b', 'c') }),
  fc.record({ do: fc.constantFrom('grant', 'revoke'), namespace }),
  fc.record({ do: fc.constant('recheck' as const) }),
);

function apply(world: World, given: Step, version: number): void | Promise<void> {
  switch (given.do) {
    case 'put':
      return world.feed.accept({ type: 'changed', object: objectOf(given.namespace, given.name, version) });
    case 'delete':
      if (!world.feed.objects.has(`${given.namespace}/${given.name}`)) return;
      return world.feed.accept({ type: 'deleted', object: objectOf(given.namespace, given.name, version) });
    case 'grant':
      world.allowed.add(given.namespace);
      return;
    case 'revoke':
      world.allowed.delete(given.namespace);
      // What was judged while the right was there may still be on its way; nothing after it.
      return world.quiet();
    case 'recheck':
      return world.subscription.recheck();
  }
}

test('P-07-2 with rights and objects that change at random, nobody gets what he may not see, and after a recheck he holds exactly the rest', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.array(fc.boolean(), { minLength: 1 }), async (steps, pauses) => {
      const world = started();
      for (const [index, given] of steps.entries()) {
        const before = world.events.length;
        const forbidden = NAMESPACES.filter((name) => !world.allowed.has(name));
        await apply(world, given, 101 + index);
        if (pauses[index % pauses.length]) await world.quiet();
        for (const { type, data } of world.events.slice(before))
          if (type === 'added' || type === 'changed') {
            const { namespace: place = '' } = (data as KubeObjectJson).metadata;
            expect(forbidden.includes(place as never) && !world.allowed.has(place)).toBe(false);
          }
      }
      await world.quiet();
      await world.subscription.recheck();
      await world.quiet();
      const wanted = [...world.feed.objects].filter(([, object]) => world.allowed.has(object.metadata.namespace ?? ''));
      expect(new Map([...world.held()].sort())).toEqual(
        new Map(wanted.map(([key, object]) => [key, object.metadata.resourceVersion ?? ''] as const).sort()),
      );
      await world.stop();
    }),
    // Rights that went and came back before anybody looked.
    {
      examples: [
        [
          [
            { do: 'put', namespace: 'two', name: 'a' },
            { do: 'revoke', namespace: 'two' },
            { do: 'grant', namespace: 'two' },
          ],
          [false],
        ],
      ],
    },
  );
});

test('a slow reader gets the latest state of an object, not each state it went through', async () => {
  const gate = Promise.withResolvers<void>();
  const world = started({ gate: () => gate.promise });
  await world.quiet();
  for (let version = 101; version < 1_101; version += 1)
    world.feed.accept({ type: 'changed', object: objectOf('one', 'a', version) });
  gate.resolve();
  await world.quiet();
  expect(world.events.map(({ type }) => type)).toEqual(['snapshot', 'added']);
  expect(world.held().get('one/a')).toBe('1100');
  await world.stop();
});

test('who comes back with his cursor gets what changed since, and begins anew when his rights are others now', async () => {
  const first = started();
  first.feed.accept({ type: 'added', object: objectOf('one', 'a', 101) });
  first.feed.accept({ type: 'added', object: objectOf('two', 'b', 102) });
  await first.quiet();
  const cursor = first.events.findLast((event) => event.id !== undefined)?.id ?? '';
  await first.stop();
  first.feed.accept({ type: 'deleted', object: objectOf('two', 'b', 103) });
  first.feed.accept({ type: 'added', object: objectOf('two', 'c', 104) });
  const again = started({ cursor, world: first });
  await again.quiet();
  // Whether he knew of the second is not known: `changed` puts it in either case.
  expect(again.events.map(({ type }) => type)).toEqual(['deleted', 'changed']);
  expect(again.events.map(({ data }) => (data as KubeObjectJson).metadata.name)).toEqual(['b', 'c']);
  await again.stop();
  first.allowed.delete('two');
  const less = started({ cursor, world: first });
  await less.quiet();
  expect(less.events.map(({ type }) => type)).toEqual(['resync', 'snapshot']);
  expect([...less.held().keys()]).toEqual(['one/a']);
  await less.stop();
});

test('P-07-4 a cursor from before the last whole list, from the future or of no form leads to a resync', async () => {
  for (const cursor of ['99', '100000', 'x', '', '101.other']) {
    const world = started({ cursor });
    await world.quiet();
    expect(world.events.map(({ type }) => type)).toEqual(['resync', 'snapshot']);
    await world.stop();
  }
});

test('the same state is not sent twice', async () => {
  const world = started();
  world.feed.accept({ type: 'added', object: objectOf('one', 'a', 101) });
  await world.quiet();
  const count = world.events.length;
  world.feed.accept({ type: 'changed', object: objectOf('one', 'a', 101) });
  await world.quiet();
  expect(world.events.length).toBe(count);
  await world.stop();
});
