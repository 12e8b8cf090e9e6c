// Starts one whole installation for a test run: a state folder of its own, free ports, removed with all traces at the end.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { createKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import { SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import { streamspace } from './command.ts';
import type { Servers } from './servers.ts';
import { eventually } from './wait.ts';

/** Names the local.json of an installation that runs already; then none is started or stopped. */
export const LOCAL_JSON_VARIABLE = 'STREAMSPACE_TEST_LOCAL_JSON';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

export interface Installation extends AsyncDisposable {
  readonly localJson: string;
}

/** `streamspace up` in a fresh folder; disposing takes it down and proves that nothing is left. */
export async function startInstallation(): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-test-'));
  const stateDir = join(folder, 'state');
  const port = await freePort();
  const up = await streamspace(['up', '--state', stateDir, '--port', String(port), '--detach', '--json'], {
    timeoutMs: 300_000,
    echo: true,
  });
  const down = async (): Promise<void> => {
    const { code, stderr } = await streamspace(['down', '--purge', '--state', stateDir], { timeoutMs: 120_000 });
    await rm(folder, { recursive: true, force: true });
    if (code !== 0) throw new Error(`down --purge exited with ${code}: ${stderr}`);
  };
  if (up.code !== 0) {
    await down().catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
    throw new Error(`up exited with ${up.code}: ${up.stderr.slice(-4000)}`);
  }
  const localJson = join(stateDir, 'local.json');
  try {
    await untilSynced(await readServers(localJson));
  } catch (error) {
    await down();
    throw error;
  }
  return { localJson, [Symbol.asyncDispose]: down };
}

/** `up` does not wait for the first sync, and half of the tests begin with what it brings. */
async function untilSynced({ kubeconfig }: Servers): Promise<void> {
  await using client = createKubeClient({ kubeconfig });
  const ready = (object: Conditioned | undefined): boolean =>
    object?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  await eventually(
    'the first sync has brought team and templates',
    async () =>
      ready(await client.find<Conditioned>(RESOURCES.gitSyncs, SYSTEM_NAMESPACE, 'platform')) &&
      ready(await client.find<Conditioned>(RESOURCES.teams, undefined, 'web')),
    { timeoutMs: 120_000, everyMs: 250 },
  );
}

interface Conditioned {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

async function readServers(localJson: string): Promise<Servers> {
  const content = JSON.parse(await readFile(localJson, 'utf8')) as Omit<Servers, 'stateDir'>;
  return { ...content, stateDir: join(localJson, '..') };
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const running = process.env[LOCAL_JSON_VARIABLE];
  if (running !== undefined) {
    project.provide('servers', await readServers(running));
    return async () => undefined;
  }
  const installation = await startInstallation();
  project.provide('servers', await readServers(installation.localJson));
  return async () => {
    await installation[Symbol.asyncDispose]();
  };
}
