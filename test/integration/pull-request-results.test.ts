// What the controller says of pull requests after their merge, at a real Gitea and a double of GitHub alike.
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { GitSyncStatus } from '../../schemas/kinds/git-sync/git-sync.ts';
import { type ForgeServer, giteaServer, githubServer } from '../support/forge-server.ts';
import { TOLD_KEY, toldRepository } from '../support/told-repository.ts';

const servers = inject('servers');
const context = { signal: new AbortController().signal, log: pino({ level: 'silent' }) };
const START = { Gitea: () => giteaServer(servers), GitHub: githubServer };
const CONTEXT = 'streamspace/streamspace/platform';
const BEGIN = '<!-- streamspace:plan streamspace/platform 1';

const ready = (status: 'True' | 'False' | 'Unknown', reason: string, message = reason): GitSyncStatus => ({
  conditions: [{ type: 'Ready', status, reason, message, lastTransitionTime: '2027-03-01T08:00:00Z' }],
});
const AT = new Date().toISOString();
const counts = { create: 2, configure: 1, replace: 0, unchanged: 4, delete: 1, skip: 0, blocked: 0, changes: [], warnings: [] };
const applied = (revision: string, more: GitSyncStatus = {}): GitSyncStatus => ({
  ...ready('True', 'Synced'),
  ...{ revision, attempted: revision, health: 'Healthy', lastSyncAt: AT, plan: { revision, ...counts } },
  ...more,
});

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

  test('S-103 P-21-2 after the merge the one comment says what became of it: waiting, failed, mended, applied; once, over a restart too', async () => {
    await using repository = await toldRepository(server, 'results');
    const { number, head } = await repository.open('first');
    let time = Date.now();
    const now = () => new Date(time);
    let controller = repository.start({ now });
    const looked = async (): Promise<string> => {
      await controller.reconcile(TOLD_KEY, context);
      const [only = '', ...others] = await server.comments(repository.name, number);
      expect(others).toEqual([]);
      return only.replaceAll('\r\n', '\n');
    };
    const stateOf = async (commit: string) =>
      (await server.statuses(repository.name, commit)).find((each) => each.context === CONTEXT)?.state;
    expect(await looked()).toMatch(/### Plan: nothing to do/);

    const merge = await server.merge(repository.name, number);
    repository.says(applied(head.replace(/./g, '0')));
    expect(await looked()).toMatch(/### Merged, and not yet in the cluster[\s\S]*### Plan: nothing to do/);
    expect(await stateOf(merge)).toBe('pending');

    const words = 'a.yaml:1: no @ann ``` <!-- streamspace:below --> <img src=x>';
    repository.says({ ...ready('False', 'YamlInvalid', words), attempted: merge });
    const failed = await looked();
    expect(failed).toMatch(/^### Merged, and the sync fails/m);
    expect(failed).toContain('````text\nYamlInvalid\na.yaml:1: no @ann ``` <! -- streamspace:below --> <img src=x>\n````');
    expect(failed).toContain('### Plan: nothing to do');
    expect(await stateOf(merge)).toBe('failure');

    repository.says(applied(merge));
    const good = await looked();
    expect(good).toMatch(/^### Merged and applied: 4 objects changed$/m);
    expect(good).toContain(`merged into \`main\` as \`${merge.slice(0, 12)}\`, applied at \`${AT}\`; health: \`Healthy\``);
    expect(good).toMatch(new RegExp(`^${BEGIN}[^\\n]* revision=${merge}`));
    expect(await stateOf(merge)).toBe('success');

    // A restart tells it of none again, and a later revision is not this one's.
    controller = repository.start({ now });
    const second = await repository.open('second');
    repository.says(applied(await server.merge(repository.name, second.number)));
    expect(await looked()).toBe(good);
    const drift = {
      type: 'Drifted',
      status: 'True' as const,
      reason: 'DriftFound',
      message: 'a differs',
      lastTransitionTime: AT,
    };
    repository.says(applied(merge, { conditions: [...(ready('True', 'Synced').conditions ?? []), drift] }));
    expect(await looked()).toMatch(
      /### Merged and applied, and changed by somebody since: 4 objects changed[\s\S]*health: `Drifted`/,
    );
    expect(await stateOf(merge)).toBe('success');
    repository.says(applied(merge, { health: 'Degraded' }));
    expect(await looked()).toMatch(/### Merged and applied, and not healthy: 4 objects changed[\s\S]*health: `Degraded`/);
    expect(await stateOf(merge)).toBe('failure');
    repository.says(applied(merge));
    expect(await looked()).toBe(good);
    // What becomes of it later is not its doing.
    time += 3_600_000;
    repository.says(applied(merge, { health: 'Degraded' }));
    expect(await looked()).toBe(good);
  }, 240_000);

  test('S-103 one that was never planned is told too, with the later revision that contains it', async () => {
    await using repository = await toldRepository(server, 'unplanned');
    const { number } = await repository.open('first');
    const merge = await server.merge(repository.name, number);
    const next = await repository.open('second');
    const later = await server.merge(repository.name, next.number);
    repository.says(applied(later));
    // Long after it, nothing is said where nothing was: a repository that is new here has many.
    await repository.start({ now: () => new Date(Date.now() + 2 * 3_600_000) }).reconcile(TOLD_KEY, context);
    expect(await server.comments(repository.name, number)).toEqual([]);
    await repository.start().reconcile(TOLD_KEY, context);
    const [only = '', ...others] = await server.comments(repository.name, number);
    expect(others).toEqual([]);
    expect(only).toContain(
      `as \`${merge.slice(0, 12)}\`, applied at \`${AT}\` with revision \`${later.slice(0, 12)}\`, which contains it`,
    );
  }, 240_000);
});
