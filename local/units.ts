// Everything that one installation runs, as units for the supervisor: the cluster (ours or somebody else's), what is installed
// in it, and the processes around it.
import { fileURLToPath } from 'node:url';
import { installationManifests } from '../deploy/manifests.ts';
import { createKubeClient, type OwnedKubeClient } from '../runtime/kube/client.ts';
import type { KubeObjectJson } from '../runtime/kube/types.ts';
import { createResourceMapper } from '../runtime/kube/watch/mapper.ts';
import type { Logger } from '../runtime/log/log.ts';
import { clusterLayout } from './cluster/layout.ts';
import { networkPoliciesManifests } from './cluster/network-policies.ts';
import { storageManifests } from './cluster/storage.ts';
import { clusterUnits } from './cluster/units.ts';
import { databasePart } from './database/part.ts';
import { findingsOf, notesManifest } from './findings.ts';
import { gitPart } from './git/part.ts';
import { identityPart } from './identity/part.ts';
import { applyInstallation } from './install/apply-installation.ts';
import { ensurePlatformSync } from './install/platform-sync.ts';
import { keepTokensFresh, mintTokens, writeServiceKubeconfigs } from './install/service-tokens.ts';
import { whyNotFiltered } from './network-policies/packet-filter.ts';
import type { Part } from './part.ts';
import { type LocalPeople, loadPeople } from './people/people.ts';
import { seedPeople } from './people/seed-people.ts';
import { controllerPart, controllerUrl, ensureAuditToken, gatewayPart } from './processes.ts';
import type { Installation } from './state/installation.ts';
import { type LocalJson, readLocalJson, writeLocalJson } from './state/local-json.ts';
import type { StatePaths } from './state/state.ts';
import { asPart, asTask, type Unit } from './supervisor/unit.ts';

/** What the local repository starts with. */
const EXAMPLE = { name: 'plain-yaml', folder: fileURLToPath(new URL('../examples/plain-yaml', import.meta.url)) };

export interface InstallationUnits {
  readonly units: readonly Unit[];
  /** What goes on beside the units until the signal. */
  readonly background: (signal: AbortSignal) => Promise<void>;
  readonly client: OwnedKubeClient;
}

export async function installationUnits(installation: Installation, paths: StatePaths, log: Logger): Promise<InstallationUnits> {
  const layout = clusterLayout({ ...installation, stateDir: paths.dir });
  const local = installation.kubeconfig === undefined;
  const unfiltered = local ? await whyNotFiltered(layout) : undefined;
  const cluster = local
    ? await clusterUnits(layout, { imagesAfter: ['gateway', 'controller'], filtered: unfiltered === undefined })
    : [];
  const kubeconfig = installation.kubeconfig ?? layout.adminKubeconfig;
  await writeServiceKubeconfigs(paths, kubeconfig);
  const client = createKubeClient({ kubeconfig });

  const { stateDir } = layout;
  const { ports } = installation;
  const people = await loadPeople(stateDir);
  const database = installation.databaseUrl === undefined ? await databasePart({ stateDir, port: ports.database }) : undefined;
  const databaseUrl = database?.url ?? installation.databaseUrl ?? '';
  const url = `http://localhost:${installation.port}`;
  const oidc = await identityPart({
    stateDir,
    port: ports.identity,
    people,
    gatewayUrls: [url, `http://127.0.0.1:${installation.port}`],
  });
  const noticeUrl = `${controllerUrl(installation)}/hooks/git`;
  const git = gitPart({ stateDir, port: ports.git, people, example: EXAMPLE, noticeUrl });
  const needsDatabase = database === undefined ? [] : ['database'];
  const auditLog = `${layout.audit}/audit.log`;
  const processes = {
    installation,
    paths,
    databaseUrl,
    oidc,
    kubernetesAudit: { token: await ensureAuditToken(paths), log: local ? auditLog : undefined },
    after: { controller: ['installation'], gateway: ['installation', ...needsDatabase] },
  };
  const findings = findingsOf(local ? { cluster: 'local', unfiltered } : { cluster: 'external' });
  const answer: Omit<LocalJson, 'people'> = {
    url,
    kubeconfig,
    git: { url: git.url, branch: git.branch },
    databaseUrl,
    stateDir,
    cluster: local ? 'local' : 'external',
    controller: { url: controllerUrl(installation), metricsUrl: `${controllerUrl(installation)}/metrics` },
    identity: { issuer: oidc.issuer },
    ...(local ? { auditLog } : {}),
    findings: [...findings],
  };
  const parts: readonly Part[] = [
    ...(database === undefined ? [] : [database.part]),
    oidc.part,
    git.part,
    controllerPart(processes),
    gatewayPart(processes),
  ];
  const units: readonly Unit[] = [
    ...cluster,
    ...parts.map(asPart),
    installationTask(local, client, paths, notesManifest(findings)),
    asTask({
      name: 'people',
      dependsOn: needsDatabase,
      run: () => tellPeople({ answer, people, databaseUrl, path: paths.localJson, log }),
    }),
    asTask({
      name: 'platform-sync',
      dependsOn: ['installation', 'git'],
      run: ({ signal }) => ensurePlatformSync(client, git, signal),
    }),
  ];
  return {
    units: units.map(withCompileCache(installation.cacheDir)),
    background: (signal) => keepTokensFresh(client, paths, log, signal),
    client,
  };
}

function installationTask(local: boolean, client: OwnedKubeClient, paths: StatePaths, notes: KubeObjectJson): Unit {
  const mapper = createResourceMapper(client);
  return asTask({
    name: 'installation',
    dependsOn: local ? ['kube-apiserver'] : [],
    run: async ({ signal }) => {
      const manifests = [
        ...installationManifests(),
        notes,
        ...(local ? [...storageManifests(), ...networkPoliciesManifests()] : []),
      ];
      await applyInstallation(manifests, { client, mapper, signal });
      await mintTokens(client, paths, signal);
    },
  });
}

interface Answer {
  readonly answer: Omit<LocalJson, 'people'>;
  readonly people: LocalPeople;
  readonly databaseUrl: string;
  readonly path: string;
  readonly log: Logger;
}

/** Seeds the people and writes local.json, keeping the keys that it named before. */
async function tellPeople({ answer, people, databaseUrl, path, log }: Answer): Promise<void> {
  const before = await readLocalJson(path).catch(() => undefined);
  const keys = await seedPeople({
    databaseUrl,
    people: people.people,
    keys: new Map(before?.people.map(({ name, apiKey }) => [name, apiKey])),
    now: new Date(),
    log,
  });
  const told = people.people.map(({ name, role, password }) => ({ name, role, password, apiKey: keys.get(name) ?? '' }));
  await writeLocalJson(path, { ...answer, people: told });
}

/** Node.js keeps what it compiled: each of our processes starts in half the time. */
function withCompileCache(cacheDir: string): (unit: Unit) => Unit {
  const preload = new URL('./supervisor/keep-compiled.ts', import.meta.url).href;
  return (unit) => {
    if (unit.kind === 'task' || unit.command[0] !== process.execPath) return unit;
    const [program, ...args] = unit.command;
    return {
      ...unit,
      command: [program, `--import=${preload}`, '--disable-warning=ExperimentalWarning', ...args],
      env: { ...unit.env, NODE_COMPILE_CACHE: `${cacheDir}/node` },
    };
  };
}
