// How a person arranges the displays of a desktop, as it is kept for each set of monitors.
import * as z from 'zod';
import { MAX_DISPLAYS } from './displays-notices.ts';

const place = z
  .int()
  .min(0)
  .max(MAX_DISPLAYS - 1);

const displayPlace = z.strictObject({
  column: place.describe('From the left, of a grid that is as wide as it has to be.'),
  row: place.describe('From the top.'),
  monitor: place.nullable().describe('Which monitor of the set its window was on, in their order from the left; null: any.'),
});
export type DisplayPlace = z.infer<typeof displayPlace>;

const displayPlaces = z
  .array(displayPlace)
  .min(1)
  .max(MAX_DISPLAYS)
  .refine(
    (places) => new Set(places.map(({ column, row }) => `${column} ${row}`)).size === places.length,
    'two displays are at one place',
  )
  .describe('That of the main window first.');

export const displayLayout = z.strictObject({ displays: displayPlaces });
export type DisplayLayout = z.infer<typeof displayLayout>;

export const displayLayoutView = z.object({
  monitors: z.string(),
  displays: displayPlaces.nullable().describe('Null: nothing is kept for these monitors.'),
  savedAt: z.string().meta({ format: 'date-time' }).nullable(),
});
export type DisplayLayoutView = z.infer<typeof displayLayoutView>;
