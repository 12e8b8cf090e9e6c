// The process that holds pods of the local cluster to their NetworkPolicies: wiring only.
import { writeFile } from 'node:fs/promises';
import { SettingsReader } from '../../runtime/config/settings.ts';
import { createKubeClient } from '../../runtime/kube/client.ts';
import { createLogger } from '../../runtime/log/log.ts';
import { untilSignalled } from '../../runtime/shutdown/shutdown.ts';
import { runPolicyAgent } from './agent.ts';
import { loadTable } from './packet-filter.ts';

const settings = new SettingsReader(process.argv.slice(2), process.env);
const kubeconfig = settings.text('kubeconfig');
const network = { network: settings.text('table'), bridge: settings.text('bridge'), cidr: settings.text('cidr') };
// Written when the first table is loaded.
const readyFile = settings.text('ready-file');
const level = settings.logLevel();
settings.finish();

const log = createLogger({ name: 'network-policies', level });
const signal = untilSignalled({ graceMs: 5_000 });
await using client = createKubeClient({ kubeconfig, log });
const onReady = (): Promise<void> => writeFile(readyFile, '');
await runPolicyAgent({ client, network, load: loadTable, onReady, log, signal });
