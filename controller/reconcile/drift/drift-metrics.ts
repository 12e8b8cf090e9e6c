// What watching and repairing tell Prometheus. Labels are resources, never a name.
import type { Resource } from '../../../runtime/kube/types.ts';
import { Counter, Gauge, type Registry } from '../../../runtime/metrics/metrics.ts';

export interface WatchAge {
  /** `configmaps`, `deployments.apps` */
  readonly resource: string;
  readonly ageMs: number;
}

export interface DriftMetrics {
  /** Repairs that waited because their object is fought over. */
  damped(objects: number): void;
  /** Objects that are fought over now. */
  fighting(objects: number): void;
  /** Where the age of each watch is read from, when somebody asks; the last one given counts. */
  readWatchesFrom(read: () => Iterable<WatchAge>): void;
}

/** Call once for a registry. */
export function createDriftMetrics(registry: Registry): DriftMetrics {
  let read: () => Iterable<WatchAge> = () => [];
  const damped = new Counter({
    name: 'streamspace_drift_damped_total',
    help: 'Repairs that were left for later because their object is fought over.',
    registers: [registry],
  });
  const fights = new Gauge({
    name: 'streamspace_drift_fights',
    help: 'Objects that Git and another writer keep changing.',
    registers: [registry],
  });
  new Gauge({
    name: 'streamspace_watch_age_seconds',
    help: 'Time since a watch on the API server last heard anything (event, bookmark or list); bookmarks come about once a minute.',
    labelNames: ['resource'],
    registers: [registry],
    collect() {
      this.reset();
      const oldest = new Map<string, number>();
      for (const { resource, ageMs } of read()) oldest.set(resource, Math.max(oldest.get(resource) ?? 0, ageMs));
      for (const [resource, ageMs] of oldest) this.set({ resource }, ageMs / 1000);
    },
  });
  return {
    damped: (objects) => damped.inc(objects),
    fighting: (objects) => fights.set(objects),
    readWatchesFrom: (from) => {
      read = from;
    },
  };
}

export const NO_DRIFT_METRICS: DriftMetrics = {
  damped: () => undefined,
  fighting: () => undefined,
  readWatchesFrom: () => undefined,
};

/** `configmaps`, `deployments.apps`: as kubectl names it. */
export function groupResource({ group, plural }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`;
}
