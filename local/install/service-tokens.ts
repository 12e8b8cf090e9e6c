// Short-lived tokens of the service accounts that controller and gateway act as, and kubeconfigs that read them. The tokens are
// minted again long before they run out; a cluster that does not answer is asked again and again, for as long as it takes.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { KubeClient } from '../../runtime/kube/types.ts';
import type { Logger } from '../../runtime/log/log.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { SYSTEM_NAMESPACE } from '../../schemas/names.ts';
import { kubeconfigText } from '../cluster/kubeconfig.ts';
import { writeFileAtomically, writeFileIfChanged } from '../state/files.ts';
import type { StatePaths } from '../state/state.ts';

export const SERVICE_ACCOUNTS = ['streamspace-controller', 'streamspace-gateway'] as const;
export type ServiceAccount = (typeof SERVICE_ACCOUNTS)[number];

const LIFE_SECONDS = 3_600;
const REFRESH_MS = 15 * 60_000;
const RETRY_MS = 15_000;

const tokenPath = (paths: StatePaths, account: ServiceAccount): string => join(paths.secrets, `${account}.token`);

export function serviceKubeconfigPath(paths: StatePaths, account: ServiceAccount): string {
  return join(paths.secrets, `${account}.kubeconfig`);
}

/** @param kubeconfig whose current cluster the service accounts are of */
export async function writeServiceKubeconfigs(paths: StatePaths, kubeconfig: string): Promise<void> {
  await mkdir(paths.secrets, { recursive: true, mode: 0o700 });
  const cluster = clusterOf(await readFile(kubeconfig, 'utf8'), kubeconfig);
  for (const account of SERVICE_ACCOUNTS) {
    const text = kubeconfigText(account, cluster, { tokenFile: tokenPath(paths, account) });
    await writeFileIfChanged(serviceKubeconfigPath(paths, account), text);
  }
}

interface KubeconfigFile {
  readonly 'current-context'?: string;
  readonly contexts?: readonly { readonly name: string; readonly context: { readonly cluster: string } }[];
  readonly clusters?: readonly { readonly name: string; readonly cluster: Readonly<Record<string, unknown>> }[];
}

/** The cluster entry of the current context, as it stands. @throws StreamSpaceError `SettingInvalid` */
export function clusterOf(text: string, path: string): Readonly<Record<string, unknown>> {
  const file = parse(text) as KubeconfigFile | null;
  const context = file?.contexts?.find(({ name }) => name === file['current-context']);
  const cluster = file?.clusters?.find(({ name }) => name === context?.context.cluster);
  if (cluster === undefined) throw new StreamSpaceError('SettingInvalid', `kubeconfig ${path}: it has no current context`);
  return cluster.cluster;
}

export async function mintTokens(client: KubeClient, paths: StatePaths, signal: AbortSignal): Promise<void> {
  await Promise.all(
    SERVICE_ACCOUNTS.map(async (account) => {
      const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: LIFE_SECONDS } };
      const { status } = await client.json<{ readonly status: { readonly token: string } }>({
        method: 'POST',
        path: `/api/v1/namespaces/${SYSTEM_NAMESPACE}/serviceaccounts/${account}/token`,
        body: JSON.stringify(body),
        signal,
      });
      await writeFileAtomically(tokenPath(paths, account), status.token);
    }),
  );
}

/** Goes on until the signal. */
export async function keepTokensFresh(client: KubeClient, paths: StatePaths, log: Logger, signal: AbortSignal): Promise<void> {
  let waitMs = REFRESH_MS;
  while (!signal.aborted) {
    await delay(waitMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    waitMs = await mintTokens(client, paths, signal).then(
      () => REFRESH_MS,
      (error: unknown) => {
        if (!signal.aborted) log.warn({ err: error }, 'service account tokens not refreshed');
        return RETRY_MS;
      },
    );
  }
}
