// The transfer of files put together.

import { join } from 'node:path';
import type { AuditIds } from '../../runtime/kube/audit-id.ts';
import { createExec } from '../../runtime/kube/exec/exec.ts';
import type { KubeClient } from '../../runtime/kube/types.ts';
import type { Registry } from '../../runtime/metrics/metrics.ts';
import { delay } from '../../runtime/shutdown/shutdown.ts';
import type { Decisions } from '../auth/decisions.ts';
import type { FilePorts } from '../http/routes/files/file-ports.ts';
import type { SessionPolicies } from '../sessions/policies.ts';
import type { GatewaySettings } from '../settings.ts';
import { createScan } from './clamd.ts';
import { createEnter } from './entrance.ts';
import { createFileMetrics } from './file-metrics.ts';
import { createJudge } from './judge.ts';
import { FileSpool } from './spool.ts';
import { Uploads } from './uploads.ts';

export interface StartFilesOptions {
  readonly settings: Pick<GatewaySettings, 'kubeconfig' | 'spoolDir' | 'fileSpoolBytes' | 'clamd'>;
  readonly client: KubeClient;
  readonly decisions: Decisions;
  readonly policies: SessionPolicies;
  readonly registry: Registry;
  readonly auditIds: AuditIds | undefined;
  /** Milliseconds of a clock that nobody sets. */
  readonly now: () => number;
}

export interface Files {
  readonly ports: FilePorts;
  /** Forgets what is left alone; resolves when the signal is aborted and nothing is on disk any more. */
  loop(signal: AbortSignal): Promise<void>;
}

const SWEEP_MS = 60_000;

export function startFiles({ settings, client, decisions, policies, registry, auditIds, now }: StartFilesOptions): Files {
  const spool = new FileSpool({ folder: join(settings.spoolDir, 'files'), maxBytes: settings.fileSpoolBytes });
  const uploads = new Uploads({ spool, now });
  return {
    ports: {
      spool,
      uploads,
      judge: createJudge(settings.clamd === undefined ? undefined : createScan(settings.clamd)),
      enter: createEnter({ client, decisions, policies, exec: createExec(settings.kubeconfig, auditIds), now }),
      metrics: createFileMetrics(registry, () => spool.bytes),
    },
    loop: async (signal) => {
      await spool.open();
      while (!signal.aborted) {
        await delay(SWEEP_MS, signal).catch(() => undefined);
        await uploads.sweep();
      }
      await uploads.endAll();
    },
  };
}
