// Which network a session has: the profile it was started with, its team, and what is told of both in its status.
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeObjectJson, Resource } from '../../../runtime/kube/types.ts';
import type { EffectiveNetwork, NetworkDns, NetworkProfile } from '../../../schemas/kinds/policies/network-profile.ts';
import type { Session } from '../../../schemas/kinds/sessions/session.ts';
import { type Team, teamNamespace } from '../../../schemas/kinds/team.ts';
import type { Template } from '../../../schemas/kinds/template.ts';
import { LABELS } from '../../../schemas/names.ts';
import { type MergedNetwork, mergeNetwork } from './merge-network.ts';
import { ADMIT_GATEWAY_POLICY, DEFAULT_DENY_POLICY, networkPolicyName, opensAnything } from './render.ts';

/** A StatefulSet, as far as it says how its pods are labelled. */
export interface Labelled {
  readonly spec?: { readonly template?: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } } };
}

/** The NetworkProfile that its template named when the desktop was started. */
export function networkLabel({ spec }: Labelled): string | undefined {
  return spec?.template?.metadata?.labels?.[LABELS.network];
}

interface Cache {
  find<T = KubeObjectJson>(resource: Resource, namespace: string | undefined, name: string): T | undefined;
}

interface CacheOfAll extends Cache {
  all<T = KubeObjectJson>(resource: Resource): Iterable<T>;
}

/** By the label of the namespace. Undefined where it is not that of the Team that the label names. */
export function teamOfNamespace(cache: Cache, namespace: string): Team | undefined {
  const name = cache.find<KubeObjectJson>(RESOURCES.namespaces, undefined, namespace)?.metadata.labels?.[LABELS.team];
  const team = name === undefined ? undefined : cache.find<Team>(RESOURCES.teams, undefined, name);
  return team !== undefined && teamNamespace(team) === namespace ? team : undefined;
}

/** How a desktop resolves names that is started now. Undefined where there is no team. */
export function startingDns(cache: CacheOfAll, { metadata }: Session, { spec }: Template): NetworkDns | undefined {
  const team = teamOfNamespace(cache, metadata.namespace ?? '');
  if (team === undefined) return undefined;
  return mergeNetwork(team, cache.all<NetworkProfile>(RESOURCES.networkProfiles), spec.network).dns;
}

export interface SessionNetwork extends Pick<MergedNetwork, 'profiles' | 'origins'> {
  readonly effective: EffectiveNetwork;
}

/** Undefined where neither team nor template names a profile: all is as it was without any. */
export function sessionNetwork(
  team: Team,
  profiles: Iterable<NetworkProfile>,
  named: string | undefined,
): SessionNetwork | undefined {
  if (team.spec.defaults?.network === undefined && named === undefined) return undefined;
  const merged = mergeNetwork(team, profiles, named);
  const opening = opensAnything(merged) ? [networkPolicyName(named)] : [];
  const effective = { egress: merged.mode, dns: merged.dns, policies: [DEFAULT_DENY_POLICY, ADMIT_GATEWAY_POLICY, ...opening] };
  return { effective, profiles: merged.profiles, origins: merged.origins };
}
