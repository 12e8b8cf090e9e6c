// Second step of `npm start`, `npm test` and `npm run check`: what the machine still lacks, then the command itself. What is
// there already is not touched; when nothing is missing, one line says so.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureImages } from '../images/build.ts';
import { cacheFolder } from '../local/state/state.ts';
import { check } from './check.ts';
import { ensureClusterPrograms } from './cluster-programs.ts';
import { ensureDebianPackages } from './debian-packages.ts';
import { ensureGitHubDescription } from './github-description.ts';
import { exitCodeOf } from './program.ts';
import { errorText } from './report.ts';
import { ensureSchemathesis } from './schemathesis.ts';
import { testPrograms } from './test-programs.ts';
import { ensureWebPage } from './web-page.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const [mode = '', ...args] = process.argv.slice(2);
const { env } = process;
const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => stopping.abort(new Error(`stopped by ${name}`)));
const { signal } = stopping;
const print = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function setUp(kind: 'start' | 'test', localCluster: boolean): Promise<void> {
  const startedAt = performance.now();
  let busy = false;
  const report = (line: string): void => {
    busy = true;
    print(`set-up: ${line}`);
  };
  const options = { cacheDir: cacheFolder(env, process.cwd()), env, report, signal };
  if (localCluster) {
    await ensureDebianPackages({ ...options, mode: kind });
    await ensureClusterPrograms(options);
    if (kind === 'test') {
      await ensureClusterPrograms(options, testPrograms(options.cacheDir));
      await ensureGitHubDescription(options);
    }
    await ensureImages(options);
  }
  await ensureWebPage(options);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  print(busy ? `set-up: done in ${seconds} s` : `set-up: everything is there (${seconds} s)`);
}

function runOurs(file: string, rest: readonly string[]): Promise<number> {
  const flags = ['--conditions=source', '--disable-warning=ExperimentalWarning'];
  return exitCodeOf(process.execPath, [...flags, join(ROOT, file), ...rest], { env, signal });
}

async function main(): Promise<number> {
  if (mode === 'check') return await check({ env, report: print, signal });
  if (mode === 'test') {
    await setUp('test', true);
    return await runOurs('test/run.ts', args);
  }
  if (mode === 'api-test') {
    await setUp('start', true);
    const options = {
      cacheDir: cacheFolder(env, process.cwd()),
      env,
      report: (line: string) => print(`set-up: ${line}`),
      signal,
    };
    return await runOurs('test/api/run.ts', [`--schemathesis=${await ensureSchemathesis(options)}`, ...args]);
  }
  await setUp('start', !args.some((argument) => /^--kubeconfig(=|$)/.test(argument)));
  return await runOurs('cli/main.ts', ['up', ...args]);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(errorText(signal.aborted ? signal.reason : error));
  process.exitCode = 1;
}
