// What quotas tell Prometheus. Labels are scopes, never a person, a team or a session.
import { Counter, Gauge, type Registry } from '../../../runtime/metrics/metrics.ts';
import type { QuotaScope } from '../../../schemas/kinds/quota.ts';

/** How things are now. */
export interface QuotaFigures {
  /** Quotas of which more is in use than their limit. */
  readonly over: number;
  /** Quotas that have reached the lowest of their `warnAt`. */
  readonly near: number;
  /** Sessions that wait for room. */
  readonly waiting: number;
}

export interface QuotaMetrics {
  /** A session was judged and found no room. */
  refused(scope: QuotaScope): void;
  /** Asked at each scrape; only the leader knows. */
  readFrom(figures: () => QuotaFigures): void;
}

const NONE: QuotaFigures = { over: 0, near: 0, waiting: 0 };

/** Call once for a registry. */
export function createQuotaMetrics(registry: Registry): QuotaMetrics {
  let figures = (): QuotaFigures => NONE;
  const registers = [registry];
  new Gauge({
    name: 'streamspace_quotas_over',
    help: 'Quotas of which more is in use than their limit.',
    registers,
    collect() {
      this.set(figures().over);
    },
  });
  new Gauge({
    name: 'streamspace_quotas_near_limit',
    help: 'Quotas that have reached the lowest of their warnAt.',
    registers,
    collect() {
      this.set(figures().near);
    },
  });
  new Gauge({
    name: 'streamspace_quota_sessions_waiting',
    help: 'Sessions that wait for room in a quota.',
    registers,
    collect() {
      this.set(figures().waiting);
    },
  });
  const refusals = new Counter({
    name: 'streamspace_quota_refusals_total',
    help: 'Times that a session was judged and found no room, by the scope of the first quota that was short.',
    labelNames: ['scope'],
    registers,
  });
  return {
    refused: (scope) => refusals.inc({ scope }),
    readFrom: (read) => {
      figures = read;
    },
  };
}

export const NO_QUOTA_METRICS: QuotaMetrics = { refused: () => undefined, readFrom: () => undefined };
