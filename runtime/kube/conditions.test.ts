import { expect, test } from 'vitest';
import { setCondition } from './conditions.ts';

const READY = { type: 'Ready', status: 'True', reason: 'Synced', message: 'all is well', observedGeneration: 1 } as const;

test('the same condition again gives the very same list', () => {
  const first = setCondition(undefined, READY, '2026-01-01T00:00:00Z');
  expect(setCondition(first, READY, '2026-01-02T00:00:00Z')).toBe(first);
});

test('the transition time moves with the status, not with reason, message or generation', () => {
  const first = setCondition(undefined, READY, 'first');
  const reworded = setCondition(first, { ...READY, reason: 'Other', observedGeneration: 2 }, 'second');
  expect(reworded[0]).toMatchObject({ reason: 'Other', lastTransitionTime: 'first', observedGeneration: 2 });
  const failed = setCondition(reworded, { ...READY, status: 'False' }, 'third');
  expect(failed[0]).toMatchObject({ status: 'False', lastTransitionTime: 'third' });
});

test('Ready comes first, others keep their place', () => {
  const drifted = setCondition(undefined, { ...READY, type: 'Drifted' }, 'now');
  expect(setCondition(drifted, READY, 'now').map(({ type }) => type)).toEqual(['Ready', 'Drifted']);
});
