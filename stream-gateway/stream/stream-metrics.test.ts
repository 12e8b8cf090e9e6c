import { expect, test } from 'vitest';
import { Registry } from '../../runtime/metrics/metrics.ts';
import { createStreamMetrics } from './stream-metrics.ts';

test('bytes are told as they are when somebody asks, each once', async () => {
  const registry = new Registry();
  const metrics = createStreamMetrics(registry);
  const told = async (): Promise<readonly string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith('streamspace_stream_bytes_total'));
  metrics.transferred('toBrowser', 1_000);
  metrics.transferred('toBrowser', 24);
  metrics.transferred('fromBrowser', 8);
  const first = [
    'streamspace_stream_bytes_total{direction="toBrowser"} 1024',
    'streamspace_stream_bytes_total{direction="fromBrowser"} 8',
  ];
  expect(await told()).toEqual(first);
  expect(await told()).toEqual(first);
  metrics.transferred('fromBrowser', 2);
  expect(await told()).toEqual([first[0], 'streamspace_stream_bytes_total{direction="fromBrowser"} 10']);
});
