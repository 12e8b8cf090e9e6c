// `streamspace health`: what is wrong with an installation, and what to do about it.
import { type Command, Option } from 'commander';
import type { HealthReport } from '../../../schemas/api/health.ts';
import type { CliContext } from '../../command.ts';
import { type GatewayOptions, openGatewayApi } from '../../gateway-api.ts';
import { stateOption } from '../state-option.ts';

interface Flags extends GatewayOptions {
  readonly json?: true;
}

export function registerHealth(program: Command, context: CliContext): void {
  program
    .command('health')
    .description('what is wrong with the installation; exit code 1 where something does not work')
    .option('--json', 'print the answer as JSON')
    .addOption(new Option('--as <person>', 'a person of the local installation (default: admin)'))
    .option('--server <url>', 'a gateway elsewhere, with the key in STREAMSPACE_API_KEY')
    .addOption(stateOption())
    .action(async (flags: Flags) => {
      const report = await (await openGatewayApi(flags, context)).call<HealthReport>('GET', '/health');
      context.stdout.write(flags.json === true ? `${JSON.stringify(report, null, 2)}\n` : describeHealth(report));
      if (report.findings.some(({ severity }) => severity === 'error')) context.setExitCode(1);
    });
}

export function describeHealth({ findings, parts, publicUrl }: HealthReport): string {
  const looked = `${parts.length} parts of ${publicUrl} looked at`;
  if (findings.length === 0) return `nothing is wrong; ${looked}\n`;
  const told = findings.map(({ severity, code, message, remedy }) => `${severity} ${code}: ${message}\n  remedy: ${remedy}\n`);
  return `${told.join('')}${looked}\n`;
}
