// What sessions that are deleted have used of CPU hours. It lies in ConfigMaps of the system namespace, so that neither the end of a
// session nor that of its team gives hours back. The controller writes them; here it is said how they are read. Pure.
import * as z from 'zod';
import { type CpuMicros, cpuSecondsText, parseCpuSeconds } from './hours.ts';

/** The key of the ConfigMap that everything stands in, as JSON. */
export const LEDGER_KEY = 'usage.json';

const ledgerData = z.object({
  month: z.string().regex(/^\d{4}-\d{2}$/),
  /** One for each person and template in a namespace. */
  entries: z.array(
    z.object({
      namespace: z.string(),
      owner: z.string(),
      template: z.string(),
      cpuSeconds: z.string().regex(/^\d+(\.\d{1,6})?$/),
    }),
  ),
  /** UIDs of sessions that are counted here and may still be there: what they have used counts here, and no longer with them. */
  closed: z.array(z.string()),
});
export type LedgerData = z.infer<typeof ledgerData>;
export type LedgerEntry = LedgerData['entries'][number];

/** Of one month. */
export interface Ledger {
  readonly entries: readonly (Omit<LedgerEntry, 'cpuSeconds'> & { readonly used: CpuMicros })[];
  readonly closed: ReadonlySet<string>;
}

export const EMPTY_LEDGER: Ledger = { entries: [], closed: new Set() };

export interface LedgerObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** @returns undefined for what is no ledger, or was damaged by hand */
export function readLedger({ data }: LedgerObject): LedgerData | undefined {
  try {
    return ledgerData.safeParse(JSON.parse(data?.[LEDGER_KEY] ?? '')).data;
  } catch {
    return undefined;
  }
}

/** By the object: it is looked at with every decision, and changes only when a session is deleted. */
const READ = new WeakMap<object, { readonly month: string; readonly ledger: Ledger } | 'none'>();

/** All ConfigMaps of a month as one. */
export function ledgerOf(objects: Iterable<LedgerObject>, month: string): Ledger {
  const parts: Ledger[] = [];
  for (const object of objects) {
    const known = READ.get(object) ?? parsed(object);
    READ.set(object, known);
    if (known !== 'none' && known.month === month) parts.push(known.ledger);
  }
  if (parts.length === 0) return EMPTY_LEDGER;
  return { entries: parts.flatMap(({ entries }) => entries), closed: new Set(parts.flatMap(({ closed }) => [...closed])) };
}

function parsed(object: LedgerObject): { readonly month: string; readonly ledger: Ledger } | 'none' {
  const data = readLedger(object);
  if (data === undefined) return 'none';
  const entries = data.entries.map(({ cpuSeconds, ...of }) => ({ ...of, used: parseCpuSeconds(cpuSeconds) }));
  return { month: data.month, ledger: { entries, closed: new Set(data.closed) } };
}

/** What was used, with what one more session has. A session that is counted already changes nothing. */
export function withClosed(
  data: LedgerData,
  session: Omit<LedgerEntry, 'cpuSeconds'> & { readonly uid: string; readonly used: CpuMicros },
): LedgerData {
  const { uid, used, namespace, owner, template } = session;
  if (data.closed.includes(uid)) return data;
  const isSame = (entry: LedgerEntry): boolean =>
    entry.namespace === namespace && entry.owner === owner && entry.template === template;
  const before = data.entries.find(isSame);
  const cpuSeconds = cpuSecondsText(used + (before === undefined ? 0n : parseCpuSeconds(before.cpuSeconds)));
  const entry = { namespace, owner, template, cpuSeconds };
  const entries = before === undefined ? [...data.entries, entry] : data.entries.map((each) => (each === before ? entry : each));
  return { ...data, entries, closed: [...data.closed, uid] };
}
