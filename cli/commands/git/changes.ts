// `streamspace changes`: ask for a change of what is kept in Git, see what others ask for, approve, reject, take back.
import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import * as z from 'zod';
import type { ChangeView } from '../../../schemas/api/changes.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { type ChangeEdit, changeEdit } from '../../../schemas/kinds/changes/change-edit.ts';
import { rollbackWish, troubleAfterMerge } from '../../../schemas/kinds/changes/change-request.ts';
import { SYSTEM_NAMESPACE } from '../../../schemas/names.ts';
import type { CliContext } from '../../command.ts';
import { type GatewayOptions, openGatewayApi } from '../../gateway-api.ts';
import { table, timeText } from '../../table.ts';
import { stateOption } from '../state-option.ts';
import { type EditFlags, editFrom } from './change-edits.ts';
import { ownersText } from './owners-text.ts';

interface Flags extends GatewayOptions {
  readonly json?: true;
}

interface CreateFlags extends Flags, EditFlags {
  readonly namespace: string;
  readonly sync: string;
  readonly reason: string;
  readonly until?: string;
  readonly file?: string;
}

interface RollbackFlags extends Flags {
  readonly sync: string;
  readonly reason: string;
  readonly namespace?: string;
  readonly to?: string;
  readonly last?: number;
  readonly commit?: readonly string[];
  readonly path?: readonly string[];
}

interface ReviewFlags extends Flags {
  readonly commit?: string;
  readonly reason?: string;
}

const many = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

export function registerChanges(program: Command, context: CliContext): void {
  const changes = program.command('changes').description('ask for changes of what is kept in Git, and approve them');
  const command = (words: string, description: string): Command =>
    changes
      .command(words)
      .description(description)
      .addOption(new Option('--as <person>', 'a person of the local installation (default: admin)'))
      .option('--server <url>', 'a gateway elsewhere, with the key in STREAMSPACE_API_KEY')
      .option('--json', 'print the answer as JSON')
      .addOption(stateOption());

  command('ls', 'list change requests, the newest first')
    .option('--waiting', 'only those that you can approve or reject now')
    .action((flags: Flags & { readonly waiting?: true }) => list(flags, context));
  command('show <change>', 'one change request (namespace/name), with its diff').action(async (change: string, flags: Flags) => {
    print(await (await openGatewayApi(flags, context)).call<ChangeView>('GET', pathOf(change)), flags, context, describe);
  });
  command('create', 'ask for a change')
    .requiredOption('--namespace <name>', 'of the team whose object it is, or streamspace')
    .requiredOption('--reason <text>', 'why; it becomes the message of the commit')
    .option('--sync <namespace/name>', 'the GitSync whose repository is changed', `${SYSTEM_NAMESPACE}/platform`)
    .option('--object <kind/name>', 'what is changed: Kind/name or Kind/namespace/name')
    .option('--api-version <text>', 'of the object, where it is none of StreamSpace')
    .option('--set <path=value>', 'sets a field, such as spec.members[user=ada].role=viewer; may be given again', many)
    .option('--remove <path>', 'removes a field or item, such as spec.members[user=ada]; may be given again', many)
    .option('--until <time>', 'when it is taken back, such as 2027-05-01T17:00:00Z (default: it stays)')
    .option('--file <path>', 'edits as JSON, in place of --object, --set and --remove')
    .action((flags: CreateFlags) => create(flags, context));
  program
    .command('rollback')
    .description('ask for what a GitSync applies to become what it was')
    .requiredOption('--reason <text>', 'why; it becomes the message of the commit')
    .option('--namespace <name>', 'of the team whose files they are (default: that of the GitSync)')
    .option('--to <commit>', 'what it was at this commit')
    .option('--last <count>', 'without so many of the last commits that touched it', Number)
    .option('--commit <id>', 'without this commit, and with what came after it; may be given again', many)
    .option('--path <path>', 'of these files or folders alone; may be given again', many)
    .option('--sync <namespace/name>', 'the GitSync whose repository is changed', `${SYSTEM_NAMESPACE}/platform`)
    .addOption(new Option('--as <person>', 'a person of the local installation (default: admin)'))
    .option('--server <url>', 'a gateway elsewhere, with the key in STREAMSPACE_API_KEY')
    .option('--json', 'print the answer as JSON')
    .addOption(stateOption())
    .action((flags: RollbackFlags) => rollback(flags, context));
  command('approve <change>', 'approve the commit of a change request')
    .option('--commit <id>', 'the commit that you have seen (default: the one it has now)')
    .option('--reason <text>', 'why')
    .action((change: string, flags: ReviewFlags) => approve(change, flags, context));
  command('reject <change>', 'reject a change request for good')
    .requiredOption('--reason <text>', 'why; whoever asked reads it')
    .action(async (change: string, flags: ReviewFlags) => {
      const api = await openGatewayApi(flags, context);
      const view = await api.call<ChangeView>('POST', `${pathOf(change)}/reject`, { reason: flags.reason });
      print(view, flags, context, () => `${change} is rejected\n`);
    });
  command('withdraw <change>', 'take back what you have asked for').action(async (change: string, flags: Flags) => {
    const view = await (await openGatewayApi(flags, context)).call<ChangeView>('POST', `${pathOf(change)}/withdraw`, {});
    print(view, flags, context, () => `${change} is withdrawn\n`);
  });
}

