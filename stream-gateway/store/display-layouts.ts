// Arrangements of displays, by person and set of monitors. Only so many a person: the one not saved for longest goes.
import type { Queryable } from '../../runtime/db/database.ts';
import { type DisplayLayout, displayLayout } from '../../schemas/api/displays.ts';

/** Desks at which somebody sits, and then some: a laptop is a new set of monitors at each of them. */
export const MAX_DISPLAY_LAYOUTS = 50;

export interface KeptLayout extends DisplayLayout {
  readonly savedAt: Date;
}

interface LayoutRow extends Record<string, unknown> {
  readonly displays: unknown;
  readonly saved_at: Date;
}

/** @param monitors 64 hexadecimal digits. Undefined: nothing is kept for them, or nothing that this version understands */
export async function findDisplayLayout(db: Queryable, owner: string, monitors: string): Promise<KeptLayout | undefined> {
  const rows = await db.query<LayoutRow>('select displays, saved_at from display_layouts where owner = $1 and monitors = $2', [
    owner,
    monitors,
  ]);
  const [row] = rows;
  const layout = displayLayout.safeParse({ displays: row?.displays });
  return row === undefined || !layout.success ? undefined : { ...layout.data, savedAt: row.saved_at };
}

/** The owner must be in `people`. */
export async function saveDisplayLayout(
  db: Queryable,
  owner: string,
  monitors: string,
  { displays }: DisplayLayout,
): Promise<KeptLayout> {
  const rows = await db.query<{ readonly saved_at: Date }>(
    `insert into display_layouts (owner, monitors, displays) values ($1, $2, $3)
     on conflict (owner, monitors) do update set displays = excluded.displays, saved_at = clock_timestamp()
     returning saved_at`,
    [owner, monitors, JSON.stringify(displays)],
  );
  await db.query(
    `delete from display_layouts where owner = $1 and monitors in
       (select monitors from display_layouts where owner = $1 order by saved_at desc, monitors offset $2)`,
    [owner, MAX_DISPLAY_LAYOUTS],
  );
  return { displays, savedAt: rows[0]?.saved_at ?? new Date(0) };
}
