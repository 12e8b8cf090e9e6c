// kubectl against the installation under test, as its administrator.

import { homedir } from 'node:os';
import { join } from 'node:path';
import { must } from './command.ts';
import type { Servers } from './servers.ts';

const cache = process.env['STREAMSPACE_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'streamspace');
export const KUBECTL = join(cache, 'bin/k8s-v1.36.3/kubectl');

export function kubectl(servers: Servers, args: readonly string[], input?: string): Promise<string> {
  return must(KUBECTL, ['--kubeconfig', servers.kubeconfig, ...args], input === undefined ? {} : { input });
}

export async function kubectlJson<T>(servers: Servers, args: readonly string[]): Promise<T> {
  return JSON.parse(await kubectl(servers, [...args, '-o', 'json'])) as T;
}
