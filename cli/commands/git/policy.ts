// `streamspace policy explain`: whether a desktop may connect to an address, and which rule of which NetworkPolicy says so.
import { type Judged, judgeEgress, type RuleAt, type Target } from '../../../controller/policies/network/evaluate.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { formatCidr, parseAddress } from '../../../schemas/kinds/cidr.ts';
import { type Team, teamNamespace } from '../../../schemas/kinds/team.ts';
import type { Template } from '../../../schemas/kinds/template.ts';
import { LABELS, SYSTEM_NAMESPACE } from '../../../schemas/names.ts';
import { type ClusterOption, kubeconfigOption, openCluster } from '../../cluster-option.ts';
import type { CliContext, Register } from '../../command.ts';
import { renderFolder } from '../../local-render.ts';
import { type NetworkSources, type SourcedPolicy, sourcesOfCluster, sourcesOfManifests } from '../../network-sources.ts';
import { type RendererFlags, renderOptions, withRendererOptions } from '../../renderer-option.ts';
import { stateOption } from '../state-option.ts';

interface Flags extends RendererFlags, ClusterOption {
  readonly from: string;
  readonly to: string;
  readonly team?: string;
  readonly udp?: true;
  readonly live?: true;
  readonly json?: true;
}

/** Whose desktop: the team, and the NetworkProfile that its pod is labelled with. */
interface Desktop {
  readonly team: Team;
  readonly named: string | undefined;
}

interface Explanation extends Judged {
  readonly namespace: string;
  readonly to: string;
  readonly policies: readonly SourcedPolicy[];
}

export const registerPolicy: Register = (program, context) => {
  const policy = program.command('policy').description('what policies come to');
  withRendererOptions(
    policy
      .command('explain [dir]')
      .description('whether a desktop may connect to an address, and by which rule; from a folder, without a cluster'),
  )
    .requiredOption(
      '--from <desktop>',
      'team/NAME, template/NAME, template/NAMESPACE/NAME, or session/NAMESPACE/NAME with --live',
    )
    .requiredOption('--to <address>', 'ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT')
    .option('--team <name>', 'the team that starts the template (default: the only one that may)')
    .option('--udp', 'by UDP (default: TCP)')
    .option('--live', 'from the objects in the cluster instead of a folder')
    .option('--json', 'as JSON')
    .addOption(kubeconfigOption())
    .addOption(stateOption())
    .action(async (dir: string | undefined, flags: Flags) => {
      if (flags.live === true && dir !== undefined) throw usage('--live reads the cluster: leave the folder out');
      const target = targetOf(flags);
      const explain = async (sources: NetworkSources): Promise<void> => {
        const { team, named } = await desktopOf(sources, flags);
        const policies = await sources.policiesOf(team);
        const labels = { [LABELS.component]: 'desktop', ...(named === undefined ? {} : { [LABELS.network]: named }) };
        const found = { namespace: teamNamespace(team), to: wordsOf(target), policies, ...judgeEgress(policies, labels, target) };
        const told = { ...found, policies: Object.fromEntries(policies.map(({ name, from }) => [name, from])) };
        context.stdout.write(flags.json === true ? `${JSON.stringify(told, null, 2)}\n` : describe(found));
      };
      if (flags.live !== true) return await explain(await sourcesOfFolder(dir ?? '.', flags, context));
      await using client = await openCluster(flags, context);
      await explain(await sourcesOfCluster(client, context.signal));
    });
};

async function sourcesOfFolder(dir: string, flags: Flags, context: CliContext): Promise<NetworkSources> {
  const outcomes = await renderFolder(dir, renderOptions(flags), context);
  const failed = outcomes.find(({ failure }) => failure !== undefined);
  if (failed?.failure !== undefined) throw failed.failure.error;
  return sourcesOfManifests(outcomes.flatMap(({ manifests }) => manifests));
}

