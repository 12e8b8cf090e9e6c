import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ObjectId } from '../render/manifest.ts';
import type { OrderWish } from '../validate/order-wishes.ts';
import { comparePlaces, placesOf } from './arrange.ts';
import { orderDeletions } from './deletions.ts';
import { idOfKind } from './fixtures.ts';
import { phaseOf } from './order.ts';

const IDS = ['ConfigMap', 'Deployment', 'Namespace', 'Service', 'ValidatingWebhookConfiguration'].flatMap((kind) =>
  ['a', 'b', 'c'].map((name) =>
    idOfKind(kind, name, { apiVersion: kind.startsWith('V') ? 'admissionregistration.k8s.io/v1' : 'v1' }),
  ),
);
const wish = fc.record({ wave: fc.integer({ min: -2, max: 2 }), needs: fc.array(fc.constantFrom(...IDS), { maxLength: 2 }) });
const wishes = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...IDS), wish), { selector: ([id]) => id })
  .map((entries): ReadonlyMap<ObjectId, OrderWish> => new Map(entries));
/** As validation leaves them: nothing needs what comes later, nor what comes after it in the list. */
const soundWishes = wishes.map((all) => {
  const place = new Map(
    [...all].map(([id, { wave }], index) => [id, { phase: phaseOf(id) === 'foundation' ? 0 : 1, wave, index }]),
  );
  const earlier = (need: ObjectId, id: ObjectId): boolean => {
    const [a, b] = [place.get(need), place.get(id)];
    if (a === undefined || b === undefined) return false;
    return a.phase < b.phase || (a.phase === b.phase && (a.wave < b.wave || (a.wave === b.wave && a.index < b.index)));
  };
  return new Map([...all].map(([id, { wave, needs }]) => [id, { wave, needs: needs.filter((need) => earlier(need, id)) }]));
});
const sorted = (all: ReadonlyMap<ObjectId, OrderWish>, ids: Iterable<ObjectId> = all.keys()): readonly ObjectId[] => {
  const places = placesOf(all);
  return [...ids].toSorted((a, b) => comparePlaces(a, b, places));
};

test('whatever an object depends on comes before it, and a lower wave before a higher one', () => {
  fc.assert(
    fc.property(soundWishes, (all) => {
      const order = sorted(all);
      const waves = order.filter((id) => phaseOf(id) === 'waves').map((id) => all.get(id)?.wave ?? 0);
      expect(waves).toEqual(waves.toSorted((a, b) => a - b));
      for (const [id, { needs }] of all) for (const need of needs) expect(order.indexOf(need)).toBeLessThan(order.indexOf(id));
    }),
  );
});

test('definitions and namespaces come first whatever the waves say', () => {
  fc.assert(
    fc.property(wishes, (all) => {
      const phases = sorted(all).map((id) => phaseOf(id) === 'foundation');
      expect(phases).toEqual(phases.toSorted((a, b) => Number(b) - Number(a)));
    }),
  );
});

test('the order is total and does not depend on the order of the files, even where live objects depend in a circle', () => {
  fc.assert(
    fc.property(wishes, fc.func(fc.integer()), (all, shuffle) => {
      const places = placesOf(all);
      for (const a of all.keys()) for (const b of all.keys()) if (a !== b) expect(comparePlaces(a, b, places)).not.toBe(0);
      const shuffled = new Map([...all].toSorted(([a], [b]) => shuffle(a) - shuffle(b)));
      expect(sorted(shuffled)).toEqual(sorted(all));
    }),
  );
});

test('S-080 pruning goes the other way round, and what is marked so goes last', () => {
  fc.assert(
    fc.property(wishes, fc.uniqueArray(fc.constantFrom(...IDS)), (all, last) => {
      const leaving = new Map(
        [...all].map(([id, order]) => [id, { uid: id, owner: 'x', pruneDisabled: false, pruneLast: last.includes(id), order }]),
      );
      const order = [...orderDeletions(all.keys(), leaving).keys()];
      const marked = order.filter((id) => last.includes(id));
      expect(order.slice(order.length - marked.length)).toEqual(marked);
      const rest = new Set(order.filter((id) => !last.includes(id)));
      expect([...rest]).toEqual(
        sorted(all)
          .filter((id) => rest.has(id))
          .toReversed(),
      );
    }),
  );
});
