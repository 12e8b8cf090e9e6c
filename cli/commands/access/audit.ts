// `streamspace audit ls`: what happened (audit-list.ts). `streamspace audit verify`: has anybody changed the audit log? The gateway passes rows and checkpoints on; what is good is computed here.
import type { KeyObject } from 'node:crypto';
import { type Command, InvalidArgumentError } from 'commander';
import type { AuditMonthsView } from '../../../schemas/api/audit.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { AuditFinding } from '../../../stream-gateway/audit/finding.ts';
import { type AuditSource, type AuditVerification, verifyAudit } from '../../../stream-gateway/audit/verify.ts';
import type { CliContext } from '../../command.ts';
import { type GatewayApi, type GatewayOptions, openGatewayApi } from '../../gateway-api.ts';
import { readPublicKeys } from '../../recording-place.ts';
import { table, timeText } from '../../table.ts';
import { foldersOf, stateOption } from '../state-option.ts';
import { registerAuditList } from './audit-list.ts';

interface VerifyFlags extends GatewayOptions {
  readonly month?: string;
  readonly key: readonly string[];
  readonly json?: true;
}

export function registerAudit(program: Command, context: CliContext): void {
  const audit = program.command('audit').description('the audit log');
  registerAuditList(audit, context);
  audit
    .command('verify')
    .description('tell whether the audit log is as it was written: exit code 0, or 1 and what is not')
    .addOption(stateOption())
    .option('--month <month>', 'of one month alone, such as 2026-11', month)
    .option('--key <file...>', 'public key that is trusted, in PEM (default: that of the local installation)', [])
    .option('--as <person>', 'a person of the local installation (default: admin)')
    .option('--server <url>', 'a gateway elsewhere, with the key in STREAMSPACE_API_KEY')
    .option('--json', 'print the findings as JSON')
    .action((flags: VerifyFlags) => verify(flags, context));
}

function month(text: string): string {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) throw new InvalidArgumentError('write a month such as 2026-11');
  return text;
}

async function verify(flags: VerifyFlags, context: CliContext): Promise<void> {
  const api = await openGatewayApi(flags, context);
  const keys: readonly KeyObject[] = await readPublicKeys(flags.key, foldersOf(flags, context).stateDir, context);
  const verified = await verifyAudit(sourceOf(api), keys, flags.month);
  context.stdout.write(flags.json === true ? `${JSON.stringify(verified, null, 2)}\n` : inWords(verified));
  const [first] = verified.findings;
  if (first === undefined) return;
  const more = verified.found > 1 ? `, and ${verified.found - 1} more` : '';
  throw new StreamSpaceError('AuditNotGenuine', `${findingInWords(first)}${more}`);
}

function sourceOf(api: GatewayApi): AuditSource {
  return {
    checkpoints: () => api.lines('/audit/checkpoints'),
    months: async () => (await api.call<AuditMonthsView>('GET', '/audit/months')).items,
    rows: (name) => api.lines(`/audit/months/${name}/rows`),
  };
}

function inWords({ months, checkpoints, findings, rows, seconds }: AuditVerification): string {
  const rate = seconds === 0 ? 0 : Math.round(rows / seconds);
  const words = months.map((each) => [each.month, String(each.rows), each.state, each.lastHash.slice(0, 16)]);
  const last = checkpoints.at === null ? '' : `, the last of ${timeText(checkpoints.at)}`;
  return [
    table([['MONTH', 'ROWS', 'STATE', 'LAST HASH'], ...words]),
    `${checkpoints.count} checkpoints${last}; ${rows} rows in ${seconds.toFixed(1)} s (${rate} a second)\n`,
    ...findings.map((each) => `  ${each.problem} ${findingInWords(each)}\n`),
    findings.length === 0 ? '  genuine: chains, checkpoints and signatures are good\n' : '',
  ].join('');
}

function findingInWords({ month: of, row, words }: AuditFinding): string {
  if (row === null) return of === null ? words : `${of}: ${words}`;
  return `${of}: event ${row.id} (seq ${row.seq}, place ${row.position}, ${row.at}): ${words}`;
}
