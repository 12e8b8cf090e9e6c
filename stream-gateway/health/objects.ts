// Checks of what Git and settings say: objects that are not ready, settings that leave something out, an audit log that is not
// signed, and what the installation is known not to do.
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { KubeClient, KubeObjectJson } from '../../runtime/kube/types.ts';
import type { Condition } from '../../schemas/kinds/kind.ts';
import type { AuditPolicy } from '../../schemas/kinds/policies/audit-policy.ts';
import { INSTALLATION_NOTES, NETWORK_PROBE, SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import { type NetworkProbe, networkProbe } from '../../schemas/network-probe.ts';
import { type CheckpointStatus, checkpointProblems } from '../audit/checkpoint-status.ts';
import type { Feeds } from '../sessions/feeds.ts';
import type { HealthCheck, Problem } from './check.ts';

/** Of one kind. More would hide the rest, and have one cause as a rule. */
const MAX_SHOWN = 20;

export interface ObjectPorts {
  readonly client: KubeClient;
  readonly feeds: Pick<Feeds, 'gitSyncs' | 'identityProviders'>;
  readonly settings: { readonly sealed: boolean; readonly recordings: boolean };
  readonly checkpoints: () => CheckpointStatus;
  readonly now: () => Date;
}

export function objectChecks({ client, feeds, settings, checkpoints, now }: ObjectPorts): readonly HealthCheck[] {
  return [
    { part: 'settings', late: 'Internal', run: async () => settingProblems(settings) },
    { part: 'audit', late: 'Internal', run: async () => checkpointProblems(checkpoints(), now()) },
    {
      part: 'objects',
      late: 'ClusterUnreachable',
      run: async (signal) => [
        ...notReady('GitSync', feeds.gitSyncs.objects.values(), ({ namespace, name }) => `/sources/${namespace}/${name}`),
        ...notReady('IdentityProvider', feeds.identityProviders.objects.values()),
        ...notReady('AuditPolicy', (await client.list<KubeObjectJson & AuditPolicy>(RESOURCES.auditPolicies, { signal })).items),
      ],
    },
    { part: 'network', late: 'ClusterUnreachable', run: (signal) => networkFound(client, signal) },
    { part: 'installation', late: 'ClusterUnreachable', run: (signal) => installationNotes(client, signal) },
  ];
}

function settingProblems({ sealed, recordings }: ObjectPorts['settings']): readonly Problem[] {
  return [
    ...(sealed ? [] : [{ code: 'SealKeyMissing', message: 'the gateway has no key to seal what it keeps for people' }]),
    ...(recordings ? [] : [{ code: 'RecordingStorageOff', message: 'the gateway has no place for recordings' }]),
  ];
}

type Named = KubeObjectJson['metadata'];
type WithConditions = KubeObjectJson & { readonly status?: { readonly conditions?: readonly Condition[] | undefined } };

/** What the controller's last probe found. Nothing where it does not probe, or has not yet. */
async function networkFound(client: KubeClient, signal: AbortSignal): Promise<readonly Problem[]> {
  const found = await configMapData(client, NETWORK_PROBE, signal);
  const { data } = networkProbe.safeParse(found);
  return data === undefined ? [] : probeProblems(data);
}

export function probeProblems({ state, reason, node, checkedAt }: NetworkProbe): readonly Problem[] {
  const seen = `${reason} (${node === '' ? '' : `node ${node}, `}${checkedAt})`;
  switch (state) {
    case 'enforced':
      return [];
    case 'notEnforced':
      return [
        { code: 'NetworkPolicyNotEnforced', message: `the network of the cluster does not enforce NetworkPolicies: ${seen}` },
      ];
    case 'notKnown':
      return [{ code: 'NetworkPolicyNotKnown', message: `whether the network enforces NetworkPolicies is not known: ${seen}` }];
  }
}

/** Those whose `Ready` is False: what is still unknown is on its way. */
export function notReady(
  kind: string,
  objects: Iterable<WithConditions>,
  linkOf?: (metadata: Named) => string,
): readonly Problem[] {
  const problems = [...objects].flatMap(({ metadata, status }): readonly Problem[] => {
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready?.status !== 'False') return [];
    const { namespace, name } = metadata;
    const whole = `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
    return [
      { code: ready.reason, message: `${whole}: ${ready.message}`, ...(linkOf === undefined ? {} : { link: linkOf(metadata) }) },
    ];
  });
  const first = problems.slice(0, MAX_SHOWN);
  const [last] = first.slice(-1);
  const left = problems.length - first.length;
  if (left === 0 || last === undefined) return first;
  return [...first.slice(0, -1), { ...last, message: `${last.message} (and ${left} more of this kind)` }];
}

async function installationNotes(client: KubeClient, signal: AbortSignal): Promise<readonly Problem[]> {
  const notes = await configMapData(client, INSTALLATION_NOTES, signal);
  return Object.entries(notes).map(([code, message]) => ({ code, message }));
}

/** In the system namespace; empty where there is none of that name. */
async function configMapData(client: KubeClient, name: string, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
  type Data = { readonly data?: Readonly<Record<string, string>> };
  return (await client.find<Data>(RESOURCES.configMaps, SYSTEM_NAMESPACE, name, { signal }))?.data ?? {};
}
