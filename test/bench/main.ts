// `npm run bench -- [SUITE] [--json FILE]`: every suite against one installation of its own, or against the one that
// STREAMSPACE_TEST_LOCAL_JSON names. Figures are compared with a peer in the same run where there is one.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import { LOCAL_JSON_VARIABLE, startInstallation } from '../support/installation.ts';
import type { Servers } from '../support/servers.ts';
import { eventually } from '../support/wait.ts';
import { applySuite } from './apply.ts';
import { auditSuite } from './audit.ts';
import { changesSuite } from './changes.ts';
import { driftSuite } from './drift.ts';
import type { Measurement } from './result.ts';
import { table } from './result.ts';
import { scaleSuite } from './scale.ts';
import { sessionSuite } from './session.ts';
import { streamSuite } from './stream.ts';
import { syncSuite } from './sync.ts';
import { upSuite } from './up.ts';

/** They need no installation, and none may take its share of the machine meanwhile. */
const ALONE: Readonly<Record<string, () => Promise<readonly Measurement[]>>> = { stream: streamSuite };
const SUITES: Readonly<Record<string, (servers: Servers) => Promise<readonly Measurement[]>>> = {
  session: sessionSuite,
  sync: syncSuite,
  apply: applySuite,
  drift: driftSuite,
  scale: scaleSuite,
  audit: auditSuite,
  changes: changesSuite,
  // Last: it takes the installation down and up again.
  up: upSuite,
};

/** What a suite leaves is deleted object by object, and that would be measured with the next. */
async function untilQuiet({ kubeconfig }: Servers): Promise<void> {
  await using client = createKubeClient({ kubeconfig });
  const isQuiet = async (): Promise<boolean> =>
    (await client.list(RESOURCES.namespaces)).items.every(({ metadata }) => metadata.deletionTimestamp === undefined);
  await eventually('every namespace of before is gone', isQuiet, { timeoutMs: 600_000 });
}

async function main(args: readonly string[]): Promise<number> {
  const flag = args.indexOf('--json');
  const file = flag === -1 ? undefined : args[flag + 1];
  const wanted = args.filter((argument, index) => !argument.startsWith('--') && (flag === -1 || index !== flag + 1));
  const names = [...Object.keys(ALONE), ...Object.keys(SUITES)];
  if (wanted.some((name) => !names.includes(name)) || (flag !== -1 && file === undefined)) {
    process.stderr.write(`error UsageInvalid: npm run bench -- [${names.join('|')}] [--json FILE]\n`);
    return 2;
  }
  const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
  const measurements: Measurement[] = [];
  for (const [name, suite] of Object.entries(ALONE)) {
    if (!isWanted(name)) continue;
    process.stderr.write(`bench: ${name}\n`);
    measurements.push(...(await suite()));
  }
  if (Object.keys(SUITES).some(isWanted)) measurements.push(...(await againstInstallation(isWanted)));
  process.stdout.write(`${table(measurements)}\n`);
  if (file !== undefined) await writeFile(file, `${JSON.stringify(measurements, null, 2)}\n`);
  return 0;
}

async function againstInstallation(isWanted: (name: string) => boolean): Promise<readonly Measurement[]> {
  const running = process.env[LOCAL_JSON_VARIABLE];
  await using installation =
    running === undefined ? await startInstallation() : { localJson: running, [Symbol.asyncDispose]: async () => undefined };
  const servers: Servers = {
    ...(JSON.parse(await readFile(installation.localJson, 'utf8')) as Omit<Servers, 'stateDir'>),
    stateDir: join(installation.localJson, '..'),
  };
  const measurements: Measurement[] = [];
  for (const [name, suite] of Object.entries(SUITES)) {
    if (!isWanted(name)) continue;
    process.stderr.write(`bench: ${name}\n`);
    await untilQuiet(servers);
    measurements.push(...(await suite(servers)));
  }
  return measurements;
}

process.exitCode = await main(process.argv.slice(2));
