// Kubernetes quantities, exactly: whole thousandths in a bigint, so that sums of millions of them neither drift nor overflow.

/** A thousandth of a unit: of a CPU, a byte, a session. */
export type Milli = bigint;

const FACTORS: Readonly<Record<string, bigint>> = {
  '': 1_000n,
  m: 1n,
  k: 1_000n * 10n ** 3n,
  M: 1_000n * 10n ** 6n,
  G: 1_000n * 10n ** 9n,
  T: 1_000n * 10n ** 12n,
  Ki: 1_000n * 2n ** 10n,
  Mi: 1_000n * 2n ** 20n,
  Gi: 1_000n * 2n ** 30n,
  Ti: 1_000n * 2n ** 40n,
};

/** @throws RangeError for what the schema (`quantity` in kinds/kind.ts) does not admit */
export function parseQuantity(text: string): Milli {
  const value = readQuantity(text);
  if (value === undefined) throw new RangeError(`"${text}" is not a quantity`);
  return value;
}

/**
 * `500m` is 500n, `2` is 2000n. What is finer than a thousandth is rounded up, as Kubernetes does.
 * @returns undefined for what the schema (`quantity` in kinds/kind.ts) does not admit
 */
export function readQuantity(text: string): Milli | undefined {
  const known = READ.get(text);
  if (known !== undefined) return known;
  const value = readAnew(text);
  if (READ.size >= MAX_READ) READ.clear();
  if (value !== undefined) READ.set(text, value);
  return value;
}

/** Thousands of sessions have a handful of sizes, and each is read for every decision. */
const READ = new Map<string, Milli>();
const MAX_READ = 1_000;

function readAnew(text: string): Milli | undefined {
  const match = /^(\d+)(?:\.(\d+))?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(text);
  const factor = FACTORS[match?.[3] ?? ''];
  if (match === null || factor === undefined || text.length > 64) return undefined;
  const [, whole = '0', decimals = ''] = match;
  const scaled = BigInt(whole + decimals) * factor;
  const divisor = 10n ** BigInt(decimals.length);
  return (scaled + divisor - 1n) / divisor;
}

const BYTE_UNITS = ['Ti', 'Gi', 'Mi', 'Ki'] as const;

/** The same value as short as it is exact: `7.5`, `1.5Gi`, `100`. @param unit `bytes` may be told in Ki, Mi, Gi, Ti */
export function quantityText(value: Milli, unit: 'plain' | 'bytes'): string {
  if (unit === 'bytes')
    for (const suffix of BYTE_UNITS) {
      const factor = FACTORS[suffix] ?? 1n;
      // Two decimals at most: 1.25Gi is read at a glance, 0.001953125Gi is not.
      if (value >= factor && (value * 100n) % factor === 0n) return `${decimal((value * 100n) / factor, 2)}${suffix}`;
    }
  return decimal(value, 3);
}

/** @param value in units of 10 to the power of minus `digits` */
function decimal(value: bigint, digits: number): string {
  const sign = value < 0n ? '-' : '';
  const text = (value < 0n ? -value : value).toString().padStart(digits + 1, '0');
  const rest = text.slice(-digits).replace(/0+$/, '');
  return `${sign}${text.slice(0, -digits)}${rest === '' ? '' : `.${rest}`}`;
}
