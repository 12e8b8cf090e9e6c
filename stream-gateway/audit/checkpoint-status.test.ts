import { expect, test } from 'vitest';
import { Registry } from '../../runtime/metrics/metrics.ts';
import { createCheckpointMetrics } from './checkpoint-metrics.ts';
import { type CheckpointStatus, checkpointProblems, isWarnedNow } from './checkpoint-status.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const at = (hours: number): Date => new Date(NOW.getTime() - hours * 3_600_000);
const on = (more: Partial<CheckpointStatus & { state: 'on' }>): CheckpointStatus => ({
  ...{ state: 'on', lastAt: at(12), lookedSince: at(48), failing: undefined, missing: [] },
  ...more,
});
const failing = (hours: number) => ({ since: at(hours), code: 'StorageFailed' as const });

test.for([
  ['written today', on({}), []],
  ['off', { state: 'off' } as const, ['AuditCheckpointsOff']],
  ['a storage that was away for a moment', on({ failing: failing(0.01) }), []],
  ['a storage that stays away', on({ failing: failing(0.1) }), ['AuditCheckpointsLate']],
  ['none for more than a day, and nothing fails', on({ lastAt: at(27) }), ['AuditCheckpointsLate']],
  ['none yet, right after the start', on({ lastAt: undefined, lookedSince: at(0.1) }), []],
  ['none ever', on({ lastAt: undefined }), ['AuditCheckpointsLate']],
  ['a month that was dropped by hand', on({ missing: ['2026-03'] }), ['AuditNotGenuine']],
] as const)('what is said of checkpoints: %s', ([, status, codes]) => {
  expect(checkpointProblems(status, NOW).map(({ code }) => code)).toEqual(codes);
});

test('the message says since when none is written, and by what code', () => {
  const [problem] = checkpointProblems(on({ failing: failing(2) }), NOW);
  expect(problem?.message).toBe(
    'checkpoints of the audit log are not written since 2026-11-20T00:00:00.000Z, and the keeper fails since 2026-11-20T10:00:00.000Z: StorageFailed',
  );
  expect(checkpointProblems(on({ missing: ['2026-03', '2026-04'] }), NOW)[0]?.message).toContain('2026-03, 2026-04');
});

test('what fails every ten seconds is warned of after a minute and then once an hour', () => {
  let warned: Date | undefined;
  const warnings: number[] = [];
  for (let seconds = 0; seconds < 3 * 3_600; seconds += 10) {
    const now = new Date(NOW.getTime() + seconds * 1_000);
    if (!isWarnedNow(NOW, warned, now)) continue;
    warned = now;
    warnings.push(seconds);
  }
  expect(warnings).toEqual([60, 3_660, 7_260]);
});

test('P-00-1 the age is absent without a storage, and goes on from the last good checkpoint', async () => {
  const registry = new Registry();
  const metrics = createCheckpointMetrics(registry);
  const age = async () => /^streamspace_audit_checkpoint_age_seconds (.*)$/m.exec(await registry.metrics())?.[1];
  expect(await age()).toBeUndefined();
  let status: CheckpointStatus = on({ lastAt: at(2) });
  metrics.readFrom(
    () => status,
    () => NOW,
  );
  expect(await age()).toBe('7200');
  status = on({ lastAt: undefined });
  expect(await age()).toBe(String(48 * 3_600));
  status = { state: 'off' };
  expect(await age()).toBeUndefined();
});
