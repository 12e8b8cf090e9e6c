// The displays of a desktop in a grid: which window is where, and which screens the desktop needs for that. Pure.

import type { DisplayPlace } from '../../../../../schemas/api/displays.ts';
import type { DesktopScreen } from '../../../../../schemas/api/displays-notices.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Cell {
  readonly column: number;
  readonly row: number;
}

/** A window that shows one screen of the desktop. Its size is in device pixels of that window. */
export interface Display extends Size, Cell {
  /** 0 is the main window; the others stand in the address of theirs. */
  readonly slot: number;
  /** Of the screen at the desktop. It never changes while the display is there. */
  readonly id: number;
  /** On which monitor of the set it was opened; null: nobody knows. */
  readonly monitor: number | null;
}

/** The main window first. No two are in one cell, no column and no row is empty. */
export type Arrangement = readonly Display[];

export type Side = 'left' | 'right' | 'above' | 'below';
export const SIDES: readonly Side[] = ['left', 'right', 'above', 'below'];
export const MAIN_SLOT = 0;

const STEPS: Readonly<Record<Side, Cell>> = {
  left: { column: -1, row: 0 },
  right: { column: 1, row: 0 },
  above: { column: 0, row: -1 },
  below: { column: 0, row: 1 },
};

export function soleDisplay(id: number, { width, height }: Size): Arrangement {
  return [{ slot: MAIN_SLOT, id, column: 0, row: 0, monitor: null, width, height }];
}

/** One more, beside the main window or where there is room nearest to that. Screens and slots that are there keep their ids. */
export function addDisplay(
  arrangement: Arrangement,
  wish: {
    readonly side: Side;
    readonly size: Size;
    /** Default: the lowest that is free. */
    readonly slot?: number;
    readonly monitor?: number | null;
  },
): Arrangement {
  const { side, size, monitor = null } = wish;
  const slot = wish.slot ?? freeSlot(arrangement.map((display) => display.slot));
  const id = firstFree(
    arrangement.map((display) => display.id),
    1,
  );
  const [main] = arrangement;
  const beside = step(main ?? { column: 0, row: 0 }, side);
  // Beyond the last one in that direction there is always room.
  const cell = (isTaken(arrangement, beside) ? nearestAttached(arrangement, beside, side) : undefined) ?? beside;
  const { width, height } = size;
  return compact([...arrangement, { slot, id, monitor, width, height, ...cell }]);
}

export function removeDisplay(arrangement: Arrangement, slot: number): Arrangement {
  return compact(arrangement.filter((display) => display.slot !== slot || slot === MAIN_SLOT));
}

export function resizeDisplay(arrangement: Arrangement, slot: number, { width, height }: Size): Arrangement {
  return arrangement.map((display) => (display.slot === slot ? { ...display, width, height } : display));
}

/** One step: changes places with its neighbour, or goes where it still touches another one. As it is where there is no such place. */
export function moveDisplay(arrangement: Arrangement, slot: number, side: Side): Arrangement {
  const moved = arrangement.find((display) => display.slot === slot);
  if (moved === undefined) return arrangement;
  const wish = step(moved, side);
  if (isTaken(arrangement, wish)) return moveTo(arrangement, slot, wish);
  const cell = nearestAttached(withoutSlot(arrangement, slot), wish, side);
  return cell === undefined ? arrangement : compact(placed(arrangement, slot, cell));
}

/** Into this cell: changes places with whoever is there; an empty one need not touch any other. */
export function moveTo(arrangement: Arrangement, slot: number, { column, row }: Cell): Arrangement {
  const moved = arrangement.find((display) => display.slot === slot);
  if (moved === undefined) return arrangement;
  const other = arrangement.find((display) => display.column === column && display.row === row);
  const swapped = other === undefined ? arrangement : placed(arrangement, other.slot, { column: moved.column, row: moved.row });
  return compact(placed(swapped, slot, { column, row }));
}

/** Each where the plan says, by slot; those that it does not know, or whose place is taken, to the right of the others. */
export function arrangeBy(arrangement: Arrangement, plan: ReadonlyMap<number, Cell>): Arrangement {
  const width = Math.max(0, ...[...plan.values()].map(({ column }) => column + 1));
  const taken = new Set<string>();
  let beside = 0;
  return compact(
    arrangement.map((display) => {
      const cell = plan.get(display.slot);
      if (cell !== undefined && !taken.has(keyOf(cell))) {
        taken.add(keyOf(cell));
        return { ...display, column: cell.column, row: cell.row };
      }
      beside += 1;
      return { ...display, column: width + beside - 1, row: 0 };
    }),
  );
}

export function placesOf(arrangement: Arrangement): readonly DisplayPlace[] {
  return arrangement.map(({ column, row, monitor }) => ({ column, row, monitor }));
}

/** Each column as wide as its widest display, each row as high as its highest: nothing overlaps, and it begins at 0, 0. */
export function screensFor(arrangement: Arrangement): readonly DesktopScreen[] {
  const left = offsets(arrangement.map(({ column, width }) => [column, width]));
  const top = offsets(arrangement.map(({ row, height }) => [row, height]));
  return arrangement.map(({ id, column, row, width, height }) => ({
    id,
    x: left[column] ?? 0,
    y: top[row] ?? 0,
    width,
    height,
  }));
}

