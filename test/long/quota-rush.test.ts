// The race for the last room, a hundred times at a real API server.
import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { createKubeClient } from '../../runtime/kube/client.ts';
import { admitted, openQuotaRush } from '../support/quota-rush.ts';

const TIMES = 100;

test(
  'P-04-1 200 sessions are created in parallel with room for 10, a hundred times: exactly 10 are admitted each time',
  async () => {
    await using client = createKubeClient({ kubeconfig: inject('servers').kubeconfig });
    await using rush = await openQuotaRush(client, `rush-${randomUUID().slice(0, 6)}`, 10);
    const counts: number[] = [];
    for (let time = 0; time < TIMES; time += 1) {
      counts.push(admitted(await rush.start(200)).length);
      await rush.clear();
      process.stderr.write(`${time + 1} of ${TIMES}: ${counts.at(-1)}\n`);
    }
    expect(counts).toEqual(Array.from({ length: TIMES }, () => 10));
  },
  TIMES * 300_000,
);
