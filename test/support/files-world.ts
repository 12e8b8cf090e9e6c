// A gateway of its own with a real clamd, and a running session, for tests of its files.
import { randomUUID } from 'node:crypto';
import { createKubeClient, type OwnedKubeClient } from '../../runtime/kube/client.ts';
import { RESOURCES } from '../../runtime/kube/resources.ts';
import type { Session } from '../../schemas/kinds/sessions/session.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { runningSession } from './api.ts';
import { type Clamd, prepareClamd } from './clamd.ts';
import { inDesktop } from './desktop.ts';
import { FilesApi } from './files-api.ts';
import { type OwnGateway, ownGateway } from './own-gateway.ts';
import type { Servers } from './servers.ts';
import { eventually } from './wait.ts';

export interface FilesWorld extends AsyncDisposable {
  /** Of the session; its owner is `member`. */
  readonly name: string;
  readonly client: OwnedKubeClient;
  readonly clamd: Clamd;
  readonly gateway: OwnGateway;
  readonly files: FilesApi;
  /** In the desktop, as its user. */
  run(script: string): Promise<string>;
  /** Rules of files for this session alone; in force when it resolves, and gone again when it is disposed. */
  withPolicy(rules: object): Promise<FilesPolicy>;
}

export interface FilesPolicy extends AsyncDisposable {
  /** `namespace/name` */
  readonly policy: string;
  change(rules: object): Promise<void>;
}

export async function filesWorld(servers: Servers): Promise<FilesWorld> {
  const name = `files-${randomUUID().slice(0, 6)}`;
  await using made = new AsyncDisposableStack();
  const client = made.use(createKubeClient({ kubeconfig: servers.kubeconfig }));
  const clamd = made.use(await prepareClamd());
  await clamd.start();
  const gateway = made.use(await ownGateway(servers, [`--clamd=unix:${clamd.path}`]));
  made.use(await runningSession(servers, name, 'member'));
  const all = made.move();
  return {
    ...{ name, client, clamd, gateway },
    files: new FilesApi(gateway.servers, 'member', name),
    run: (script) => inDesktop(servers, name, script),
    withPolicy: (rules) => policyFor(client, name, rules),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function policyFor(client: OwnedKubeClient, name: string, rules: object): Promise<FilesPolicy> {
  const own = `${name}-${randomUUID().slice(0, 6)}`;
  const spec = { targets: { cel: `session.metadata.name == "${name}"` }, files: rules };
  const body = { apiVersion: API_GROUP_VERSION, kind: 'DlpPolicy', metadata: { name: own, namespace: 'team-web' }, spec };
  await client.create(RESOURCES.dlpPolicies, 'team-web', JSON.stringify(body));
  const inForce = (generation: number | undefined) =>
    eventually(`policy ${own} is in force`, async () => {
      const { status } = await client.get<Session>(RESOURCES.sessions, 'team-web', name);
      return status?.effectivePolicy?.policies.find((each) => each.name === own)?.generation === generation;
    });
  await inForce(1);
  return {
    policy: `team-web/${own}`,
    change: async (changes) => {
      await client.mergePatch(RESOURCES.dlpPolicies, 'team-web', own, { spec: { files: changes } });
      await inForce(2);
    },
    [Symbol.asyncDispose]: async () => {
      await client.delete(RESOURCES.dlpPolicies, 'team-web', own);
      await inForce(undefined);
    },
  };
}
