// Kubernetes quantities as numbers and as words.

const FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  m: 0.001,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** `500m` is 0.5, `2Gi` is 2147483648; NaN for what the schema does not admit. */
export function quantityOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(text);
  return match === null ? Number.NaN : Number(match[1]) * (FACTORS[match[2] ?? ''] ?? Number.NaN);
}

/** `512 MiB`, `1.5 GiB`. */
export function bytesText(quantity: string): string {
  const bytes = quantityOf(quantity);
  if (Number.isNaN(bytes)) return quantity;
  const gib = bytes / 2 ** 30;
  return gib >= 1 ? `${trimmed(gib)} GiB` : `${trimmed(bytes / 2 ** 20)} MiB`;
}

/** `0.25 CPU`. */
export function cpuText(quantity: string): string {
  const cpu = quantityOf(quantity);
  return Number.isNaN(cpu) ? quantity : `${trimmed(cpu)} CPU`;
}

const trimmed = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 2, useGrouping: false });
