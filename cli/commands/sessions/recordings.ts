// `streamspace recordings`: what has been recorded, for a terminal and for scripts.
import { type Command, InvalidArgumentError } from 'commander';
import { RECORDING_STATES, type RecordingList, type RecordingView } from '../../../schemas/api/recordings.ts';
import type { CliContext } from '../../command.ts';
import { type GatewayOptions, openGatewayApi } from '../../gateway-api.ts';
import { table, timeText } from '../../table.ts';
import { stateOption } from '../state-option.ts';
import { registerRecordingFiles } from './recording-files.ts';

interface ListFlags extends GatewayOptions {
  readonly session?: string;
  readonly person?: string;
  readonly team?: string;
  readonly template?: string;
  readonly is?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  readonly json?: true;
}

const PAGE = 200;

export function registerRecordings(program: Command, context: CliContext): void {
  const recordings = program.command('recordings').description('list, verify and export what has been recorded');
  registerRecordingFiles(recordings, context);
  recordings
    .command('ls')
    .description('list the recordings that you may know of, newest first')
    .addOption(stateOption())
    .option('--session <name>', 'of a session: its name, or namespace/name')
    .option('--person <name>', 'of a person, as owner or participant')
    .option('--team <name>', 'of a team')
    .option('--template <name>', 'of a template: its name, or namespace/name')
    .option('--is <state>', `one of ${RECORDING_STATES.join(', ')}`)
    .option('--from <time>', 'recorded at this time or later, such as 2026-11-28 or 2026-11-28T08:00:00Z', time)
    .option('--to <time>', 'recorded at this time or before', time)
    .option('--limit <count>', 'how many at most', count, PAGE)
    .option('--as <person>', 'a person of the local installation (default: admin)')
    .option('--server <url>', 'a gateway elsewhere, with the key in STREAMSPACE_API_KEY')
    .option('--json', 'print the answer as JSON')
    .action((flags: ListFlags) => list(flags, context));
}

function count(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('write a whole number from 1');
  return Number(text);
}

/** In UTC where no zone is given. */
function time(text: string): string {
  const parsed = /^\d{4}-\d{2}-\d{2}/.test(text)
    ? Date.parse(/[T ]/.test(text) && !/(Z|[+-]\d{2}:\d{2})$/.test(text) ? `${text}Z` : text)
    : Number.NaN;
  if (Number.isNaN(parsed)) throw new InvalidArgumentError('write a time such as 2026-11-28 or 2026-11-28T08:00:00Z');
  return new Date(parsed).toISOString();
}

async function list(flags: ListFlags, context: CliContext): Promise<void> {
  const api = await openGatewayApi(flags, context);
  const { session, person, team, template, is: state, from, to, limit } = flags;
  const filter = new URLSearchParams();
  for (const [name, value] of Object.entries({ session, person, team, template, state, from, to }))
    if (value !== undefined) filter.set(name, value);
  const items: RecordingView[] = [];
  let cursor: string | undefined;
  do {
    filter.set('limit', String(Math.min(PAGE, limit - items.length)));
    if (cursor !== undefined) filter.set('continue', cursor);
    const page = await api.call<RecordingList>('GET', `/recordings?${filter}`);
    items.push(...page.items);
    cursor = page.metadata.continue;
  } while (cursor !== undefined && items.length < limit);
  context.stdout.write(flags.json === true ? `${JSON.stringify(items, null, 2)}\n` : describe(items));
}

function describe(items: readonly RecordingView[]): string {
  return table([
    ['ID', 'STARTED', 'LENGTH', 'STATE', 'SESSION', 'OWNER', 'SIZE', 'KEPT UNTIL'],
    ...items.map((item) => [
      item.id,
      timeText(item.startedAt),
      lengthText(item.durationMs),
      item.state,
      `${item.session.namespace}/${item.session.name}`,
      item.owner,
      sizeText(item.bytes),
      keptText(item),
    ]),
  ]);
}

/** `1:02:03` */
function lengthText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

function sizeText(bytes: number): string {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function keptText({ hold, deleted, retentionUntil, state }: RecordingView): string {
  if (deleted !== null) return '-';
  if (hold !== null) return `held by ${hold.by}`;
  if (state === 'Recording') return '';
  return retentionUntil === null ? 'deleted by hand' : retentionUntil.slice(0, 10);
}
