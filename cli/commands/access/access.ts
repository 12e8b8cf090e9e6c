// `streamspace access why`: whether a person may do something, and through which binding, role and rule.
import { type Command, Option } from 'commander';
import type { AccessExplanation, AccessPathView } from '../../../schemas/api/access.ts';
import type { CliContext } from '../../command.ts';
import { type GatewayOptions, openGatewayApi } from '../../gateway-api.ts';
import { stateOption } from '../state-option.ts';

interface Flags extends GatewayOptions {
  readonly team?: string;
  readonly namespace?: string;
  readonly session?: string;
  readonly resource: string;
  readonly json?: true;
}

export function registerAccess(program: Command, context: CliContext): void {
  const access = program.command('access').description('who may do what, and why');
  access
    .command('why <user> <verb>')
    .description('why a person may do something: every binding, role and rule that gives it, with its place in Git')
    .option('--team <name>', 'in the namespace of this team (default: in the whole cluster)')
    .option('-n, --namespace <name>', 'in this namespace')
    .option('--session <name>', 'of this session; with --team or --namespace')
    .option('--resource <name>', 'what it is about', 'sessions')
    .addOption(new Option('--as <person>', 'a person of the local installation (default: admin)'))
    .option('--server <url>', 'a gateway elsewhere, with the key in STREAMSPACE_API_KEY')
    .option('--json', 'print the answer as JSON')
    .addOption(stateOption())
    .action(async (user: string, verb: string, flags: Flags) => {
      const api = await openGatewayApi(flags, context);
      const { team, namespace, session, resource } = flags;
      const query = new URLSearchParams({ user, verb, resource });
      for (const [name, value] of Object.entries({ team, namespace, session })) if (value !== undefined) query.set(name, value);
      const answer = await api.call<AccessExplanation>('GET', `/access/explain?${query.toString()}`);
      context.stdout.write(flags.json === true ? `${JSON.stringify(answer, null, 2)}\n` : describe(answer));
    });
}

function describe({ user, verb, resource, namespace, session, allowed, paths }: AccessExplanation): string {
  const what = session === null ? resource : `${resource}/${session}`;
  const head = `${user} ${allowed ? 'may' : 'may not'} ${verb} ${what} ${namespace === null ? 'in the whole cluster' : `in ${namespace}`}`;
  const rest = allowed && paths.length === 0 ? ['  by rights that StreamSpace has not made'] : paths.flatMap(describePath);
  return `${[head, ...rest].join('\n')}\n`;
}

function describePath(path: AccessPathView): readonly string[] {
  const { source, subject, role, inheritance, rule, scope, expiresAt, reason, origins } = path;
  const until = expiresAt === null ? '' : `, until ${expiresAt}`;
  return [
    `  ${source} gives ${subject} the role ${role} (${scope}${until})`,
    ...(reason === null ? [] : [`    reason: ${reason}`]),
    `    rule: ${rule.verbs.join(', ')} on ${rule.resources.join(', ')}${inheritance.length > 1 ? `, by ${inheritance.join(' -> ')}` : ''}`,
    ...origins.map(
      ({ object, gitSync, file, line, revision }) =>
        `    ${object}: ${file ?? 'file not known'}${line === null ? '' : `:${line}`} at ${revision?.slice(0, 12) ?? 'commit not known'}, GitSync ${gitSync}`,
    ),
  ];
}
