// One more controller as a process of its own, beside the installation's, which has to be frozen meanwhile.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from './command.ts';
import type { Servers } from './servers.ts';

export interface Replica extends AsyncDisposable {
  readonly identity: string;
  /** Where it listens. */
  readonly url: string;
  signal(which: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
  /** SIGTERM; gives the exit code. */
  end(): Promise<number | null>;
  readonly log: readonly string[];
}

/** @param further settings as arguments */
export async function startReplica(
  servers: Servers,
  identity: string,
  shards: number,
  further: readonly string[] = [],
): Promise<Replica> {
  const folder = await mkdtemp(join(tmpdir(), `streamspace-${identity}-`));
  const child = spawn(
    process.execPath,
    [
      '--conditions=source',
      '--disable-warning=ExperimentalWarning',
      join(ROOT, 'controller/main.ts'),
      `--kubeconfig=${servers.kubeconfig}`,
      `--state-dir=${folder}`,
      '--listen=127.0.0.1:0',
      `--identity=${identity}`,
      `--shards=${shards}`,
      '--kustomize=/nonexistent/kubectl',
      '--network-probe-hours=0',
      ...further,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const log: string[] = [];
  const ended = once(child, 'exit');
  const url = await listening(child, log, ended);
  const signal = (which: NodeJS.Signals): void => void child.kill(which);
  return {
    identity,
    url,
    log,
    signal,
    end: async () => {
      signal('SIGTERM');
      await ended;
      return child.exitCode;
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        signal('SIGKILL');
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function listening(child: ChildProcess, log: string[], ended: Promise<unknown>): Promise<string> {
  if (child.stdout === null) throw new Error('the process has no output');
  const lines = createInterface(child.stdout);
  const told = new Promise<string>((resolve) => {
    lines.on('line', (line) => {
      log.push(line);
      const { msg, port } = JSON.parse(line) as { readonly msg?: string; readonly port?: number };
      if (msg === 'controller listens') resolve(`http://127.0.0.1:${port}`);
    });
  });
  const died = ended.then(() => Promise.reject(new Error(`the controller ended: ${log.slice(-3).join('\n')}`)));
  died.catch(() => undefined);
  return await Promise.race([told, died]);
}
