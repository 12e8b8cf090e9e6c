// A comment that asks for a plan, at a real Gitea and a double of GitHub alike.
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type ForgeServer, giteaServer, githubServer } from '../support/forge-server.ts';
import { TOLD_KEY, toldRepository } from '../support/told-repository.ts';

const servers = inject('servers');
const context = { signal: new AbortController().signal, log: pino({ level: 'silent' }) };
const START = { Gitea: () => giteaServer(servers), GitHub: githubServer };
const PAUSE_MS = 10_000;

describe.each(['Gitea', 'GitHub'] as const)('%s', (type) => {
  let server: ForgeServer;
  beforeAll(async () => {
    server = await START[type]();
  });
  afterAll(async () => {
    const violations = server.violations();
    await server[Symbol.asyncDispose]();
    expect(violations).toEqual([]);
  });

  test('S-103 a comment that asks for it is planned once, in the one comment, over a restart too, and once in a while', async () => {
    await using repository = await toldRepository(server, 'asked');
    const { number } = await repository.open('first');
    let time = Date.now();
    let plans = 0;
    let warnings: readonly string[] = [];
    const start = () =>
      repository.start({
        now: () => new Date(time),
        plan: async () => {
          plans += 1;
          return { changes: [], warnings };
        },
      });
    let controller = start();
    const ours = async () =>
      (await server.comments(repository.name, number))
        .filter((body) => body.startsWith('<!-- '))
        .map((body) => body.replaceAll('\r\n', '\n'));
    const look = async () => {
      const { requeueAfterMs } = await controller.reconcile(TOLD_KEY, context);
      return requeueAfterMs ?? 0;
    };
    const say = (body: string) => server.comment(repository.name, number, 'bob', body);
    await look();
    expect(plans).toBe(1);

    for (const words of ['please\n/streamspace plan', '/streamspace plan streamspace/other']) await say(words);
    await look();
    expect(plans).toBe(1);

    await say('/streamspace plan\n\nThe quota has changed.');
    await look();
    expect(plans).toBe(2);
    const [answer = '', ...others] = await ours();
    expect(others).toEqual([]);
    expect(answer).toMatch(
      /^<!-- streamspace:plan streamspace\/platform 1 asked=\d+ -->\nPlanned again at `[^`]+`, asked by `@bob`\.\n[\s\S]*### Plan: nothing to do/,
    );
    await look();
    expect(plans).toBe(2);
    controller = start();
    await look();
    // Each start plans what it finds; what was answered stays so.
    expect([plans, await ours()]).toEqual([3, [answer]]);

    // Two more at once: after a pause, and once for both.
    for (const words of ['/streamspace plan', '/streamspace plan streamspace/platform']) await say(words);
    expect(await look()).toBeLessThanOrEqual(PAUSE_MS);
    expect([plans, await ours()]).toEqual([3, [answer]]);
    time += PAUSE_MS;
    await look();
    expect(plans).toBe(4);
    const [again = ''] = await ours();
    expect(again).not.toBe(answer);

    // Another plan, and nobody has asked for that one: what was answered is still known.
    warnings = ['careful'];
    controller = start();
    await look();
    const [fresh = ''] = await ours();
    expect(fresh).toContain('careful');
    expect(fresh).not.toContain('Planned again');
    controller = start();
    await look();
    expect(await ours()).toEqual([fresh]);
  }, 240_000);
});
