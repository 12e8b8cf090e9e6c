// Whether an object is as we want it. Fields that others own or the API server fills in do not count. Pure.

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
    return quantity(wanted) === quantity(live);
  return live === wanted;
}

const FACTORS: Readonly<Record<string, bigint>> = {
  '': 1000n,
  m: 1n,
  k: 10n ** 6n,
  M: 10n ** 9n,
  G: 10n ** 12n,
  T: 10n ** 15n,
  Ki: 1000n * 2n ** 10n,
  Mi: 1000n * 2n ** 20n,
  Gi: 1000n * 2n ** 30n,
  Ti: 1000n * 2n ** 40n,
};

/** In thousandths, times 1,000 for the fraction's sake; a text that is no quantity stays what it is. */
function quantity(text: string): bigint | string {
  const match = /^(\d+)(?:\.(\d{1,3})\d*)?([a-zA-Z]*)$/.exec(text);
  const factor = FACTORS[match?.[3] ?? ''];
  if (match === null || factor === undefined) return text;
  return (BigInt(match[1] ?? '0') * 1000n + BigInt((match[2] ?? '').padEnd(3, '0'))) * factor;
}
