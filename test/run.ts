// `npm test`: the checks, the pure tests, then the tests against one whole running installation. Ends with one line that
// adds everything up: `N passed, N failed, N skipped`.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './support/command.ts';
import { LOCAL_JSON_VARIABLE, startInstallation } from './support/installation.ts';

interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0 };
const add = (a: Tally, b: Tally): Tally => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

function inherit(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** One vitest process over some projects. A run that ends badly without a failed test (a crash, no tests) counts as one. */
async function vitest(
  projects: readonly string[],
  files: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-vitest-'));
  const report = join(folder, 'report.json');
  const args = [
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...files,
  ];
  const code = await inherit(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), ...args], env);
  const text = await readFile(report, 'utf8').catch(() => '{}');
  await rm(folder, { recursive: true, force: true });
  const {
    numPassedTests = 0,
    numFailedTests = 0,
    numPendingTests = 0,
    numTodoTests = 0,
  } = JSON.parse(text) as Record<string, number>;
  const failed = code !== 0 && numFailedTests === 0 ? 1 : numFailedTests;
  return { passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests };
}

/** `npm run check`, counted as one test. */
async function check(): Promise<Tally> {
  const code = await inherit(process.execPath, [join(ROOT, 'setup/main.ts'), 'check'], {});
  return code === 0 ? { ...NOTHING, passed: 1 } : { ...NOTHING, failed: 1 };
}

async function againstInstallation(projects: readonly string[], files: readonly string[]): Promise<Tally> {
  let tally = NOTHING;
  try {
    await using installation = await startInstallation();
    tally = await vitest(projects, files, { [LOCAL_JSON_VARIABLE]: installation.localJson });
  } catch (error) {
    process.stderr.write(`the installation under test failed: ${error instanceof Error ? error.message : String(error)}\n`);
    tally = add(tally, { ...NOTHING, failed: 1 });
  }
  return tally;
}

const PARTS = ['check', 'unit', 'integration', 'e2e', 'disruption', 'long'];

/** Arguments: none for everything but `long`, else any of the parts; what is no part, or follows `--`, names test files. */
async function main(args: readonly string[]): Promise<number> {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const wanted = args.slice(0, end).filter((arg) => PARTS.includes(arg));
  const files = [...args.slice(0, end).filter((arg) => !PARTS.includes(arg)), ...args.slice(end + 1)];
  const has = (part: string): boolean => wanted.length === 0 || wanted.includes(part);
  const startedAt = performance.now();
  let tally = NOTHING;
  if (has('check')) tally = add(tally, await check());
  if (has('unit')) tally = add(tally, await vitest(['unit', 'web'], files, {}));
  const crossing = ['integration', 'e2e', 'disruption'].filter(has);
  if (wanted.includes('long')) crossing.push('long');
  if (crossing.length > 0) tally = add(tally, await againstInstallation(crossing, files));
  process.stdout.write(`tests took ${Math.round((performance.now() - startedAt) / 1000)} s\n`);
  process.stdout.write(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped\n`);
  return tally.failed === 0 && tally.passed > 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
