// How long `streamspace up` takes until the URL answers, with everything cached and the state kept.
import { streamspace } from '../support/command.ts';
import type { Servers } from '../support/servers.ts';
import { eventually } from '../support/wait.ts';
import { type Measurement, measurement, quantile } from './result.ts';

export async function upSuite(servers: Servers): Promise<readonly Measurement[]> {
  const port = new URL(servers.url).port;
  const answers: number[] = [];
  const returns: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const down = await streamspace(['down', '--state', servers.stateDir]);
    if (down.code !== 0) throw new Error(`down failed: ${down.stderr}`);
    const startedAt = performance.now();
    const up = streamspace(['up', '--state', servers.stateDir, '--port', port, '--detach', '--json'], { timeoutMs: 120_000 });
    await eventually('the URL answers', async () => (await fetch(`${servers.url}/readyz`)).ok, {
      timeoutMs: 120_000,
      everyMs: 20,
    });
    answers.push(performance.now() - startedAt);
    const { code, stderr } = await up;
    if (code !== 0) throw new Error(`up failed: ${stderr}`);
    returns.push(performance.now() - startedAt);
  }
  return [
    measurement('up', 'all cached: URL answers, p50 of 3', quantile(answers, 0.5) / 1000, 's', { name: 'promise', value: 20 }),
    measurement('up', 'all cached: command returns, p50 of 3', quantile(returns, 0.5) / 1000, 's'),
  ];
}
