// What an installation chose once and keeps: ports, addresses, where its cluster and database are. Written before anything
// starts; the detached process reads nothing else.
import * as z from 'zod';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { CLUSTER_PORTS } from '../cluster/layout.ts';
import { chooseFreePorts, isFree, whoListens } from '../machine/ports.ts';
import { chooseSubnet, usedNetworks } from '../machine/subnet.ts';
import { readFileIfThere, writeFileAtomically } from './files.ts';
import { installationId, statePaths } from './state.ts';

export const DEFAULT_PORT = 8080;
const OWN_PORTS = ['database', 'identity', 'git', 'controller'] as const;
const INTERNAL_PORTS = [...CLUSTER_PORTS, ...OWN_PORTS] as const;
export type InternalPort = (typeof INTERNAL_PORTS)[number];

const portNumber = z.int().min(1).max(65_535);
const schema = z.object({
  id: z.string(),
  cacheDir: z.string(),
  port: portNumber,
  ports: z.record(z.enum(INTERNAL_PORTS), portNumber),
  subnet: z.string(),
  /** A cluster of somebody else; left out for the local one. */
  kubeconfig: z.string().optional(),
  /** A database of somebody else; left out for the local one. */
  databaseUrl: z.string().optional(),
});
export type Installation = z.infer<typeof schema>;

export interface InstallationWish {
  readonly stateDir: string;
  readonly cacheDir: string;
  readonly port: number | undefined;
  readonly kubeconfig: string | undefined;
  readonly databaseUrl: string | undefined;
}

export async function readInstallation(stateDir: string): Promise<Installation | undefined> {
  const text = await readFileIfThere(statePaths(stateDir).installation);
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}

/**
 * What was chosen before as far as it still holds, else new choices; saved. Nothing may run yet.
 * @throws StreamSpaceError `PortInUse` for the port of the page
 */
export async function chooseInstallation(wish: InstallationWish): Promise<Installation> {
  const before = await readInstallation(wish.stateDir);
  const port = wish.port ?? before?.port ?? DEFAULT_PORT;
  await refuseTakenPort(port);
  const id = installationId(wish.stateDir);
  const seed = Number.parseInt(id, 16);
  const kept = before === undefined ? {} : await stillFree(before.ports);
  const missing = INTERNAL_PORTS.filter((name) => kept[name] === undefined);
  const taken = new Set([port, ...Object.values(kept)]);
  const installation: Installation = {
    id,
    cacheDir: wish.cacheDir,
    port,
    ports: { ...(await chooseFreePorts(missing, seed, taken)), ...kept } as Installation['ports'],
    subnet: before?.subnet ?? chooseSubnet(await usedNetworks(), seed),
    ...(wish.kubeconfig === undefined ? {} : { kubeconfig: wish.kubeconfig }),
    ...(wish.databaseUrl === undefined ? {} : { databaseUrl: wish.databaseUrl }),
  };
  await writeFileAtomically(statePaths(wish.stateDir).installation, `${JSON.stringify(installation, null, 2)}\n`);
  return installation;
}

/** A port that somebody else took meanwhile is chosen anew: who uses it learns it from local.json. */
async function stillFree(ports: Installation['ports']): Promise<Partial<Record<InternalPort, number>>> {
  const kept: Partial<Record<InternalPort, number>> = {};
  for (const name of INTERNAL_PORTS) {
    const port = ports[name];
    if (port !== undefined && (await isFree(port))) kept[name] = port;
  }
  return kept;
}

async function refuseTakenPort(port: number): Promise<void> {
  if (await isFree(port)) return;
  const listener = await whoListens(port);
  const who = listener === undefined ? '' : ` by ${listener.program} (pid ${listener.pid})`;
  throw new StreamSpaceError('PortInUse', `port ${port} of 127.0.0.1 is in use${who}`, { facts: { port, ...listener } });
}
