import { expect, test } from 'vitest';
import { Counter, createRegistry, Gauge, Histogram, metricsOfAll } from './metrics.ts';

async function told(count: number, age: number): Promise<readonly object[]> {
  const registry = createRegistry('gateway');
  const registers = [registry];
  new Counter({ name: 'streamspace_test_total', help: 'Some.', labelNames: ['code'], registers }).inc({ code: 'none' }, count);
  new Gauge({ name: 'streamspace_test_open', help: 'Open.', registers }).set(count);
  new Gauge({ name: 'streamspace_test_age_seconds', help: 'Age.', aggregator: 'max', registers }).set(age);
  const times = new Histogram({ name: 'streamspace_test_seconds', help: 'Times.', buckets: [1, 10], registers });
  for (let index = 0; index < count; index += 1) times.observe(index);
  return await registry.getMetricsAsJSON();
}

test('the metrics of several processes are one answer: counts and histograms are added up, ages are the greatest', async () => {
  const text = await metricsOfAll([await told(1, 7), await told(2, 30), await told(4, 0)]);
  for (const line of [
    'streamspace_test_total{code="none",process="gateway"} 7',
    'streamspace_test_open{process="gateway"} 7',
    'streamspace_test_age_seconds{process="gateway"} 30',
    'streamspace_test_seconds_bucket{le="1",process="gateway"} 5',
    'streamspace_test_seconds_bucket{le="+Inf",process="gateway"} 7',
    'streamspace_test_seconds_sum{process="gateway"} 7',
    'streamspace_test_seconds_count{process="gateway"} 7',
  ])
    expect(text).toContain(`${line}\n`);
  expect(text.match(/^streamspace_process_start_time_seconds/gm)).toHaveLength(1); // of the first
});
