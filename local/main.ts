// The detached process behind `streamspace up`: it supervises everything of one installation until it is told to stop.

import { SettingsReader } from '../runtime/config/settings.ts';
import { createLogger } from '../runtime/log/log.ts';
import { aborted, untilSignalled } from '../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../schemas/errors.ts';
import { sweep } from './machine/sweep.ts';
import { readInstallation } from './state/installation.ts';
import { makeStateFolders, statePaths } from './state/state.ts';
import { takeLock } from './supervisor/lock.ts';
import { endRecordedProcesses } from './supervisor/process-files.ts';
import { identify } from './supervisor/process-identity.ts';
import { Supervisor } from './supervisor/supervisor.ts';
import { installationUnits } from './units.ts';

const settings = new SettingsReader(process.argv.slice(2), process.env);
const stateDir = settings.text('state');
const level = settings.logLevel();
settings.finish();

const log = createLogger({ name: 'supervisor', level });
// Every part has its own limit; this one is for what none of them foresaw.
const signal = untilSignalled({ graceMs: 90_000 });

async function main(): Promise<void> {
  const paths = statePaths(stateDir);
  await makeStateFolders(paths);
  const self = await identify(process.pid);
  const installation = await readInstallation(stateDir);
  if (self === undefined || installation === undefined)
    throw new StreamSpaceError('NotRunning', `nothing is set up in ${stateDir}`);
  await using lock = await takeLock(paths.lock, self);
  log.info({ lock: lock.path }, 'started');
  // Left by a supervisor that was killed. Desktops are not among them: they go on, and the new kubelet finds them.
  await endRecordedProcesses(paths.processes, (name) => log.warn({ part: name }, 'leftover ended'));
  const { units, background, client } = await installationUnits(installation, paths, log);
  await using _client = client;
  const supervisor = new Supervisor({ units, paths, self, log });
  const tending = background(signal);
  supervisor.start();
  await aborted(signal);
  await supervisor.stop();
  await tending;
  if (installation.kubeconfig === undefined) {
    const left = await sweep(stateDir);
    if (left.length > 0) log.error({ left }, 'traces left');
  }
}

await main();
