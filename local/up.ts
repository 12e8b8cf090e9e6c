// `streamspace up`: checks, chooses, starts the detached supervisor and waits until all of it answers.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { delay } from '../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../schemas/errors.ts';
import { down } from './down.ts';
import { type FollowOptions, followLife, untilReady } from './follow.ts';
import { preflight } from './machine/preflight.ts';
import { PROGRAM_PATH } from './machine/run.ts';
import { chooseInstallation } from './state/installation.ts';
import { type LocalJson, readLocalJson } from './state/local-json.ts';
import { makeStateFolders, type StatePaths, statePaths } from './state/state.ts';
import { readLock } from './supervisor/lock.ts';
import { closeLog, openLog, rotateLog } from './supervisor/log-file.ts';
import { endRecordedProcesses } from './supervisor/process-files.ts';
import { identify } from './supervisor/process-identity.ts';
import { readRunningStatus } from './supervisor/status.ts';

export interface UpOptions {
  readonly stateDir: string;
  readonly cacheDir: string;
  readonly port: number | undefined;
  readonly kubeconfig: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly home: string;
  /** One line of progress. */
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
  readonly startedAt: number;
}

const ASK_EVERY_MS = 20;

/**
 * Resolves when everything is ready. Interrupted by the signal while starting, it stops everything again and rejects.
 * @throws StreamSpaceError `NotRoot`, `ToolMissing`, `PortInUse`, `PartFailed` ...
 */
export async function up(options: UpOptions): Promise<{ readonly local: LocalJson; readonly wasRunning: boolean }> {
  const paths = statePaths(options.stateDir);
  await untilStopped(paths, options.signal);
  const wasRunning = (await readLock(paths.lock)) !== undefined;
  const before = wasRunning ? await readRunningStatus(paths.status) : undefined;
  if (wasRunning) options.report(`already running (state folder ${paths.dir})`);
  else await start(paths, options);
  try {
    await untilReady({ ...followOptions(paths, options), before });
  } catch (error) {
    if (options.signal.aborted && !wasRunning) await down({ stateDir: options.stateDir, purge: false, report: options.report });
    throw error;
  }
  const local = await readLocalJson(paths.localJson);
  if (local === undefined) throw new StreamSpaceError('NotRunning', `${paths.localJson} is missing`);
  return { local, wasRunning };
}

/** Stays until the signal, then stops everything; ends earlier when somebody else stops it. */
export async function stay(options: UpOptions): Promise<void> {
  const paths = statePaths(options.stateDir);
  const why = await followLife(followOptions(paths, options));
  if (why === 'ended') {
    options.report('stopped by somebody else');
    return;
  }
  options.report('stopping; the data is kept');
  await down({ stateDir: options.stateDir, purge: false, report: options.report });
}

function followOptions(paths: StatePaths, { report, signal, startedAt }: UpOptions): FollowOptions {
  return { paths, report, signal, startedAt };
}

/** An installation that is being stopped is started again once it has stopped. */
async function untilStopped(paths: StatePaths, signal: AbortSignal): Promise<void> {
  while ((await readRunningStatus(paths.status))?.state === 'stopping') await delay(ASK_EVERY_MS, signal);
}

async function start(paths: StatePaths, options: UpOptions): Promise<void> {
  const { stateDir, cacheDir, port, kubeconfig, databaseUrl } = options;
  await preflight({ cacheDir, kubeconfig, uid: process.getuid?.(), platform: process.platform });
  await makeStateFolders(paths);
  // Left by a supervisor that was killed: they would hold the ports that are theirs.
  await endRecordedProcesses(paths.processes, (name) => options.report(`ended ${name}, which was left running`));
  const installation = await chooseInstallation({ stateDir, cacheDir, port, kubeconfig, databaseUrl });
  options.report(`starting on http://localhost:${installation.port} (state folder ${stateDir})`);
  const logFile = `${paths.logs}/supervisor.log`;
  await rotateLog(logFile);
  const log = openLog(logFile);
  const child = spawn(
    process.execPath,
    [
      `--import=${new URL('./supervisor/keep-compiled.ts', import.meta.url).href}`,
      '--conditions=source',
      '--disable-warning=ExperimentalWarning',
      fileURLToPath(new URL('./main.ts', import.meta.url)),
      '--state',
      stateDir,
    ],
    {
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
      env: { PATH: PROGRAM_PATH, HOME: options.home, NODE_COMPILE_CACHE: `${cacheDir}/node` },
    },
  );
  closeLog(log);
  child.unref();
  await untilTaken(paths, child.pid, options.signal);
}

/** Until the new supervisor has written its first status, or is gone. */
async function untilTaken(paths: StatePaths, pid: number | undefined, signal: AbortSignal): Promise<void> {
  for (;;) {
    if ((await readRunningStatus(paths.status)) !== undefined) return;
    if (pid === undefined || (await identify(pid)) === undefined) {
      throw new StreamSpaceError('PartFailed', `the supervisor did not start; see ${paths.logs}/supervisor.log`);
    }
    await delay(ASK_EVERY_MS, signal);
  }
}
