// Whether an object is as we want it. Fields that others own or the API server fills in do not count. Pure.
import { readQuantity } from '../../schemas/quota/quantity.ts';

type Json = unknown;

const isObject = (value: Json): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fields whose text is a quantity: the API server may write `1` for `1000m`. */
const QUANTITIES = new Set(['cpu', 'memory', 'storage', 'sizeLimit']);

/**
 * Every field of `wanted` is in `live` with the same value; lists have the same length and order. Whether `live` still has a
 * field that is wanted no more it cannot say: that is what the fingerprint of `wanted` is for.
 */
export function covers(live: Json, wanted: Json, field = ''): boolean {
  if (Array.isArray(wanted))
    return Array.isArray(live) && live.length === wanted.length && wanted.every((item, index) => covers(live[index], item));
  if (isObject(wanted)) {
    // The API server drops empty objects and lists from what it stores.
    if (!isObject(live)) return live === undefined && Object.keys(wanted).length === 0;
    return Object.entries(wanted).every(([key, value]) => covers(live[key], value, key));
  }
  if (typeof wanted === 'string' && typeof live === 'string' && QUANTITIES.has(field) && wanted !== live)
    return (readQuantity(wanted) ?? wanted) === (readQuantity(live) ?? live);
  return live === wanted;
}
