import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyWatchEvent, type ListedObject, type LiveList, type WatchEvent } from './watch-events.ts';

const object = (name: string, resourceVersion: string, uid = name): ListedObject => ({
  metadata: { uid, name, namespace: 'team-web', resourceVersion },
});
const list = (...items: readonly ListedObject[]): LiveList<ListedObject> => ({ items, partial: false, touched: {} });

test('after any events the list holds what a map of the last objects holds', () => {
  const change = fc.record({
    type: fc.constantFrom('added' as const, 'changed' as const, 'deleted' as const),
    name: fc.constantFrom('a', 'b', 'c'),
    version: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const expected = new Map<string, string>();
      let current: LiveList<ListedObject> | undefined = list();
      for (const { type, name, version } of changes) {
        const event: WatchEvent<ListedObject> =
          type === 'deleted'
            ? { type, metadata: { name, namespace: 'team-web', uid: name } }
            : { type, object: object(name, String(version)) };
        current = applyWatchEvent(current, event, 0);
        if (type === 'deleted') expected.delete(name);
        else expected.set(name, String(version));
      }
      expect(new Map(current?.items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]))).toEqual(expected);
      expect(Object.keys(current?.touched ?? {}).every((uid) => expected.has(uid))).toBe(true);
    }),
  );
});

test('an event before the first snapshot makes no list, so that half a list is never taken for a whole one', () => {
  expect(applyWatchEvent(undefined, { type: 'added', object: object('a', '1') }, 0)).toBeUndefined();
});

test('P-07-4 a second snapshot replaces the list and flashes only what differs', () => {
  const snapshot = {
    type: 'snapshot',
    list: { items: [object('a', '1'), object('b', '3'), object('c', '4')], metadata: {} },
  } as const;
  const after = applyWatchEvent(list(object('a', '1'), object('b', '2'), object('gone', '1')), snapshot, 77);
  expect(after?.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c']);
  expect(after?.touched).toEqual({ b: 77, c: 77 });
});

test('a change of rights alone replaces the object without a flash', () => {
  const before = { ...object('a', '1'), may: { control: true } };
  const after = applyWatchEvent(
    list(before),
    { type: 'changed', object: { ...before, may: { control: false } } as ListedObject },
    5,
  );
  expect(after).toEqual({ items: [{ ...before, may: { control: false } }], partial: false, touched: {} });
});

test('P-07-2 an object that is taken away without a known uid goes by its name', () => {
  const after = applyWatchEvent(
    list(object('a', '1'), object('b', '1')),
    { type: 'deleted', metadata: { name: 'a', namespace: 'team-web', uid: '' } },
    0,
  );
  expect(after?.items.map(({ metadata }) => metadata.name)).toEqual(['b']);
});
