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
  const gauge = (name: string, help: string, of: (figures: QuotaFigures) => number): Gauge =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(of(figures()));
      },
    });
  gauge('streamspace_quotas_over', 'Quotas of which more is in use than their limit.', ({ over }) => over);
  gauge('streamspace_quotas_near_limit', 'Quotas that have reached the lowest of their warnAt.', ({ near }) => near);
  gauge('streamspace_quota_sessions_waiting', 'Sessions that wait for room in a quota.', ({ waiting }) => waiting);
  const refusals = new Counter({
    name: 'streamspace_quota_refusals_total',
    help: 'Times that a session was judged and found no room, by the scope of the first quota that was short.',
    labelNames: ['scope'],
    registers: [registry],
  });
  return {
    refused: (scope) => refusals.inc({ scope }),
    readFrom: (read) => {
      figures = read;
    },
  };
}

export const NO_QUOTA_METRICS: QuotaMetrics = { refused: () => undefined, readFrom: () => undefined };