function print(view: ChangeView, flags: Flags, { stdout }: CliContext, words: (view: ChangeView) => string): void {
  stdout.write(flags.json === true ? `${JSON.stringify(view, null, 2)}\n` : words(view));
}

/** @throws UsageInvalid */
function pathOf(change: string): string {
  const [namespace = '', name = '', ...rest] = change.split('/');
  if (namespace === '' || name === '' || rest.length > 0)
    throw new StreamSpaceError('UsageInvalid', `"${change}": write namespace/name, as \`streamspace changes ls\` prints it`);
  return `/namespaces/${encodeURIComponent(namespace)}/changes/${encodeURIComponent(name)}`;
}

function idOf({ metadata }: ChangeView): string {
  return `${metadata.namespace}/${metadata.name}`;
}

async function list(flags: Flags & { readonly waiting?: true }, context: CliContext): Promise<void> {
  const api = await openGatewayApi(flags, context);
  const { items } = await api.call<{ readonly items: readonly ChangeView[] }>('GET', '/changes');
  const shown = items
    .filter(({ may }) => flags.waiting !== true || may.approve)
    .toSorted((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp));
  if (flags.json === true) context.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
  else
    context.stdout.write(
      table([
        ['CHANGE', 'PHASE', 'BY', 'APPROVALS', 'ASKED', 'REASON'],
        ...shown.map((view) => [
          ...[idOf(view), phaseText(view), view.spec.requestedBy.name, approvalsOf(view)],
          ...[timeText(view.metadata.creationTimestamp), view.spec.reason.split('\n', 1)[0] ?? ''],
        ]),
      ]),
    );
}

function phaseText(view: ChangeView): string {
  const trouble = troubleAfterMerge(view);
  return `${view.status?.phase ?? 'Pending'}${trouble === undefined ? '' : ` (${trouble.reason})`}`;
}

function approvalsOf({ status }: ChangeView): string {
  const given = (status?.approvals ?? []).filter(
    ({ verdict, standing }) => verdict === 'Approve' && standing === 'Counts',
  ).length;
  return `${given}/${status?.approvalsNeeded ?? '?'}`;
}

function describe(view: ChangeView): string {
  const { spec, status } = view;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const trouble = troubleAfterMerge(view);
  const lines = [
    `${idOf(view)}: ${status?.phase ?? 'Pending'}${ready === undefined ? '' : ` (${ready.reason}: ${ready.message})`}`,
    `asked by ${spec.requestedBy.name} at ${timeText(view.metadata.creationTimestamp)}, for ${spec.target.namespace}/${spec.target.name}`,
    `why: ${spec.reason}`,
    ...(status?.commit === undefined ? [] : [`commit ${status.commit} on ${status.branch}, for ${status.into}`]),
    ...timesOf(view),
    ...(status?.url === undefined ? [] : [`pull request: ${status.url}`]),
    ...(status?.mergeCommit === undefined ? [] : [`merged: ${status.into} is at ${status.mergeCommit} since`]),
    ...(status?.result === undefined ? [] : [`applied: revision ${status.result.revision}, ${status.result.health}`]),
    ...(trouble === undefined ? [] : [`merged, but not healthy: ${trouble.reason}: ${trouble.message}`]),
    ...(status?.rollback === undefined ? [] : [`asked to be undone by ${view.metadata.namespace}/${status.rollback.name}`]),
    ...(status?.approvals ?? []).map(
      ({ by, verdict, standing, at, reason }) =>
        `${verdict === 'Approve' ? 'approved' : 'rejected'} by ${by} at ${timeText(at)} (${standing.toLowerCase()})${reason === undefined ? '' : `: ${reason}`}`,
    ),
    ...ownersText(status?.codeOwners),
  ];
  return `${lines.join('\n')}\n${status?.diff === undefined ? '' : `\n${status.diff}`}`;
}

