// The monitors that somebody sits at: what a set of them is called, and in which grid they stand. Pure.
import type { Cell } from './displays.ts';

/** As the browser gives it (Window Management API), in CSS pixels. */
export interface Monitor {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly devicePixelRatio: number;
  /** As it names itself; may be empty. */
  readonly label: string;
}

/** From the left, then from the top: an order that does not depend on that of the browser. */
export function inOrder<M extends Monitor>(monitors: readonly M[]): readonly M[] {
  return monitors.toSorted((a, b) => a.left - b.left || a.top - b.top || a.width - b.width || a.height - b.height);
}

/** The same for the same monitors in the same places, whichever is the primary one and wherever the origin is. */
export function monitorsText(monitors: readonly Monitor[]): string {
  const left = Math.min(...monitors.map((monitor) => monitor.left));
  const top = Math.min(...monitors.map((monitor) => monitor.top));
  return inOrder(monitors)
    .map(
      (monitor) =>
        `${monitor.width}x${monitor.height}@${monitor.devicePixelRatio} ${monitor.left - left},${monitor.top - top} ${monitor.label}`,
    )
    .join('\n');
}

/** SHA-256 of {@link monitorsText}: the gateway is not told what stands on somebody's desk. Null without a secure context. */
export async function fingerprintOf(monitors: readonly Monitor[]): Promise<string | null> {
  if (monitors.length === 0 || globalThis.crypto?.subtle === undefined) return null;
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(monitorsText(monitors)));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A cell for each, in the order given. Monitors beside each other share a row although their edges do not line up. */
export function cellsOf(monitors: readonly Monitor[]): readonly Cell[] {
  const columns = bands(monitors.map(({ left, width }) => ({ from: left, to: left + width })));
  const rows = bands(monitors.map(({ top, height }) => ({ from: top, to: top + height })));
  const taken = new Set<string>();
  return monitors.map((_monitor, index) => {
    const row = rows[index] ?? 0;
    let column = columns[index] ?? 0;
    while (taken.has(`${column} ${row}`)) column += 1;
    taken.add(`${column} ${row}`);
    return { column, row };
  });
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Spans in bands, each of which begins where the first of the band before has ended. */
function bands(spans: readonly Span[]): readonly number[] {
  const places = new Map<Span, number>();
  let band = -1;
  let end = Number.NEGATIVE_INFINITY;
  for (const span of spans.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    if (span.from >= end) {
      band += 1;
      end = span.to;
    }
    places.set(span, band);
  }
  return spans.map((span) => places.get(span) ?? 0);
}
