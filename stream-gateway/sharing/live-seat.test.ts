import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GatewayNotice } from '../../schemas/api/stream-notices.ts';
import type { NewSeat, SeatRow } from '../store/seats.ts';
import { LiveSeat, rightOf, type SeatState, UNTOUCHED } from './live-seat.ts';
import { isFrozen } from './moderation.ts';
import { Pointers } from './pointers.ts';
import { presenceFor } from './presence-notice.ts';

const facts = (change: Partial<NewSeat> = {}): NewSeat => ({
  ...{ id: 'a', namespace: 'team-web', session: 's', sessionUid: 'uid', person: 'viewer', displayName: 'Vera' },
  ...{ guest: false, owns: false, baseRight: 'view', moderated: false, shareUid: 'share', visit: null },
  ...change,
});
const row = (change: Partial<SeatRow> = {}): SeatRow => ({
  ...facts(),
  ...{ control: null, asking: false, kicked: false, since: new Date(0), typing: false, pointer: null },
  ...change,
});

const anyState: fc.Arbitrary<SeatState> = fc.record({
  control: fc.constantFrom('Given', 'Taken', null),
  frozen: fc.boolean(),
  shareMode: fc.constantFrom('View', 'Control', null),
  mayBeGiven: fc.boolean(),
});
const anySeat = fc.record({ owns: fc.boolean(), baseRight: fc.constantFrom('control', 'view') }) as fc.Arbitrary<
  Pick<NewSeat, 'owns' | 'baseRight'>
>;

describe('G-48 the right of a seat', () => {
  test('is to look on while nobody moderates, whatever else is so', () => {
    fc.assert(
      fc.property(anySeat, anyState, (seat, state) => {
        expect(rightOf(seat, { ...state, frozen: true })).toBe('view');
      }),
    );
  });

  test('of an owner is his: nobody takes it, no share and no policy', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        expect(rightOf({ owns: true, baseRight: 'control' }, { ...state, frozen: false })).toBe('control');
      }),
    );
  });

  test('of the others is never to control where the policy does not allow that', () => {
    fc.assert(
      fc.property(fc.constantFrom('control', 'view'), anyState, (baseRight, state) => {
        expect(rightOf({ owns: false, baseRight: baseRight as 'control' | 'view' }, { ...state, mayBeGiven: false })).toBe(
          'view',
        );
      }),
    );
  });

  test('goes with the mode of the share, and with what was given and taken', () => {
    const seat = facts({ baseRight: 'control' });
    expect(rightOf(seat, { ...UNTOUCHED, shareMode: 'Control' })).toBe('control');
    expect(rightOf(seat, { ...UNTOUCHED, shareMode: 'View' })).toBe('view');
    expect(rightOf(seat, { ...UNTOUCHED, shareMode: 'Control', control: 'Taken' })).toBe('view');
    expect(rightOf(facts(), { ...UNTOUCHED, shareMode: 'View', control: 'Given' })).toBe('control');
  });
});

describe('a seat', () => {
  test('tells of a change of its right once, and of none where there is none', () => {
    const seat = new LiveSeat(facts({ baseRight: 'control' }), undefined, UNTOUCHED, () => undefined);
    let told = 0;
    const stop = seat.onChange(() => {
      told += 1;
    });
    seat.update({ shareMode: 'Control' });
    expect(told).toBe(0);
    seat.update({ shareMode: 'View' });
    expect([told, seat.right]).toEqual([1, 'view']);
    stop();
    seat.update({ control: 'Given' });
    expect([told, seat.right]).toEqual([1, 'control']);
  });

  test('that was cut before its stream was open ends it as it opens', () => {
    const seat = new LiveSeat(facts(), undefined, UNTOUCHED, () => undefined);
    seat.close('ShareRevoked', 'gone');
    const closed: string[] = [];
    seat.attach({ notify: () => undefined, close: (code) => closed.push(code) });
    expect(closed).toEqual(['ShareRevoked']);
  });

  test('says who is here only when that is news', () => {
    const seat = new LiveSeat(facts(), undefined, UNTOUCHED, () => undefined);
    const told: GatewayNotice[] = [];
    seat.attach({ notify: (notice) => told.push(notice), close: () => undefined });
    for (const waiting of [[], [], [{ id: 'w', sessionUid: 'uid', person: 'guest:Gil' }]])
      seat.tellPresence(presenceFor({ id: 'a', moderates: true }, [], waiting, null));
    expect(told).toHaveLength(2);
    expect(told[1]).toMatchObject({ waiting: [{ id: 'w', name: 'Gil' }] });
  });
});

test('who waits is told to those who may let him in, and to nobody else', () => {
  const waiting = [{ id: 'w', sessionUid: 'uid', person: 'guest:Gil' }];
  expect(presenceFor({ id: 'a', moderates: false }, [], waiting, null).waiting).toEqual([]);
});

test('pointers come ten times a second at most, in one frame, and nobody sees his own', async () => {
  const seats: LiveSeat[] = [];
  using pointers = new Pointers(() => seats);
  const heard = new Map<string, GatewayNotice[]>();
  const done = Promise.withResolvers<void>();
  for (const id of ['a', 'b', 'c']) {
    const seat: LiveSeat = new LiveSeat(facts({ id }), undefined, UNTOUCHED, () => pointers.moved(seat));
    const notices: GatewayNotice[] = [];
    heard.set(id, notices);
    seat.attach({
      notify: (notice) => {
        notices.push(notice);
        if (id === 'c') done.resolve();
      },
      close: () => undefined,
    });
    seats.push(seat);
  }
  for (let x = 0; x < 500; x += 1) seats[0]?.pointed(x, 1);
  seats[1]?.pointed(7, 8);
  await done.promise;
  const [a, b] = [
    { id: 'a', x: 499, y: 1 },
    { id: 'b', x: 7, y: 8 },
  ];
  expect(Object.fromEntries(heard)).toEqual({
    a: [{ type: 'pointers', at: [b] }],
    b: [{ type: 'pointers', at: [a] }],
    c: [{ type: 'pointers', at: [a, b] }],
  });
});

test('G-49 a session is frozen while somebody is there who may not be alone, and nobody moderates', () => {
  const owner = row({ id: 'o', owns: true, baseRight: 'control', shareUid: null });
  expect(isFrozen([row({ moderated: true })])).toBe(true);
  expect(isFrozen([row({ moderated: true }), owner])).toBe(false);
  expect(isFrozen([row({ moderated: true }), { ...owner, kicked: true }])).toBe(true);
  expect(isFrozen([row({ moderated: true }), { ...owner, baseRight: 'view' }])).toBe(true);
  expect(isFrozen([row()])).toBe(false);
  expect(isFrozen([])).toBe(false);
});
