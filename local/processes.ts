// Controller and gateway as parts. They run from the sources, with this Node.js, each as its own service account.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programFolders } from './cluster/layout.ts';
import { serviceKubeconfigPath } from './install/service-tokens.ts';
import { answersOk } from './machine/probe.ts';
import { PROGRAM_PATH } from './machine/run.ts';
import type { Part } from './part.ts';
import { readFileIfThere, writeFileAtomically } from './state/files.ts';
import type { Installation } from './state/installation.ts';
import type { StatePaths } from './state/state.ts';

const sourceOf = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

export const WEB_DIR = sourceOf('stream-gateway/web/dist');

export interface ProcessOptions {
  readonly installation: Installation;
  readonly paths: StatePaths;
  readonly databaseUrl: string;
  readonly oidc: {
    readonly issuer: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly sealKey: string;
  };
  /** See {@link ensureAuditToken}; `log` is the file of a cluster of our own. */
  readonly kubernetesAudit: { readonly token: string; readonly log: string | undefined };
  /** Names of the units that must be ready before. */
  readonly after: { readonly controller: readonly string[]; readonly gateway: readonly string[] };
}

/**
 * On a machine with much memory V8 lets what is young grow to three spaces of 64 MB before it looks, whatever is alive: a
 * controller of 45 MB was seen to take 440.
 */
const NODE = [process.execPath, '--max-semi-space-size=16', '--conditions=source'] as const;

/**
 * So that it gives memory back at rest (runtime/memory/give-back.ts), and takes less before: where memory is plenty V8 lets the
 * old space grow to several times of what is alive before it looks. Of 10,000 ConfigMaps the controller held 70 MB and took 370,
 * with the first of these 300 and with half of the young space 284, in the same time.
 */
const COLLECTED = ['--heap-growing-percent=40', '--max-semi-space-size=8', '--expose-gc'] as const;

export function controllerUrl(installation: Installation): string {
  return `http://127.0.0.1:${installation.ports.controller}`;
}

export function controllerPart({ installation, paths, databaseUrl, kubernetesAudit, after }: ProcessOptions): Part {
  const tmp = join(paths.tmp, 'controller');
  return {
    name: 'controller',
    dependsOn: after.controller,
    prepare: async () => {
      await mkdir(join(paths.dir, 'controller'), { recursive: true, mode: 0o700 });
      await mkdir(tmp, { recursive: true, mode: 0o700 });
    },
    command: [
      ...NODE,
      ...COLLECTED,
      sourceOf('controller/main.ts'),
      `--kubeconfig=${serviceKubeconfigPath(paths, 'streamspace-controller')}`,
      `--state-dir=${join(paths.dir, 'controller')}`,
      `--listen=127.0.0.1:${installation.ports.controller}`,
      ...kustomizeFlag(installation),
      ...probeFlag(installation),
    ],
    // What it renders in lies below the state folder, so that a renderer which outlives it is found (local/traces.ts).
    env: {
      PATH: PROGRAM_PATH,
      NODE_ENV: 'production',
      TMPDIR: tmp,
      STREAMSPACE_DATABASE_URL: databaseUrl,
      STREAMSPACE_KUBERNETES_AUDIT_TOKEN: kubernetesAudit.token,
    },
    ready: (signal) => answersOk(`${controllerUrl(installation)}/readyz`, signal),
    stopTimeoutMs: 12_000,
  };
}

/** What this machine sends to its own pods passes, so a probe from here proves nothing; whether packets are filtered is known at the start. */
function probeFlag({ kubeconfig }: Installation): readonly string[] {
  return kubeconfig === undefined ? ['--network-probe-hours=0'] : [];
}

/** With a cluster of its own an installation has a kubectl of its own; else it is the one on PATH. */
function kustomizeFlag({ kubeconfig, cacheDir }: Installation): readonly string[] {
  return kubeconfig === undefined ? [`--kustomize=${join(programFolders(cacheDir).kubernetes, 'kubectl')}`] : [];
}

export function gatewayPart({ installation, paths, databaseUrl, oidc, kubernetesAudit, after }: ProcessOptions): Part {
  const url = `http://localhost:${installation.port}`;
  const spool = join(paths.dir, 'gateway', 'spool');
  const recordings = { folder: join(paths.dir, 'recordings'), signingKey: join(paths.secrets, 'recordings-signing-key.pem') };
  return {
    name: 'gateway',
    dependsOn: after.gateway,
    prepare: async () => {
      await mkdir(spool, { recursive: true, mode: 0o700 });
      await mkdir(recordings.folder, { recursive: true, mode: 0o700 });
      await ensureSigningKey(recordings.signingKey);
    },
    command: [
      ...NODE,
      sourceOf('stream-gateway/main.ts'),
      `--kubeconfig=${serviceKubeconfigPath(paths, 'streamspace-gateway')}`,
      `--listen=127.0.0.1:${installation.port}`,
      `--public-url=${url}`,
      `--oidc-issuer=${oidc.issuer}`,
      `--oidc-client-id=${oidc.clientId}`,
      `--web-dir=${WEB_DIR}`,
      `--spool-dir=${spool}`,
      `--recordings-folder=${recordings.folder}`,
      `--recordings-signing-key=${recordings.signingKey}`,
      // The file and not the webhook: nothing is lost while the gateway is stopped, and the API server waits for nobody when it stops.
      ...(kubernetesAudit.log === undefined ? [] : [`--kubernetes-audit-log=${kubernetesAudit.log}`]),
    ],
    // Arguments can be read by every user of the machine, the environment by the owner alone.
    env: {
      PATH: PROGRAM_PATH,
      NODE_ENV: 'production',
      STREAMSPACE_DATABASE_URL: databaseUrl,
      STREAMSPACE_OIDC_CLIENT_SECRET: oidc.clientSecret,
      STREAMSPACE_SEAL_KEY: oidc.sealKey,
      STREAMSPACE_KUBERNETES_AUDIT_TOKEN: kubernetesAudit.token,
    },
    ready: (signal) => answersOk(`http://127.0.0.1:${installation.port}/readyz`, signal),
    stopTimeoutMs: 12_000,
  };
}

/** Made once: what our requests to the API server are marked with, and what a webhook of its audit log has to show. */
export async function ensureAuditToken(paths: StatePaths): Promise<string> {
  const path = join(paths.secrets, 'kubernetes-audit.token');
  const known = await readFileIfThere(path);
  if (known !== undefined) return known.trim();
  const token = randomBytes(32).toString('hex');
  await writeFileAtomically(path, `${token}\n`);
  return token;
}

/** Made once: whoever has its public half can tell recordings of this installation from others. */
async function ensureSigningKey(path: string): Promise<void> {
  if ((await readFileIfThere(path)) !== undefined) return;
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  await writeFileAtomically(`${path}.pub`, String(publicKey.export({ type: 'spki', format: 'pem' })), 0o644);
  await writeFileAtomically(path, String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
}
