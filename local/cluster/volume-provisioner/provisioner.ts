// Carries out the steps of plan-volumes.ts, one after the other, whenever a claim or a volume changes.
import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isStatus } from '../../../runtime/kube/kube-status-error.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { KubeClient } from '../../../runtime/kube/types.ts';
import { startReflector } from '../../../runtime/kube/watch/reflector.ts';
import type { Logger } from '../../../runtime/log/log.ts';
import { delay } from '../../../runtime/shutdown/shutdown.ts';
import { type Claim, planVolumes, type Volume, type VolumeStep, volumeFor } from './plan-volumes.ts';

const RETRY_MS = 2_000;
const TRASH = '.trash-';

export interface ProvisionerOptions {
  readonly client: KubeClient;
  /** Where the volumes are; each gets a folder named after the UID of its claim. */
  readonly folder: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface Provisioner {
  readonly isReady: () => boolean;
  readonly ended: Promise<void>;
}

export function startProvisioner(options: ProvisionerOptions): Provisioner {
  const { client, log, signal } = options;
  let wake = Promise.withResolvers<void>();
  const onEvent = (): void => wake.resolve();
  const onError = (error: unknown): void => log.warn({ err: error }, 'watch failed');
  const claims = startReflector<Claim>({ client, resource: RESOURCES.persistentVolumeClaims, onEvent, onError, signal });
  const volumes = startReflector<Volume>({ client, resource: RESOURCES.persistentVolumes, onEvent, onError, signal });
  let ready = false;
  signal.addEventListener('abort', () => wake.resolve(), { once: true });

  async function work(): Promise<void> {
    await Promise.race([
      Promise.all([claims.synced, volumes.synced]),
      new Promise((resolve) => signal.addEventListener('abort', resolve)),
    ]);
    await emptyTrash(options.folder);
    ready = true;
    while (!signal.aborted) {
      wake = Promise.withResolvers();
      const failed = await carryOut(planVolumes(claims.store.values(), volumes.store), options);
      if (failed) await delay(RETRY_MS, signal).catch(() => undefined);
      else if (!signal.aborted) await wake.promise;
    }
    await Promise.all([claims.ended, volumes.ended]);
  }
  return { isReady: () => ready, ended: work() };
}

/** @returns true when a step failed and the rest should be tried again without waiting for an event */
async function carryOut(steps: readonly VolumeStep[], options: ProvisionerOptions): Promise<boolean> {
  let failed = false;
  for (const step of steps) {
    if (options.signal.aborted) return false;
    try {
      if (step.action === 'create') await create(step, options);
      else await remove(step, options);
      options.log.info({ action: step.action, volume: step.name }, 'volume');
    } catch (error) {
      failed = true;
      options.log.error({ err: error, action: step.action, volume: step.name }, 'volume failed');
    }
  }
  return failed;
}

async function create(
  step: Extract<VolumeStep, { action: 'create' }>,
  { client, folder, signal }: ProvisionerOptions,
): Promise<void> {
  const path = join(folder, step.folder);
  await mkdir(path, { recursive: true });
  // Pods without an fsGroup write as whoever they are; the folder above is closed to everybody else on this machine.
  await chmod(path, 0o777);
  const body = JSON.stringify(volumeFor(step, path));
  await client.create(RESOURCES.persistentVolumes, undefined, body, { signal }).catch((error: unknown) => {
    // Made by an earlier call whose event has not arrived yet.
    if (!isStatus(error, 409)) throw error;
  });
}

/** The data is out of reach before the volume is gone, and is deleted after it: a crash in between leaves trash, not a leak. */
async function remove(
  step: Extract<VolumeStep, { action: 'remove' }>,
  { client, folder, signal }: ProvisionerOptions,
): Promise<void> {
  const trash = join(folder, `${TRASH}${step.folder}`);
  await rename(join(folder, step.folder), trash).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  });
  await client.delete(RESOURCES.persistentVolumes, undefined, step.name, { uid: step.uid, signal });
  await rm(trash, { recursive: true, force: true });
}

async function emptyTrash(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) {
    if (name.startsWith(TRASH)) await rm(join(folder, name), { recursive: true, force: true });
  }
}
