// `streamspace sessions`: what the page does with sessions, for a terminal and for scripts.
import { type Command, InvalidArgumentError } from 'commander';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import type { Me, SessionView } from '../../../schemas/api/api.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { CliContext } from '../../command.ts';
import { type GatewayApi, type GatewayOptions, isErrorCode, openGatewayApi } from '../../gateway-api.ts';
import { table } from '../../table.ts';
import { stateOption } from '../state-option.ts';

interface SessionFlags extends GatewayOptions {
  readonly namespace?: string;
  readonly json?: true;
}

interface StartFlags extends SessionFlags {
  readonly name?: string;
  readonly timeout: number;
}

interface StopFlags extends SessionFlags {
  readonly terminate?: true;
}

const POLL_MS = 250;
const DEFAULT_TIMEOUT_S = 120;

export function registerSessions(program: Command, context: CliContext): void {
  const sessions = program.command('sessions').description('list, start and stop desktops');
  common(sessions.command('ls').description('list the sessions that you may see')).action((flags: SessionFlags) =>
    list(flags, context),
  );
  common(sessions.command('start <template>').description('start a session and wait until its desktop answers'))
    .option('--name <name>', 'name of the session (default: the template and five characters)')
    .option('--timeout <seconds>', 'how long to wait', seconds, DEFAULT_TIMEOUT_S)
    .action((template: string, flags: StartFlags) => start(template, flags, context));
  common(sessions.command('stop <name>').description('hibernate a session: the pod stops, the home is kept'))
    .option('--terminate', 'end it for good and delete its home')
    .action((name: string, flags: StopFlags) => stop(name, flags, context));
}

function common(command: Command): Command {
  return command
    .addOption(stateOption())
    .option('-n, --namespace <name>', 'namespace (default: that of your only team; ls: all)')
    .option('--as <person>', 'a person of the local installation (default: admin)')
    .option('--server <url>', 'a gateway elsewhere, with the key in STREAMSPACE_API_KEY')
    .option('--json', 'print the answer as JSON');
}

function seconds(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('write a whole number of seconds');
  return Number(text);
}

async function list(flags: SessionFlags, context: CliContext): Promise<void> {
  const api = await openGatewayApi(flags, context);
  const path = flags.namespace === undefined ? '/sessions' : `${sessionsOf(flags.namespace)}`;
  const { items } = await api.call<{ readonly items: readonly SessionView[] }>('GET', path);
  context.stdout.write(flags.json === true ? `${JSON.stringify(items, null, 2)}\n` : describe(items));
}

async function start(template: string, flags: StartFlags, context: CliContext): Promise<void> {
  const api = await openGatewayApi(flags, context);
  const namespace = await namespaceOf(flags, api);
  const created = await api.call<SessionView>('POST', sessionsOf(namespace), {
    metadata: flags.name === undefined ? {} : { name: flags.name },
    spec: { template },
  });
  const { name } = created.metadata;
  context.stderr.write(`session ${namespace}/${name}\n`);
  const session = await untilRunning(api, `${sessionsOf(namespace)}/${name}`, flags.timeout, context);
  const url = `${api.url}/s/${namespace}/${name}`;
  context.stdout.write(flags.json === true ? `${JSON.stringify({ url, session }, null, 2)}\n` : `${url}\n`);
}

async function stop(name: string, flags: StopFlags, context: CliContext): Promise<void> {
  const api = await openGatewayApi(flags, context);
  const namespace = await namespaceOf(flags, api);
  const desiredState = flags.terminate === true ? 'Terminated' : 'Hibernated';
  const session = await api.call<SessionView>('PATCH', `${sessionsOf(namespace)}/${encodeURIComponent(name)}`, {
    spec: { desiredState },
  });
  const words = desiredState === 'Terminated' ? 'is being terminated' : 'is going to sleep; its home is kept';
  context.stdout.write(flags.json === true ? `${JSON.stringify(session, null, 2)}\n` : `session ${namespace}/${name} ${words}\n`);
}

/** Tells each stage as it comes. @throws StreamSpaceError with the reason of a session that failed, or when time is up */
async function untilRunning(api: GatewayApi, path: string, timeoutS: number, context: CliContext): Promise<SessionView> {
  const startedAt = performance.now();
  let told = 0;
  let message = '';
  while (performance.now() - startedAt < timeoutS * 1000) {
    const session = await api.call<SessionView>('GET', path);
    const { phase, reason = '', stages = [], message: words = '' } = session.status ?? {};
    for (const stage of stages.slice(told)) context.stderr.write(`  ${stage.name.padEnd(12)} ${elapsed(session, stage.at)}\n`);
    told = Math.max(told, stages.length);
    if (phase === 'Running') return session;
    if (phase === 'Failed' || phase === 'Terminated' || phase === 'Terminating')
      throw new StreamSpaceError(
        isErrorCode(reason) ? reason : 'SessionNotRunning',
        words === '' ? `the session is ${phase}` : words,
      );
    if (words !== message) context.stderr.write(`  ${words}\n`);
    message = words;
    await delay(POLL_MS, context.signal);
  }
  throw new StreamSpaceError(
    'DesktopUnreachable',
    `not running after ${timeoutS} s${message === '' ? '' : `: ${message}`}; it goes on starting`,
  );
}

function elapsed(session: SessionView, at: string): string {
  const from = Date.parse(session.status?.startedAt ?? session.metadata.creationTimestamp);
  return `+${(Math.max(0, Date.parse(at) - from) / 1000).toFixed(1)} s`;
}

async function namespaceOf(flags: SessionFlags, api: GatewayApi): Promise<string> {
  if (flags.namespace !== undefined) return flags.namespace;
  const { teams } = await api.call<Me>('GET', '/me');
  const [only] = teams;
  if (only !== undefined && teams.length === 1) return only.namespace;
  const choice =
    teams.length === 0 ? 'you are in no team' : `your teams are in ${teams.map((team) => team.namespace).join(', ')}`;
  throw new StreamSpaceError('UsageInvalid', `say --namespace: ${choice}`);
}

function sessionsOf(namespace: string): string {
  return `/namespaces/${encodeURIComponent(namespace)}/sessions`;
}

function describe(items: readonly SessionView[]): string {
  return table([
    ['NAMESPACE', 'NAME', 'TEMPLATE', 'OWNER', 'PHASE', 'REASON'],
    ...items.map(({ metadata, spec, status }) => [
      metadata.namespace ?? '',
      metadata.name,
      spec.template,
      spec.owner,
      status?.phase ?? 'Pending',
      status?.reason ?? '',
    ]),
  ]);
}
