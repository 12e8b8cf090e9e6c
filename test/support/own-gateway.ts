// One more gateway in the process of the test, with settings of its own, on the cluster and database of the installation.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceKubeconfigPath } from '../../local/install/service-tokens.ts';
import { statePaths } from '../../local/state/state.ts';
import { createLogger } from '../../runtime/log/log.ts';
import { startGateway } from '../../stream-gateway/gateway.ts';
import { readGatewaySettings } from '../../stream-gateway/settings.ts';
import type { Servers } from './servers.ts';
import { eventually } from './wait.ts';

export interface OwnGateway extends AsyncDisposable {
  /** As `servers`, but everything goes to this gateway. */
  readonly servers: Servers;
  readonly kubeconfig: string;
  readonly spoolDir: string;
}

/** @param flags such as `--clamd=unix:/tmp/clamd.ctl`. Nobody signs in at it; API keys work. */
export async function ownGateway(servers: Servers, flags: readonly string[]): Promise<OwnGateway> {
  const spoolDir = await mkdtemp(join(tmpdir(), 'streamspace-gateway-'));
  const kubeconfig = serviceKubeconfigPath(statePaths(servers.stateDir), 'streamspace-gateway');
  const settings = readGatewaySettings(
    [
      ...[`--kubeconfig=${kubeconfig}`, `--database-url=${servers.databaseUrl}`, '--listen=127.0.0.1:0'],
      ...[`--public-url=${servers.url}`, `--spool-dir=${spoolDir}`, `--web-dir=${spoolDir}`],
      '--stream-processes=0', // it is all in the process of the test
      ...['--oidc-issuer=http://127.0.0.1:1', '--oidc-client-id=none', '--oidc-client-secret=none', ...flags],
    ],
    {},
  );
  const gateway = await startGateway(settings, createLogger({ name: 'own-gateway', level: 'silent' }));
  const url = `http://127.0.0.1:${gateway.address.port}`;
  await eventually('the gateway is ready', async () => (await fetch(`${url}/readyz`)).ok);
  return {
    servers: { ...servers, url },
    ...{ kubeconfig, spoolDir },
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]();
      await rm(spoolDir, { recursive: true, force: true });
    },
  };
}
