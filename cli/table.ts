// Columns for people.

/** Two spaces between columns, none at the end of a line. */
export function table(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** `2026-11-24 12:00:05` in UTC. */
export function timeText(time: string): string {
  return time.slice(0, 19).replace('T', ' ');
}
