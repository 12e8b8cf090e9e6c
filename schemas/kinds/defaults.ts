// What the API server fills in where an object says nothing: the defaults of our schemas, put in and taken out. Pure.
import type * as z from 'zod';
import { sameValue } from '../same-value.ts';

type Json = Readonly<Record<string, unknown>>;

/** A spec as it is stored; as it is where it does not fit its schema. */
export function withDefaults(schema: z.ZodType, spec: unknown): unknown {
  const parsed = schema.safeParse(spec);
  return parsed.success ? parsed.data : spec;
}

/**
 * A stored spec as a person would write it: in the order of its schema, without fields that say what would be filled in. One that
 * does not fit its schema is given as it is.
 */
export function withoutDefaults(schema: z.ZodType, spec: unknown): unknown {
  const parsed = schema.safeParse(spec);
  return parsed.success ? lessOf(parsed.data, (less) => isSame(schema, less, parsed.data)) : spec;
}

function isSame(schema: z.ZodType, less: unknown, stored: unknown): boolean {
  const filled = schema.safeParse(less);
  return filled.success && sameValue(filled.data, stored);
}

/** @param says whether the whole would still be the same with this in its place */
function lessOf(value: unknown, says: (less: unknown) => boolean): unknown {
  if (Array.isArray(value)) {
    let items: readonly unknown[] = value;
    for (const [index, item] of value.entries())
      items = items.with(
        index,
        lessOf(item, (less) => says(items.with(index, less))),
      );
    return items;
  }
  if (!isRecord(value)) return value;
  let fields = value;
  for (const [name, below] of Object.entries(value)) {
    const { [name]: _left, ...rest } = fields;
    fields = says(rest) ? rest : { ...fields, [name]: lessOf(below, (less) => says({ ...fields, [name]: less })) };
  }
  return fields;
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
