// Which fields of an object changed: found in what it was, told in what may be shown of it.
import { isMap } from './mask.ts';

export interface FieldChange {
  /** `spec.env[name=LANG].value`; items without a name by their place. */
  readonly path: string;
  /** Left out: it was not there. */
  readonly before?: unknown;
  /** Left out: it is gone. */
  readonly after?: unknown;
}

interface Sides {
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * @param raw as it is @param shown the same, blacked out in places @returns at most `limit`, and whether there are more
 */
export function changedFields(
  raw: Sides,
  shown: Sides,
  limit: number,
): { readonly fields: readonly FieldChange[]; readonly more: boolean } {
  const fields: FieldChange[] = [];
  compare(raw, shown, '', fields, limit + 1);
  return { fields: fields.slice(0, limit), more: fields.length > limit };
}

function compare(raw: Sides, shown: Sides, path: string, found: FieldChange[], limit: number): void {
  if (found.length >= limit || raw.before === raw.after) return;
  const steps = stepsInto(raw, shown);
  if (steps === undefined) {
    if (JSON.stringify(raw.before) === JSON.stringify(raw.after)) return;
    found.push({
      path,
      ...(raw.before === undefined ? {} : { before: shown.before }),
      ...(raw.after === undefined ? {} : { after: shown.after }),
    });
    return;
  }
  for (const step of steps) compare(step.raw, step.shown, joined(path, step.name), found, limit);
}

interface Step {
  /** `.name`, `[name=x]` or `[2]`. */
  readonly name: string;
  readonly raw: Sides;
  readonly shown: Sides;
}

/** Undefined: both sides are told as a whole. */
function stepsInto(raw: Sides, shown: Sides): readonly Step[] | undefined {
  const { before, after } = raw;
  if (isMap(before) && isMap(after) && isMap(shown.before) && isMap(shown.after)) {
    const [shownBefore, shownAfter] = [shown.before, shown.after];
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted().map((key) => ({
      name: `.${key}`,
      raw: { before: before[key], after: after[key] },
      shown: { before: shownBefore[key], after: shownAfter[key] },
    }));
  }
  if (!Array.isArray(before) || !Array.isArray(after) || !Array.isArray(shown.before) || !Array.isArray(shown.after))
    return undefined;
  const [was, is] = [placesOf(before), placesOf(after)];
  const [shownBefore, shownAfter] = [shown.before as unknown[], shown.after as unknown[]];
  return [...new Set([...was.keys(), ...is.keys()])].map((name) => {
    const [from, to] = [was.get(name), is.get(name)];
    return {
      name,
      raw: { before: from === undefined ? undefined : before[from], after: to === undefined ? undefined : after[to] },
      shown: { before: from === undefined ? undefined : shownBefore[from], after: to === undefined ? undefined : shownAfter[to] },
    };
  });
}

/** Items by their names where each has one of its own, else by their places. */
function placesOf(list: readonly unknown[]): ReadonlyMap<string, number> {
  const names = list.map((item) => (isMap(item) && typeof item['name'] === 'string' ? `[name=${item['name']}]` : undefined));
  const byName = new Set(names).size === names.length && !names.includes(undefined);
  return new Map(list.map((_item, at) => [(byName ? names[at] : undefined) ?? `[${at}]`, at]));
}

function joined(path: string, step: string): string {
  return path === '' && step.startsWith('.') ? step.slice(1) : `${path}${step}`;
}
