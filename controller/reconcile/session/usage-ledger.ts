// Writes down what a session has used of CPU hours before it is gone. Its finalizer goes only when that is written; the ledger keeps its
// UID until the object is gone, so a crash between the two counts nothing twice. The place of an entry follows from month, namespace and
// owner: sixteen ConfigMaps a month, so that neither one of them grows without end nor all deletions wait for one.
import { createHash } from 'node:crypto';
import { isStatus } from '../../../runtime/kube/kube-status-error.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { type Session, USAGE_MONTHS_MAX } from '../../../schemas/kinds/sessions/session.ts';
import { CONTROLLER_FIELD_MANAGER, LABELS, MANAGED_BY, SYSTEM_NAMESPACE } from '../../../schemas/names.ts';
import { parseCpuSeconds, wholeUsage } from '../../../schemas/quota/hours.ts';
import { LEDGER_KEY, type LedgerData, readLedger, withClosed } from '../../../schemas/quota/ledger.ts';
import type { CacheOfAll } from '../wanted.ts';

export interface UsageLedgerPorts {
  readonly client: Pick<KubeClient, 'find' | 'create' | 'apply' | 'delete'>;
  readonly cache: Pick<CacheOfAll, 'all'>;
}

/** How often it is tried on what others have written since. */
const TRIES = 10;

/**
 * Twice is once.
 * @param untilMs when it was over
 * @throws StreamSpaceError `UsageLedgerInvalid`, and the session stays as long as that is so
 */
export async function closeUsage(ports: UsageLedgerPorts, session: Session, untilMs: number, signal: AbortSignal): Promise<void> {
  const { namespace = '', uid = '' } = session.metadata;
  const { owner, template } = session.spec;
  const ref = session.status?.templateRef;
  const of = { namespace, owner, template: ref === undefined ? template : `${ref.namespace}/${ref.name}`, uid };
  for (const { month, cpuSeconds } of wholeUsage(session.status, untilMs))
    await write(ports, month, bucketOf(namespace, owner), { ...of, used: parseCpuSeconds(cpuSeconds) }, signal);
}

function bucketOf(namespace: string, owner: string): string {
  return createHash('sha256').update(`${namespace}/${owner}`).digest('hex').slice(0, 1);
}

const nameOf = (month: string, bucket: string): string => `streamspace-usage-${month}-${bucket}`;

async function write(
  { client, cache }: UsageLedgerPorts,
  month: string,
  bucket: string,
  closed: Parameters<typeof withClosed>[1],
  signal: AbortSignal,
): Promise<void> {
  const name = nameOf(month, bucket);
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    const before = await client.find<KubeObjectJson & { readonly data?: Readonly<Record<string, string>> }>(
      RESOURCES.configMaps,
      SYSTEM_NAMESPACE,
      name,
      { signal },
    );
    const data = before === undefined ? { month, entries: [], closed: [] } : readLedger(before);
    if (data === undefined)
      throw new StreamSpaceError('UsageLedgerInvalid', `ConfigMap ${SYSTEM_NAMESPACE}/${name} is no ledger of CPU hours`);
    const wanted = withClosed(data, closed);
    if (wanted === data) return;
    const body = JSON.stringify(manifest(name, withoutGone(wanted, closed.uid, cache), before?.metadata.resourceVersion));
    const options = { fieldManager: CONTROLLER_FIELD_MANAGER, signal };
    try {
      if (before === undefined) {
        await client.create(RESOURCES.configMaps, SYSTEM_NAMESPACE, body, options);
        await client.delete(RESOURCES.configMaps, SYSTEM_NAMESPACE, nameOf(monthsBefore(month, USAGE_MONTHS_MAX), bucket), {
          signal,
        });
      } else await client.apply(RESOURCES.configMaps, SYSTEM_NAMESPACE, name, body, { ...options, force: true });
      return;
    } catch (error) {
      if (!isStatus(error, 409) || attempt === TRIES) throw error;
    }
  }
}

/** Whoever the watch no longer has is gone for good: it had him, or nobody would have been asked to close him. */
function withoutGone(data: LedgerData, own: string, cache: Pick<CacheOfAll, 'all'>): LedgerData {
  const there = new Set([...cache.all<Session>(RESOURCES.sessions)].map(({ metadata }) => metadata.uid));
  return { ...data, closed: data.closed.filter((uid) => uid === own || there.has(uid)) };
}

function manifest(name: string, data: LedgerData, resourceVersion: string | undefined): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace: SYSTEM_NAMESPACE,
      labels: { [LABELS.managedBy]: MANAGED_BY, [LABELS.usage]: data.month },
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    data: { [LEDGER_KEY]: JSON.stringify(data) },
  };
}

function monthsBefore(month: string, count: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 - count, 1)).toISOString().slice(0, 7);
}
