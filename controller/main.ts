// The controller as a process.
import { createLogger } from '../runtime/log/log.ts';
import { giveBackAtRest, usageOfProcess } from '../runtime/memory/give-back.ts';
import { aborted, untilSignalled } from '../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../schemas/errors.ts';
import { startController } from './controller.ts';
import { readControllerSettings } from './settings.ts';

async function main(): Promise<void> {
  const signal = untilSignalled({ graceMs: 10_000 });
  const settings = readControllerSettings(process.argv.slice(2), process.env);
  const log = createLogger({ name: 'controller', level: settings.logLevel });
  await using controller = await startController(settings, log);
  log.info({ host: controller.address.address, port: controller.address.port }, 'controller listens');
  const { gc } = globalThis; // there with --expose-gc alone
  const collect = async (): Promise<void> => await gc?.({ type: 'major', flavor: 'last-resort', execution: 'async' });
  if (gc !== undefined) void giveBackAtRest({ collect, usage: usageOfProcess, signal });
  await aborted(signal);
  log.info('controller drains');
}

try {
  await main();
} catch (error) {
  const code = error instanceof StreamSpaceError ? error.code : 'Internal';
  createLogger({ name: 'controller', level: 'error' }).error({ err: error, code }, 'controller ended');
  process.exitCode = 1;
}
