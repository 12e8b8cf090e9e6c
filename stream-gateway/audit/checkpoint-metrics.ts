// Whether the audit log is signed, as numbers: a log that cannot prove itself any more says nothing by itself.
import { Counter, Gauge, type Registry } from '../../runtime/metrics/metrics.ts';
import type { ErrorCode } from '../../schemas/errors.ts';
import { type CheckpointStatus, checkpointAgeMs } from './checkpoint-status.ts';

export interface CheckpointMetrics {
  failed(code: ErrorCode): void;
  /** Asked at each scrape. */
  readFrom(status: () => CheckpointStatus, now: () => Date): void;
}

/** Call once for a registry. */
export function createCheckpointMetrics(registry: Registry): CheckpointMetrics {
  const registers = [registry];
  let read: () => { readonly ageMs: number | undefined; readonly missing: number } = () => ({ ageMs: undefined, missing: 0 });
  new Gauge({
    name: 'streamspace_audit_checkpoint_age_seconds',
    help: 'Age of the newest checkpoint of the audit log; while none was seen, the time since it is looked for. Absent without a storage.',
    aggregator: 'first',
    registers,
    collect() {
      const { ageMs } = read();
      if (ageMs === undefined) this.remove();
      else this.set(ageMs / 1_000);
    },
  });
  new Gauge({
    name: 'streamspace_audit_months_missing',
    help: 'Months of the audit log that are gone although the retention does not say so.',
    aggregator: 'first',
    registers,
    collect() {
      this.set(read().missing);
    },
  });
  const failures = new Counter({
    name: 'streamspace_audit_checkpoint_failures_total',
    help: 'Times that the audit log could not be looked after: checkpoints were not read or written, or months not prepared.',
    labelNames: ['code'],
    registers,
  });
  return {
    failed: (code) => failures.inc({ code }),
    readFrom: (status, now) => {
      read = () => {
        const seen = status();
        return { ageMs: checkpointAgeMs(seen, now()), missing: seen.state === 'on' ? seen.missing.length : 0 };
      };
    },
  };
}
