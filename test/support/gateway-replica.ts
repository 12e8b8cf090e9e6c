// One more gateway as a process of its own, on the database and the cluster of the installation.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from './command.ts';
import type { Servers } from './servers.ts';

export interface GatewayReplica extends AsyncDisposable {
  /** Where it listens; its page is that of the installation, so that is the origin of its streams. */
  readonly url: string;
  readonly pid: number;
  /** Without a goodbye. */
  kill(): void;
}

/** @param flags such as `--stream-processes=2` */
export async function startGatewayReplica(servers: Servers, flags: readonly string[] = []): Promise<GatewayReplica> {
  const folder = await mkdtemp(join(tmpdir(), 'streamspace-gateway-'));
  const child = spawn(
    process.execPath,
    [
      '--conditions=source',
      '--disable-warning=ExperimentalWarning',
      join(ROOT, 'stream-gateway/main.ts'),
      `--kubeconfig=${join(servers.stateDir, 'secrets', 'streamspace-gateway.kubeconfig')}`,
      '--listen=127.0.0.1:0',
      `--public-url=${servers.url}`,
      '--oidc-issuer=http://127.0.0.1:9', // nobody signs in here: there are API keys
      '--oidc-client-id=none',
      `--web-dir=${join(ROOT, 'stream-gateway/web/dist')}`,
      `--spool-dir=${folder}`,
      ...flags,
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, STREAMSPACE_DATABASE_URL: servers.databaseUrl, STREAMSPACE_OIDC_CLIENT_SECRET: 'none' },
    },
  );
  const ended = once(child, 'exit');
  const url = await listening(child, ended);
  return {
    url,
    pid: child.pid ?? 0,
    kill: () => void child.kill('SIGKILL'),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function listening(child: ChildProcess, ended: Promise<unknown>): Promise<string> {
  if (child.stdout === null) throw new Error('the process has no output');
  const last: string[] = [];
  const told = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout ?? process.stdin }).on('line', (line) => {
      last.push(line);
      const { msg, port } = JSON.parse(line) as { readonly msg?: string; readonly port?: number };
      if (msg === 'gateway listens') resolve(`http://127.0.0.1:${port}`);
    });
  });
  const died = ended.then(() => Promise.reject(new Error(`the gateway ended: ${last.slice(-3).join('\n')}`)));
  died.catch(() => undefined);
  return await Promise.race([told, died]);
}
