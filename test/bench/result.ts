// What a measurement is, and how it is shown.

export interface Measurement {
  readonly suite: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with in the same run; null where there is none. */
  readonly peer: string | null;
  readonly peerValue: number | null;
  /** value / peerValue: below 1 is better than the peer for times. */
  readonly ratio: number | null;
}

export function measurement(
  suite: string,
  name: string,
  value: number,
  unit: string,
  peer?: { readonly name: string; readonly value: number },
): Measurement {
  const round = (number: number): number => Math.round(number * 1000) / 1000;
  return {
    suite,
    name,
    value: round(value),
    unit,
    peer: peer?.name ?? null,
    peerValue: peer === undefined ? null : round(peer.value),
    ratio: peer === undefined ? null : round(value / peer.value),
  };
}

/** The value that a share `q` (0 to 1) of the samples does not exceed. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))];
  if (value === undefined) throw new RangeError('no samples');
  return value;
}

export function table(measurements: readonly Measurement[]): string {
  const rows = [
    ['suite', 'name', 'value', 'unit', 'peer', 'peer value', 'ratio'],
    ...measurements.map((m) => [
      m.suite,
      m.name,
      String(m.value),
      m.unit,
      m.peer ?? '',
      m.peerValue === null ? '' : String(m.peerValue),
      m.ratio === null ? '' : String(m.ratio),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
