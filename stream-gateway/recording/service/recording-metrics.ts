// Whether what should be recorded is, in numbers.
import { Counter, Gauge, type Registry } from '../../../runtime/metrics/metrics.ts';

export interface RecordingCounts {
  readonly count: () => { readonly running: number; readonly interrupted: number };
  readonly uploads: () => number;
}

export function createRecordingMetrics(
  registry: Registry,
  counts: RecordingCounts,
): { readonly interrupted: (code: string) => void } {
  new Gauge({
    name: 'streamspace_recordings',
    help: 'Sessions that this replica records, by state; one that is interrupted should be recorded and is not.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const [state, count] of Object.entries(counts.count())) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'streamspace_recording_uploads',
    help: 'Recordings of which something is in the spool of this replica.',
    registers: [registry],
    collect() {
      this.set(counts.uploads());
    },
  });
  const interruptions = new Counter({
    name: 'streamspace_recording_interruptions_total',
    help: 'How often a recording could not go on, by error code.',
    labelNames: ['code'],
    registers: [registry],
  });
  return { interrupted: (code) => interruptions.inc({ code }) };
}
