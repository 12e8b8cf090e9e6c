// `streamspace plan --pr` at both forges: what a merge would do, and why there is nothing to merge.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { must, streamspace } from '../support/command.ts';
import { BOT, type ForgeServer, giteaServer, githubServer } from '../support/forge-server.ts';
import { freshWorld, type World } from '../support/world.ts';

const servers = inject('servers');
const START = { Gitea: () => giteaServer(servers), GitHub: githubServer };
const NAME = 'planned';
const map = (name: string, x: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { x } });

describe.each(['Gitea', 'GitHub'] as const)('%s', (type) => {
  const made = new AsyncDisposableStack();
  let server: ForgeServer;
  let world: World;
  let url: string;
  let folder: string;
  const git = (...args: string[]): Promise<string> =>
    must('git', ['-C', folder, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...args]);

  /** Commits on a branch of its own, from what `main` was at when the tests began. */
  async function push(branch: string, files: Readonly<Record<string, string>>, from = 'start'): Promise<void> {
    await git('checkout', '--quiet', '-B', branch, from);
    for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
    await git('add', '-A');
    await git('commit', '--quiet', '-m', 'Change');
    await git('push', '--quiet', 'origin', `HEAD:${branch}`);
  }

  async function open(head: string, base = 'main'): Promise<number> {
    const { apiUrl, owner, name } = server.place(url);
    const answer = await fetch(`${apiUrl}/repos/${owner}/${name}/pulls`, {
      method: 'POST',
      headers: { authorization: `token ${server.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ head, base, title: head, body: '' }),
    });
    const body = (await answer.json()) as { readonly number: number };
    expect(answer.status, JSON.stringify(body)).toBe(201);
    return body.number;
  }

  const plan = (number: number, ...more: string[]) =>
    streamspace(['plan', '--pr', String(number), '--sync', `${world.namespace}/sync`, '--state', servers.stateDir, ...more]);

  beforeAll(async () => {
    server = made.use(await START[type]());
    url = await server.repository(NAME);
    folder = await mkdtemp(join(tmpdir(), 'streamspace-planned-'));
    made.defer(() => rm(folder, { recursive: true, force: true }));
    await must('git', ['clone', '--quiet', url.replace('://', `://${BOT}:${server.secret}@`), folder]);
    await push('main', { 'a.json': map('a', 'one'), 'b.json': map('b', 'one') }, 'origin/main');
    await git('tag', 'start');
    world = made.use(
      await freshWorld(servers, {
        spec: {
          ...{ url, credentialsRef: { name: 'forge' } },
          changes: {
            ...{ secretRef: { name: 'forge' }, branchPrefix: 'streamspace/change/', requireApprovals: 1, expireAfter: '720h' },
            forge: { type, apiUrl: server.place(url).apiUrl, mergeMethod: 'Merge', people: [] },
          },
        },
      }),
    );
    await world.kubectl(
      ['create', 'secret', 'generic', 'forge'].concat([
        `--from-literal=username=${BOT}`,
        `--from-literal=password=${server.secret}`,
      ]),
    );
    await world.sync();
    await world.until('it is applied', ({ conditions }) => conditions?.[0]?.status === 'True');
  }, 300_000);
  afterAll(async () => {
    const violations = server.violations();
    await made.disposeAsync();
    expect(violations).toEqual([]);
  }, 120_000);

  test('an open pull request is planned as what its merge would be; nothing is written, and the exit codes are those of a folder', async () => {
    await push('more', { 'a.json': map('a', 'two'), 'c.json': map('c', 'new') });
    const number = await open('more');
    // The branch has moved since, beside it: that is no change of the pull request.
    await push('main', { 'd.json': map('d', 'one') });
    const tip = (await git('rev-parse', 'HEAD')).trim();
    await world.sync();
    await world.until('what was pushed is applied', ({ revision }) => revision === tip);
    const before = await world.writes();
    const { code, stdout, stderr } = await plan(number);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/~ configure ConfigMap [^\n]*\/a {2}a\.json:1\n {4}data\.x: "one" -> "two"/);
    expect(stdout).toMatch(/\+ create ConfigMap [^\n]*\/c {2}c\.json:1/);
    expect(stdout).toMatch(/^1 create, 1 configure, 2 unchanged$/m);
    expect((await plan(number, '--detailed-exitcode')).code).toBe(2);
    const json = JSON.parse((await plan(number, '--json')).stdout) as {
      readonly changes: readonly { readonly action: string }[];
    };
    expect(json.changes.map(({ action }) => action).toSorted()).toEqual(['configure', 'create', 'unchanged', 'unchanged']);
    expect([...(await world.writesSince(before))].filter((each) => /configmaps/.test(each))).toEqual([]);

    await server.close(NAME, number);
    expect(await plan(number)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/NotFound.*is closed/) });
  }, 300_000);

  test('what cannot be merged, or is none of this GitSync, is named', async () => {
    await push('clash', { 'b.json': map('b', 'theirs') });
    const clash = await open('clash');
    await push('main', { 'b.json': map('b', 'ours') }, 'origin/main');
    const refused = async (number: number, ...more: string[]) => {
      const { code, stdout, stderr } = await plan(number, ...more);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      return stderr;
    };
    expect(await refused(clash, '--detailed-exitcode')).toMatch(/ChangeConflict.*b\.json/);
    expect(await refused(9_999)).toMatch(/NotFound.*there is no pull request 9999 in owner\/planned/);
    await push('broken', { 'e.json': '{ not JSON' }, 'origin/main');
    expect(await refused(await open('broken'))).toMatch(/e\.json:1/);
    await push('elsewhere', { 'f.json': map('f', 'one') });
    expect(await refused(await open('elsewhere', 'clash'))).toMatch(/NotFound.*is for clash, and not for main/);
  }, 300_000);
});

test('a GitSync without pull requests says so, and a folder and a pull request are not planned together', async () => {
  await using world = await freshWorld(servers);
  const here = ['-n', world.namespace, '--state', servers.stateDir];
  expect(await streamspace(['plan', '--pr', '1', ...here])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/ChangesNotConfigured.*\/sync has no pull requests: spec\.changes\.forge is not set/),
  });
  for (const args of [['plan'], ['plan', '.', '--pr', '1'], ['plan', '--pr', '1', '--renderer', 'Yaml'], ['plan', '--pr', 'x']])
    expect((await streamspace([...args, ...here])).code).toBe(2);
});