export function boundsOf(screens: readonly DesktopScreen[]): Size {
  return {
    width: Math.max(0, ...screens.map(({ x, width }) => x + width)),
    height: Math.max(0, ...screens.map(({ y, height }) => y + height)),
  };
}

/** In any order. */
export function sameScreens(some: readonly DesktopScreen[], others: readonly DesktopScreen[]): boolean {
  const text = ({ id, x, y, width, height }: DesktopScreen): string => [id, x, y, width, height].join(' ');
  return some.length === others.length && new Set([...some, ...others].map(text)).size === some.length;
}

function offsets(sizes: readonly (readonly [place: number, size: number])[]): readonly number[] {
  const largest: number[] = [];
  for (const [place, size] of sizes) largest[place] = Math.max(largest[place] ?? 0, size);
  let sum = 0;
  return Array.from(largest, (size = 0) => {
    sum += size;
    return sum - size;
  });
}

/** Without empty columns and rows. */
function compact(arrangement: Arrangement): Arrangement {
  const columns = ranks(arrangement.map(({ column }) => column));
  const rows = ranks(arrangement.map(({ row }) => row));
  return arrangement.map((display) => ({
    ...display,
    column: columns.get(display.column) ?? 0,
    row: rows.get(display.row) ?? 0,
  }));
}

function ranks(values: readonly number[]): ReadonlyMap<number, number> {
  return new Map([...new Set(values)].toSorted((a, b) => a - b).map((value, index) => [value, index]));
}

/** The empty cell nearest to the wish, in its half of the grid, that has a neighbour. */
function nearestAttached(others: Arrangement, wish: Cell, side: Side): Cell | undefined {
  const { column, row } = STEPS[side];
  const cells = others.flatMap((display) => SIDES.map((each) => step(display, each)));
  const [nearest] = cells
    .filter((cell) => !isTaken(others, cell))
    .filter((cell) => (cell.column - wish.column) * column + (cell.row - wish.row) * row >= 0)
    .toSorted((a, b) => distance(a, wish) - distance(b, wish) || a.row - b.row || a.column - b.column);
  return nearest;
}

/** The lowest slot of a further window that nobody has. */
export const freeSlot = (taken: readonly number[]): number => firstFree(taken, MAIN_SLOT + 1);

function firstFree(taken: readonly number[], from: number): number {
  let free = from;
  while (taken.includes(free)) free += 1;
  return free;
}

const keyOf = ({ column, row }: Cell): string => `${column} ${row}`;
const step = (from: Cell, side: Side): Cell => ({ column: from.column + STEPS[side].column, row: from.row + STEPS[side].row });
const distance = (a: Cell, b: Cell): number => Math.abs(a.column - b.column) + Math.abs(a.row - b.row);
const isTaken = (arrangement: Arrangement, cell: Cell): boolean => arrangement.some((display) => distance(display, cell) === 0);
const withoutSlot = (arrangement: Arrangement, slot: number): Arrangement =>
  arrangement.filter((display) => display.slot !== slot);
const placed = (arrangement: Arrangement, slot: number, { column, row }: Cell): Arrangement =>
  arrangement.map((display) => (display.slot === slot ? { ...display, column, row } : display));

/** The cell under a point of the desktop; beside it, a new column or row. For dropping a display there. */
export function cellAt(arrangement: Arrangement, { x, y }: { readonly x: number; readonly y: number }): Cell {
  const screens = screensFor(arrangement);
  const { width, height } = boundsOf(screens);
  const last = (places: readonly number[]): number => Math.max(0, ...places);
  const under = (edges: readonly number[], at: number, size: number, count: number): number =>
    at < 0 ? -1 : at >= size ? count + 1 : edges.filter((edge) => edge <= at).length - 1;
  const edges = (of: readonly number[]): readonly number[] => [...new Set(of)].toSorted((a, b) => a - b);
  return {
    column: under(edges(screens.map((screen) => screen.x)), x, width, last(arrangement.map(({ column }) => column))),
    row: under(edges(screens.map((screen) => screen.y)), y, height, last(arrangement.map(({ row }) => row))),
  };
}

/** Where all of the picture has to lie, so that one screen of it fills a window: in CSS pixels, with the rest cut off. */
export function partOf(
  framebuffer: Size,
  screen: Omit<DesktopScreen, 'id'>,
  window: Size,
): { readonly left: number; readonly top: number; readonly width: number; readonly height: number; readonly clipPath: string } {
  const scale = Math.min(window.width / screen.width, window.height / screen.height);
  const [width, height] = [framebuffer.width * scale, framebuffer.height * scale];
  const cut = [
    screen.y * scale,
    width - (screen.x + screen.width) * scale,
    height - (screen.y + screen.height) * scale,
    screen.x * scale,
  ];
  return {
    left: (window.width - screen.width * scale) / 2 - screen.x * scale,
    top: (window.height - screen.height * scale) / 2 - screen.y * scale,
    ...{ width, height },
    clipPath: `inset(${cut.map((side) => `${Math.max(0, side)}px`).join(' ')})`,
  };
}
