import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DisplaysNotice } from '../../../schemas/api/displays-notices.ts';
import { DisplaysReport } from './displays-report.ts';

function screens(...list: readonly (readonly [id: number, x: number, y: number, width: number, height: number])[]): Buffer {
  const bytes = Buffer.alloc(4 + 16 * list.length);
  bytes.writeUInt8(list.length, 0);
  for (const [index, [id, ...sides]] of list.entries()) {
    bytes.writeUInt32BE(id, 4 + 16 * index);
    for (const [field, side] of sides.entries()) bytes.writeUInt16BE(side, 8 + 16 * index + 2 * field);
  }
  return bytes;
}

function reporting() {
  const ending = new AbortController();
  const notices: DisplaysNotice[] = [];
  const room = { has: true };
  const report = new DisplaysReport({
    notify: (notice) => {
      if (room.has) notices.push(notice);
      return room.has;
    },
    signal: ending.signal,
  });
  return { ending, notices, room, report };
}
const change = (width: number, by = 1, status = 0) => ({
  width,
  height: 300,
  screens: screens([7, 0, 0, width, 300]),
  by,
  status,
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('screens are told with their ids and places, and who asked for them', () => {
  const { notices, report } = reporting();
  report.told({
    width: 800,
    height: 300,
    screens: screens([4_000_000_000, 0, 0, 400, 300], [7, 400, 0, 400, 300]),
    by: 2,
    status: 0,
  });
  expect(notices).toEqual([
    {
      ...{ type: 'displays', width: 800, height: 300, by: 'other', status: 'done' },
      screens: [
        { id: 4_000_000_000, x: 0, y: 0, width: 400, height: 300 },
        { id: 7, x: 400, y: 0, width: 400, height: 300 },
      ],
    },
  ]);
});

test('P-09-1 a wish that the gateway refuses is told as refused, with the screens as they stay', () => {
  const { notices, report } = reporting();
  report.refused({ width: 400, height: 300, screens: screens([7, 0, 0, 400, 300]) }, 1);
  report.refused({ width: 400, height: 300, screens: undefined }, 2);
  report.told(change(400, 1, 3));
  expect(notices.map(({ by, status, screens }) => [by, status, screens.length])).toEqual([
    ['you', 'prohibited', 1],
    ['you', 'noRoom', 0],
    ['you', 'invalid', 1],
  ]);
});

test('a browser that is behind is told later, in order, and a flood of changes costs no memory', () => {
  const { notices, room, report } = reporting();
  room.has = false;
  for (let width = 1; width <= 100; width += 1) report.told(change(width));
  room.has = true;
  expect(notices).toEqual([]);
  vi.advanceTimersByTime(200);
  expect(notices.map(({ width }) => width)).toEqual([93, 94, 95, 96, 97, 98, 99, 100]);
});

test('nothing is told after the end of the stream', () => {
  const { ending, notices, room, report } = reporting();
  room.has = false;
  report.told(change(1));
  ending.abort();
  room.has = true;
  vi.advanceTimersByTime(1_000);
  expect([notices, vi.getTimerCount()]).toEqual([[], 0]);
});
