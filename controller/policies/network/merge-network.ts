// What the network profiles of a team, and of a template, come to: the team's is the most there is, everything else narrows. Pure.
import type { NetworkDns, NetworkProfile } from '../../../schemas/kinds/policies/network-profile.ts';
import { type Team, teamNamespace } from '../../../schemas/kinds/team.ts';
import { SYSTEM_NAMESPACE } from '../../../schemas/names.ts';
import { fullName } from '../merging.ts';
import { intersection, type Reach, reachOf } from './reach.ts';

type Mode = 'Deny' | 'AllowList' | 'Internet';

export interface MergedNetwork {
  /** `Deny` where nothing is left. */
  readonly mode: Mode;
  readonly reach: Reach;
  readonly dns: NetworkDns;
  /** All that were merged, in the order in which they narrow. */
  readonly profiles: readonly NetworkProfile[];
  /** The most restrictive for `network.egress` and `network.dns`: `kind/namespace/name`, or of the Team that names none. */
  readonly origins: readonly { readonly field: string; readonly from: string }[];
}

interface Level {
  readonly from: string;
  readonly egress: NetworkProfile['spec']['egress'];
  readonly dns: NetworkProfile['spec']['dns'];
}

const MODES: readonly Mode[] = ['Deny', 'AllowList', 'Internet'];

/**
 * @param profiles at least those of `streamspace` and of the namespace of the team; others are not looked at
 * @param named by the template; left out: it names none
 */
export function mergeNetwork(team: Team, profiles: Iterable<NetworkProfile>, named: string | undefined): MergedNetwork {
  const all = [...profiles];
  const at = (namespace: string, name: string | undefined): readonly NetworkProfile[] =>
    all.filter(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  const given = team.spec.defaults?.network;
  const ceiling = at(SYSTEM_NAMESPACE, given);
  const ofTeam = at(teamNamespace(team), given);
  const ofTemplate = [...at(SYSTEM_NAMESPACE, named), ...at(teamNamespace(team), named)];
  const used = [...new Set([...ceiling, ...ofTeam, ...ofTemplate])];
  const missing = (name: string): Level => closed(`NetworkProfile/${SYSTEM_NAMESPACE}/${name}`);
  const levels: readonly Level[] = [
    ceiling[0] === undefined ? (given === undefined ? closed(`Team/${team.metadata.name}`) : missing(given)) : atMost(ceiling[0]),
    ...[...ofTeam, ...ofTemplate].map(levelOf),
    ...(named !== undefined && ofTemplate.length === 0 ? [missing(named)] : []),
  ];
  return { ...mergeLevels(levels), profiles: used };
}

function mergeLevels(levels: readonly Level[]): Omit<MergedNetwork, 'profiles'> {
  const egress = levels.flatMap(({ from, egress: each }) => (each === undefined ? [] : [{ from, ...each }]));
  const reach = egress.map(reachOf).reduce(intersection);
  const lowest = egress.toSorted((a, b) => MODES.indexOf(a.mode) - MODES.indexOf(b.mode))[0];
  const isNowhere = reach.blocks.length + reach.pods.length === 0;
  const dns = levels.flatMap(({ from, dns: each }) => (each === undefined ? [] : [{ from, dns: each }]));
  const resolution = dns.map((each) => each.dns).reduce((a, b) => (isSame(a, b) ? a : NO_DNS));
  const origin = dns.find((each) => isSame(each.dns, resolution)) ?? dns.at(-1);
  return {
    mode: isNowhere ? 'Deny' : (lowest?.mode ?? 'Deny'),
    reach,
    dns: resolution,
    origins: [
      ...(lowest === undefined ? [] : [{ field: 'network.egress', from: lowest.from }]),
      ...(origin === undefined ? [] : [{ field: 'network.dns', from: origin.from }]),
    ],
  };
}

const NO_DNS: NetworkDns = { mode: 'None' };
const isSame = (a: NetworkDns, b: NetworkDns): boolean => a.mode === b.mode && a.resolver === b.resolver;

const closed = (from: string): Level => ({ from, egress: { mode: 'Deny' }, dns: NO_DNS });

function levelOf(profile: NetworkProfile): Level {
  return { from: `NetworkProfile/${fullName(profile)}`, egress: profile.spec.egress, dns: profile.spec.dns };
}

/** What the most there is does not speak of, there is none of. */
function atMost(profile: NetworkProfile): Level {
  const { from, egress = { mode: 'Deny' }, dns = NO_DNS } = levelOf(profile);
  return { from, egress, dns };
}
