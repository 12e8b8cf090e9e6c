// What the syncs tell Prometheus. No label names a GitSync: their number is open, and kube-state-metrics gives one series each
// from their status (deploy/monitoring/kube-state-metrics.yaml).
import { Counter, Gauge, Histogram, type Registry } from '../../../runtime/metrics/metrics.ts';
import type { GitSync } from '../../../schemas/kinds/git-sync/git-sync.ts';
import type { SyncResult, SyncTrigger } from '../../../schemas/sync-history.ts';
import type { SyncPhase } from '../../../schemas/sync-operation.ts';

export interface SyncMetrics {
  /** A stage that came to its end, or the whole attempt. */
  stage(stage: SyncPhase | 'Total', seconds: number): void;
  finished(result: SyncResult | 'unchanged', trigger: SyncTrigger): void;
  failed(code: string): void;
  changed(action: 'create' | 'configure' | 'replace' | 'delete', objects: number): void;
  repaired(objects: number): void;
}

const SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** Call once for a registry. */
export function createSyncMetrics(registry: Registry): SyncMetrics {
  const registers = [registry];
  const duration = new Histogram({
    name: 'streamspace_sync_duration_seconds',
    help: 'How long a stage of a sync took; the stage Total is the whole attempt.',
    labelNames: ['stage'],
    buckets: SECONDS,
    registers,
  });
  const fetch = new Histogram({
    name: 'streamspace_git_fetch_seconds',
    help: 'How long it took to bring a revision from the Git server into the clone.',
    buckets: SECONDS,
    registers,
  });
  const syncs = new Counter({
    name: 'streamspace_syncs_total',
    help: 'Syncs that ended, by result (unchanged: there was nothing to do) and by what began them.',
    labelNames: ['result', 'trigger'],
    registers,
  });
  const failures = new Counter({
    name: 'streamspace_sync_failures_total',
    help: 'Syncs that failed, by error code.',
    labelNames: ['code'],
    registers,
  });
  const changes = new Counter({
    name: 'streamspace_sync_changes_total',
    help: 'Objects that syncs wrote or deleted, by action.',
    labelNames: ['action'],
    registers,
  });
  const repairs = new Counter({
    name: 'streamspace_drift_repairs_total',
    help: 'Objects that were put back as Git says.',
    registers,
  });
  return {
    stage: (stage, seconds) => {
      duration.observe({ stage }, seconds);
      if (stage === 'Fetching') fetch.observe(seconds);
    },
    finished: (result, trigger) => syncs.inc({ result, trigger }),
    failed: (code) => failures.inc({ code }),
    changed: (action, objects) => changes.inc({ action }, objects),
    repaired: (objects) => repairs.inc(objects),
  };
}

const STATES = ['ready', 'progressing', 'failed', 'suspended'] as const;

/** Call once for a registry. @param gitSyncs all of them while this process is the active one, else none */
export function watchGitSyncs(registry: Registry, gitSyncs: () => Iterable<GitSync>, now: () => Date): void {
  const registers = [registry];
  new Gauge({
    name: 'streamspace_gitsyncs',
    help: 'GitSyncs by state.',
    labelNames: ['state'],
    registers,
    collect() {
      const all = [...gitSyncs()].map(stateOf);
      for (const state of STATES) this.set({ state }, all.filter((each) => each === state).length);
    },
  });
  new Gauge({
    name: 'streamspace_sync_objects',
    help: 'Objects in the inventories of all GitSyncs.',
    registers,
    collect() {
      this.set([...gitSyncs()].reduce((sum, { status }) => sum + (status?.objects ?? 0), 0));
    },
  });
  new Gauge({
    name: 'streamspace_gitsyncs_drifted',
    help: 'GitSyncs whose cluster is not as Git says.',
    registers,
    collect() {
      this.set([...gitSyncs()].filter((sync) => isTrue(sync, 'Drifted')).length);
    },
  });
  new Gauge({
    name: 'streamspace_sync_oldest_failure_seconds',
    help: 'For how long the GitSync that is not ready for the longest has been so; 0 when all are ready or suspended.',
    registers,
    collect() {
      const since = [...gitSyncs()].filter((sync) => stateOf(sync) === 'failed').map(readySince);
      this.set(Math.max(0, ...since.map((time) => (now().getTime() - time) / 1000)));
    },
  });
}

function stateOf(sync: GitSync): (typeof STATES)[number] {
  if (sync.spec.suspend) return 'suspended';
  if (isTrue(sync, 'Ready')) return 'ready';
  const ready = sync.status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'False' ? 'failed' : 'progressing';
}

function isTrue({ status }: GitSync, type: string): boolean {
  return status?.conditions?.some((each) => each.type === type && each.status === 'True') === true;
}

function readySince({ status }: GitSync): number {
  return (
    Date.parse(status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '') || Number.POSITIVE_INFINITY
  );
}