function timesOf({ metadata: { namespace }, spec: { until, takesBack }, status }: ChangeView): readonly string[] {
  const by = status?.takenBackBy;
  const then = by === undefined ? 'then another change takes it back' : `taken back by ${namespace}/${by}`;
  return [
    ...(takesBack === undefined ? [] : [`takes back ${namespace}/${takesBack.name}, whose time is over`]),
    ...(until === undefined ? [] : [`until ${timeText(until)}, ${then}`]),
  ];
}

async function create(flags: CreateFlags, context: CliContext): Promise<void> {
  const [namespace = '', name = ''] = flags.sync.split('/');
  const edits = flags.file === undefined ? [editFrom(flags)] : await readEdits(flags.file);
  const until = flags.until === undefined ? {} : { until: timeFrom(flags.until) };
  const api = await openGatewayApi(flags, context);
  const body = { reason: flags.reason, target: { namespace, name }, edits, ...until };
  const view = await api.call<ChangeView>('POST', `/namespaces/${encodeURIComponent(flags.namespace)}/changes`, body);
  print(view, flags, context, () => `${idOf(view)}\n`);
}

/** @throws UsageInvalid */
async function rollback({ to, last, commit, path, ...flags }: RollbackFlags, context: CliContext): Promise<void> {
  const wish = rollbackWish.safeParse({ to, last, commits: commit, paths: path });
  if (!wish.success) {
    const [issue] = wish.error.issues;
    throw new StreamSpaceError('UsageInvalid', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`.replace(/^: /, ''));
  }
  const [namespace = '', name = ''] = flags.sync.split('/');
  const api = await openGatewayApi(flags, context);
  const body = { reason: flags.reason, target: { namespace, name }, rollback: wish.data };
  const view = await api.call<ChangeView>(
    'POST',
    `/namespaces/${encodeURIComponent(flags.namespace ?? namespace)}/changes`,
    body,
  );
  print(view, flags, context, () => `${idOf(view)}\n`);
}

/** @throws UsageInvalid */
function timeFrom(text: string): string {
  const at = Date.parse(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(at))
    throw new StreamSpaceError('UsageInvalid', `--until ${text}: write a time such as 2027-05-01T17:00:00Z`);
  return new Date(at).toISOString();
}

/** @throws UsageInvalid with the field */
async function readEdits(file: string): Promise<readonly ChangeEdit[]> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new StreamSpaceError('UsageInvalid', `--file ${file}: ${why}`, { cause });
  };
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    return refuse(cause instanceof Error ? cause.message : 'it cannot be read', cause);
  }
  const parsed = z
    .array(changeEdit)
    .min(1)
    .safeParse(Array.isArray(value) ? value : [value]);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return refuse(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'no edits'}`);
}

async function approve(change: string, flags: ReviewFlags, context: CliContext): Promise<void> {
  const api = await openGatewayApi(flags, context);
  const commit = flags.commit ?? (await api.call<ChangeView>('GET', pathOf(change))).status?.commit;
  if (commit === undefined) throw new StreamSpaceError('ChangeOutdated', `${change} has no commit yet`);
  const body = { commit, ...(flags.reason === undefined ? {} : { reason: flags.reason }) };
  const view = await api.call<ChangeView>('POST', `${pathOf(change)}/approve`, body);
  print(view, flags, context, () => `${change} is approved at ${commit}\n`);
}