/** Names are not looked up: which addresses one has is another answer each time. */
function targetOf({ to, udp }: Flags): Target {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::([0-9]{1,5}))?$/.exec(to) ?? [];
  const whole = parseAddress(to);
  const address = whole ?? parseAddress(bracketed ?? plain ?? '');
  const port = whole !== undefined || digits === undefined ? undefined : Number(digits);
  if (address === undefined) throw usage(`--to ${to}: write an IPv4 or IPv6 address; names are not looked up`);
  if (port !== undefined && (port < 1 || port > 65_535)) throw usage(`--to ${to}: write a port from 1 to 65535`);
  return { address, port, protocol: udp === true ? 'UDP' : 'TCP' };
}

async function desktopOf(sources: NetworkSources, { from, team }: Flags): Promise<Desktop> {
  const [kind, ...path] = from.split('/');
  const [first = '', second] = path;
  if (kind === 'team' && first !== '' && second === undefined) return { team: teamCalled(sources, first), named: undefined };
  if (kind === 'session' && second !== undefined)
    return { team: teamIn(sources, first), named: await sources.startedWith(first, second) };
  if (kind !== 'template' || first === '' || path.length > 2)
    throw usage(`--from ${from}: write team/NAME, template/NAME, template/NAMESPACE/NAME or session/NAMESPACE/NAME`);
  const template = templateAt(sources, second === undefined ? undefined : first, second ?? first);
  const { namespace = '' } = template.metadata;
  const starter = namespace === SYSTEM_NAMESPACE ? teamCalled(sources, team) : teamIn(sources, namespace);
  return { team: starter, named: template.spec.network };
}

function templateAt({ templates }: NetworkSources, namespace: string | undefined, name: string): Template {
  const found = templates.filter(({ metadata }) => metadata.name === name && [metadata.namespace, undefined].includes(namespace));
  const [only] = found;
  if (only === undefined)
    throw new StreamSpaceError('NotFound', `there is no template ${namespace ?? ''}${namespace === undefined ? '' : '/'}${name}`);
  if (found.length > 1) throw usage(`there are ${found.length} templates called ${name}: write template/NAMESPACE/${name}`);
  return only;
}

/** @param name left out: the only team that there is */
function teamCalled({ teams }: NetworkSources, name: string | undefined): Team {
  const found = name === undefined && teams.length === 1 ? teams[0] : teams.find(({ metadata }) => metadata.name === name);
  if (found !== undefined) return found;
  if (name === undefined) throw usage('say with --team whose desktop it is');
  throw new StreamSpaceError('NotFound', `there is no team ${name}`);
}

function teamIn({ teams }: NetworkSources, namespace: string): Team {
  const found = teams.find((team) => teamNamespace(team) === namespace);
  if (found === undefined) throw new StreamSpaceError('NotFound', `namespace ${namespace} is not that of a team`);
  return found;
}

function describe({ allowed, by, isolating, nearly, ifPod, namespace, to, policies }: Explanation): string {
  const name = (policy: string): string => `NetworkPolicy ${namespace}/${policy}`;
  const from = (policy: string): string => {
    const sources = policies.find((each) => each.name === policy)?.from ?? [];
    return sources.length === 0 ? '' : `, from ${sources.join(' and ')}`;
  };
  const rule = (at: RuleAt): string => `${name(at.policy)} spec.egress[${at.rule}]${from(at.policy)}`;
  const because = isolating.map(name).join(', ');
  const verdict = allowed
    ? [by === undefined ? '  by nothing: no NetworkPolicy selects the desktop' : `  by ${rule(by)}`]
    : [`  by ${because}: selected, and no rule allows it`];
  const lines = [
    `${allowed ? 'allowed' : 'denied'}: desktop in ${namespace} to ${to}`,
    ...verdict,
    ...(allowed ? [] : nearly.map((at) => `  ${rule(at)}: holds the address, but not with this (${at.because})`)),
    ...(allowed ? [] : ifPod.map((at) => `  ${rule(at)}: would allow it if the address were that of a pod that it selects`)),
  ];
  return `${lines.join('\n')}\n`;
}

function wordsOf({ address, port, protocol }: Target): string {
  const text = formatCidr(address).replace(/\/[0-9]+$/, '');
  return `${text}${port === undefined ? '' : `, port ${port}`} (${protocol})`;
}

const usage = (message: string): StreamSpaceError => new StreamSpaceError('UsageInvalid', message);
