// Sees the moment at which one ConfigMap appears, by a watch of kubectl.
import { spawn } from 'node:child_process';
import { KUBECTL } from './kubectl.ts';
import type { Servers } from './servers.ts';

export interface WatchOne extends AsyncDisposable {
  /** The watch stands. */
  readonly watching: Promise<void>;
  /** `performance.now()` of the moment. */
  readonly seenAt: Promise<number>;
}

export function watchOne(servers: Servers, namespace: string, name: string): WatchOne {
  const args = ['--kubeconfig', servers.kubeconfig, 'get', 'configmap', '-n', namespace, '--watch', '-o', 'name', '-v=6'];
  const child = spawn(KUBECTL, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const watching = new Promise<void>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('watch=true')) resolve();
    });
  });
  const seenAt = new Promise<number>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes(`configmap/${name}\n`)) resolve(performance.now());
    });
  });
  return {
    watching,
    seenAt,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await ended;
    },
  };
}
