import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wantedObject } from '../../plan/fixtures.ts';
import type { Change, Plan } from '../../plan/plan.ts';
import { describeFight, FieldFights } from './fights.ts';

const OWNER = 'streamspace/a';

function changed(name: string, field = 'data.k'): Change {
  const wanted = wantedObject('ConfigMap', name);
  const differences = [{ path: field, before: 'theirs', after: 'ours' }];
  return { id: wanted.id, action: 'configure', wanted, uid: 'u', differences, conflicts: [] };
}
const planOf = (...changes: Change[]): Plan => ({ changes, warnings: [] });

/** A cluster in which somebody changes objects, and a sync that looks. */
function world() {
  let now = 0;
  const fights = new FieldFights(() => now);
  const open = new Map<string, Change>();
  return {
    fights,
    at: (ms: number) => {
      now = ms;
    },
    theyChange: (name: string, field?: string) => open.set(name, changed(name, field)),
    /** Gives the names of what was put back. */
    look: () => {
      const { plan, begun, waiting } = fights.damp(OWNER, planOf(...open.values()), () => ['autoscaler']);
      const names = new Map([...open].map(([name, { id }]) => [id, name]));
      const written = plan.changes.filter(({ action }) => action === 'configure').map(({ id }) => id);
      fights.repaired(OWNER, written);
      const back = written.map((id) => names.get(id) ?? '');
      for (const name of back) open.delete(name);
      return { back, begun, waiting, plan };
    },
  };
}

test('S-055 the fifth change within a minute, theirs and ours, is a fight: the object waits, others do not', () => {
  const { at, theyChange, look, fights } = world();
  for (const second of [0, 15]) {
    at(second * 1000);
    theyChange('a');
    expect(look().back).toEqual(['a']);
  }
  at(30_000);
  theyChange('a');
  theyChange('b');
  const third = look();
  expect(third.back).toEqual(['b']);
  expect(third.begun).toMatchObject([{ field: 'data.k', managers: ['autoscaler'] }]);
  expect(third.plan.changes[0]).toMatchObject({ action: 'skip', reason: expect.stringContaining('autoscaler') });
  expect(describeFight(third.begun[0] ?? expect.fail())).toBe(
    'ConfigMap demo/a: data.k is set by Git (streamspace-sync) and by autoscaler',
  );
  expect(fights.count()).toBe(1);
  // 15 s was the last repair: so at 75 s comes the next one.
  expect(fights.lookAgainMs(OWNER)).toBe(45_000);
  at(74_999);
  expect(look().back).toEqual([]);
  at(75_000);
  expect(look().back).toEqual(['a']);
});

test('S-055 a fight is over three minutes after their last change, and may begin again', () => {
  const { at, theyChange, look, fights } = world();
  for (const second of [0, 1, 2]) {
    at(second * 1000);
    theyChange('a');
    look();
  }
  at(61_000);
  expect(look().back).toEqual(['a']);
  at(61_000 + 179_999);
  look();
  expect(fights.of(OWNER)).toHaveLength(1);
  at(61_000 + 180_000);
  look();
  expect(fights.of(OWNER)).toEqual([]);
  theyChange('a');
  expect(look().back).toEqual(['a']);
});

test('a change now and then, of several fields or of several objects, is no fight', () => {
  const { at, theyChange, look, fights } = world();
  for (let minute = 0; minute < 30; minute += 1) {
    at(minute * 31_000);
    theyChange('a');
    expect(look().back).toEqual(['a']);
  }
  for (const field of ['data.x', 'data.y', 'data.z']) {
    theyChange('b', field);
    expect(look().back).toEqual(['b']);
  }
  for (const name of ['c', 'd', 'e', 'f']) theyChange(name);
  expect(look().back).toHaveLength(4);
  expect(fights.count()).toBe(0);
});

test('an object that is deleted again and again is fought over as a whole', () => {
  const wanted = wantedObject('ConfigMap', 'a');
  const create: Change = { id: wanted.id, action: 'create', wanted, deferred: false };
  let now = 0;
  const fights = new FieldFights(() => now);
  for (let time = 0; time < 3; time += 1) {
    now += 1000;
    const { plan } = fights.damp(OWNER, planOf(create), () => []);
    expect(plan.changes[0]?.action).toBe(time < 2 ? 'create' : 'skip');
    if (time < 2) fights.repaired(OWNER, [create.id]);
  }
  expect(fights.of(OWNER).map(describeFight)).toEqual(['ConfigMap demo/a: it is made by Git and deleted by somebody else']);
});

test('S-055 whatever they do, a fought object is put back at most once a minute and within a minute of their change', () => {
  const steps = fc.array(fc.record({ afterMs: fc.integer({ min: 1, max: 20_000 }), theirs: fc.boolean() }), { maxLength: 120 });
  fc.assert(
    fc.property(steps, (all) => {
      const { at, theyChange, look, fights } = world();
      let now = 0;
      let changedAt: number | undefined;
      const repairs: number[] = [];
      for (const { afterMs, theirs } of all) {
        now += afterMs;
        at(now);
        if (theirs) {
          theyChange('a');
          changedAt ??= now;
        }
        const fought = fights.of(OWNER).length > 0;
        if (look().back.length > 0) {
          if (fought) expect(now - (repairs.at(-1) ?? 0)).toBeGreaterThanOrEqual(60_000);
          repairs.push(now);
          changedAt = undefined;
        } else if (changedAt !== undefined) expect(now - (repairs.at(-1) ?? 0)).toBeLessThan(60_000);
        // Never more than two repairs, and the one that ends the minute, in any minute.
        expect(repairs.filter((time) => now - time < 60_000).length).toBeLessThanOrEqual(2);
      }
    }),
  );
});
