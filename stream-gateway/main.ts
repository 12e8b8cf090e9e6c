// The stream gateway as a process.
import { createLogger } from '../runtime/log/log.ts';
import { aborted, untilSignalled } from '../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../schemas/errors.ts';
import { startGateway } from './gateway.ts';
import { readGatewaySettings } from './settings.ts';

async function main(): Promise<void> {
  const signal = untilSignalled({ graceMs: 10_000 });
  const settings = readGatewaySettings(process.argv.slice(2), process.env);
  const log = createLogger({ name: 'gateway', level: settings.logLevel });
  await using gateway = await startGateway(settings, log);
  log.info({ host: gateway.address.address, port: gateway.address.port, url: settings.publicUrl }, 'gateway listens');
  await aborted(signal);
  log.info('gateway drains');
}

try {
  await main();
} catch (error) {
  const code = error instanceof StreamSpaceError ? error.code : 'Internal';
  createLogger({ name: 'gateway', level: 'error' }).error({ err: error, code }, 'gateway ended');
  process.exitCode = 1;
}
