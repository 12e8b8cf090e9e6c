import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { AuditEvent } from '../../../schemas/events.ts';
import type { ChangeEdit } from '../../../schemas/kinds/changes/change-edit.ts';
import type { ChangeRequest, ChangeRequestStatus, ChangeReview } from '../../../schemas/kinds/changes/change-request.ts';
import { applyEdits } from '../../changes/apply-edits.ts';
import type { Forge, ForgeChecks } from '../../changes/forge/forge.ts';
import { createPlainGitForge } from '../../changes/forge/plain-git.ts';
import { rollbackFiles } from '../../changes/rollback.ts';
import { parseCommitSha } from '../../git/commit-sha.ts';
import { type GitServer, serveRepositories } from '../../git/serve-repositories.ts';
import { GitSource } from '../../git/source.ts';
import { GitTransport } from '../../git/wire/http.ts';
import { renderYaml } from '../../render/yaml/yaml.ts';
import { RetryWithin } from '../contract.ts';
import { memoryCluster } from '../memory-cluster.ts';
import { NO_CHANGE_METRICS } from './change-metrics.ts';
import { createChangeRequestReconciler } from './change-request.ts';
import { CutOff, CutsOff } from './cut-off.ts';
import type { ChangeRequestPorts } from './ports.ts';

const signal = new AbortController().signal;
const TEAM =
  'apiVersion: streamspace.io/v1alpha1\nkind: Team\nmetadata: {name: web}\nspec:\n  displayName: Web # ours\n  members:\n    - {user: ada, role: admin}\n';
const OBJECT = { apiVersion: 'streamspace.io/v1alpha1', kind: 'Team', name: 'web' };
const ADD: ChangeEdit = {
  action: 'Patch',
  object: OBJECT,
  changes: [{ op: 'Set', path: 'spec.members[]', value: '{"user":"vera","role":"viewer"}' }],
};
const START = '2027-03-01T08:00:00Z';
const BRANCH = 'streamspace/change/uid-1';

let server: GitServer;
let transport: GitTransport;
let made = 0;
beforeAll(async () => {
  server = await serveRepositories();
  transport = new GitTransport();
});
afterAll(async () => {
  await transport[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function world(
  edits: readonly ChangeEdit[] = [ADD],
  requireApprovals = 1,
  given: { changes?: object; verify?: object } = {},
) {
  made += 1;
  const folder = await mkdtemp(path.join(tmpdir(), 'streamspace-changes-'));
  const repository = await server.repository(`c${made}`);
  await repository.git('-C', repository.bare, 'config', 'http.receivepack', 'true');
  const push = async (files: Readonly<Record<string, string>>, message = 'Change'): Promise<string> => {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(repository.folder, file)), { recursive: true });
      await writeFile(path.join(repository.folder, file), text);
    }
    return await repository.push(message);
  };
  const first = await push({ 'teams/web.yaml': TEAM, 'other.txt': '1' }, 'Start');
  const git = new GitSource({ directory: folder, transport });
  const cluster = memoryCluster();
  cluster.put(RESOURCES.secrets, {
    metadata: { name: 'push', namespace: 'streamspace' },
    data: { password: Buffer.from('x').toString('base64') },
  });
  const sync = (status: object = {}, { changes, ...spec }: typeof given = given): void =>
    void cluster.put(RESOURCES.gitSyncs, {
      metadata: { name: 'platform', namespace: 'streamspace', uid: 's' },
      spec: {
        ...{ url: repository.url, ref: { branch: 'main' }, ...spec },
        changes: { secretRef: { name: 'push' }, requireApprovals, ...changes },
      },
      status,
    });
  sync();
  const put = (spec: object = {}): void => {
    const { status } = cluster.read<ChangeRequest>(RESOURCES.changeRequests, 'team-web', 'c') ?? {};
    cluster.put(RESOURCES.changeRequests, {
      metadata: { name: 'c', namespace: 'team-web', uid: 'uid-1', generation: 1, creationTimestamp: START },
      spec: {
        ...{ requestedBy: { name: 'mina', displayName: 'Mina', mayApprove: false }, reason: 'Vera helps us' },
        ...{ target: { namespace: 'streamspace', name: 'platform' }, edits, reviews: [], withdrawn: false },
        ...spec,
      },
      ...(status === undefined ? {} : { status }),
    });
  };
  put();
  let time = Date.parse(START);
  /** Everything that leaves something behind. */
  const cuts = new CutsOff();
  let objects: NonNullable<ChangeRequestStatus['objects']> = [{ ...OBJECT, action: 'Configure' }];
  let checks: ForgeChecks = { state: 'passed', message: '' };
  let failed: readonly string[] = [];
  const events: string[] = [];
  let hints = 0;
  let squashed: string | undefined;
  const plain = createPlainGitForge({ git, transport });
  const forge: Forge = {
    ...plain,
    ensureBranch: cuts.after(plain.ensureBranch),
    merge: cuts.after(plain.merge),
    close: cuts.after(plain.close),
    checks: async () => checks,
    findRequest: async (request, stop) =>
      squashed === undefined || !request.branch.endsWith('uid-1')
        ? await plain.findRequest(request, stop)
        : { state: 'Merged', mergeCommit: squashed },
  };
  const audited: AuditEvent[] = [];
  const apply = cuts.after(cluster.client.apply as (...given: Parameters<typeof cluster.client.apply>) => Promise<unknown>);
  const create = cuts.after(async (...[resource, namespace, body]: Parameters<typeof cluster.client.create>) => {
    const object = JSON.parse(String(body)) as { readonly metadata: object };
    const metadata = { ...object.metadata, creationTimestamp: new Date(time).toISOString() };
    return await cluster.client.create(resource, namespace, JSON.stringify({ ...object, metadata }));
  });
  const ports: ChangeRequestPorts = {
    client: {
      ...cluster.client,
      apply: apply as typeof cluster.client.apply,
      create: create as typeof cluster.client.create,
    },
    git,
    forge,
    edit: async ({ before, request, target, tip }) => {
      const { rollback: wish } = request.spec;
      if (wish !== undefined)
        return await rollbackFiles(git, { ...target, tip: parseCommitSha(tip), base: undefined, wish, paths: [] }, signal);
      const { manifests } = await renderYaml(await before.snapshot(''), signal);
      const unit = { path: '.', renderer: 'Yaml', entrypoint: 'main.ts' } as const;
      return await applyEdits(request.spec.edits, {
        tree: before,
        defaultNamespace: 'streamspace',
        sources: [{ unit, renderer: 'Yaml', manifests }],
      });
    },
    check: async () => ({ objects }),
    failed: async () => failed,
    mayApprove: async () => true,
    pushed: () => {
      hints += 1;
    },
    audit: (event) => void audited.push(event),
    events: { record: (_subject, { type, reason }) => void events.push(`${type} ${reason}`) },
    metrics: NO_CHANGE_METRICS,
    now: () => new Date(time),
  };
  const reconciler = createChangeRequestReconciler(ports);
  const read = (name = 'c'): ChangeRequest => cluster.read<ChangeRequest>(RESOURCES.changeRequests, 'team-web', name) ?? fail();
  const reconcile = async (name = 'c') =>
    await reconciler.reconcile({ namespace: 'team-web', name }, { signal, log: pino({ level: 'silent' }) });
  return {
    ...{ cluster, audited, first, push, sync, put, read, reconcile, repository },
    review: (review: Partial<ChangeReview> = {}): void =>
      put({
        reviews: [{ by: 'ada', verdict: 'Approve', commit: read().status?.commit ?? '', at: '2027-03-01T09:00:00Z', ...review }],
      }),
    /** Before a push, once something was merged. */
    pull: async (): Promise<unknown> =>
      await repository.git('-C', repository.folder, 'pull', '--quiet', '--ff-only', repository.bare, 'main'),
    checks: (now: ForgeChecks): void => {
      checks = now;
    },
    fails: (now: readonly string[]): void => {
      failed = now;
    },
    events,
    hints: () => hints,
    squashedAs: (commit: string): void => {
      squashed = commit;
    },
    changes: (kind: string): void => {
      objects = [{ ...OBJECT, kind, action: 'Configure' }];
    },
    later: (ms: number): void => {
      time += ms;
    },
    crashAt: (effect: number): void => cuts.at(effect),
    main: async (): Promise<string> => await repository.git('-C', repository.bare, 'show', 'main:teams/web.yaml'),
    log: async (): Promise<readonly string[]> =>
      (await repository.git('-C', repository.bare, 'log', '--format=%s', 'main')).split('\n'),
    branches: async (): Promise<readonly string[]> =>
      (await repository.git('-C', repository.bare, 'for-each-ref', '--format=%(refname:short)', 'refs/heads')).split('\n'),
    head: async (): Promise<string> => await repository.git('-C', repository.bare, 'rev-parse', 'main'),
    ready: () => findCondition(read().status?.conditions, 'Ready'),
    async [Symbol.asyncDispose]() {
      await git[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function fail(): never {
  throw new TypeError('it is not there');
}

const AFTER = `${TEAM}    - user: vera\n      role: viewer\n`.trimEnd();

test('a wish becomes one commit on a branch of its own, by whoever asks, and waits; a second call writes nothing', async () => {
  await using given = await world();
  await given.reconcile();
  const { status } = given.read();
  expect(status).toMatchObject({
    ...{ phase: 'Open', branch: 'streamspace/change/uid-1', into: 'main', baseCommit: given.first, approvalsNeeded: 1 },
    files: [{ path: 'teams/web.yaml', action: 'Changed', additions: 2, deletions: 0 }],
  });
  expect(status?.diff).toContain('+    - user: vera');
  const commit = await given.repository.git(
    '-C',
    given.repository.bare,
    'log',
    '-1',
    '--format=%an <%ae>|%cn|%B',
    status?.branch ?? '',
  );
  expect(commit).toBe(
    'Mina <mina@noreply.streamspace.io>|StreamSpace|Vera helps us\n\nStreamSpace-Change: team-web/c\nStreamSpace-Requested-By: mina',
  );
  const writes = given.cluster.writes.length;
  await given.reconcile();
  expect(given.cluster.writes).toHaveLength(writes);
  expect(await given.log()).toEqual(['Start']);
});

test('S-100 only an approval of somebody else, for this commit, merges it; then the branch is gone and what became of it is followed', async () => {
  await using given = await world();
  await given.reconcile();
  given.review({ by: 'mina' });
  await given.reconcile();
  given.review({ commit: given.first });
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Open', approvals: [{ by: 'ada', standing: 'Stale' }] });
  expect(await given.log()).toEqual(['Start']);
  given.review();
  await given.reconcile();
  const { status } = given.read();
  expect(status).toMatchObject({ phase: 'Merged', mergeCommit: status?.commit, approvals: [{ by: 'ada', standing: 'Counts' }] });
  expect(await given.main()).toBe(AFTER);
  expect(await given.branches()).toEqual(['main']);
  given.sync({
    revision: status?.mergeCommit,
    health: 'Healthy',
    conditions: [{ type: 'Ready', status: 'True', reason: 'Synced', message: '' }],
  });
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Applied', result: { revision: status?.mergeCommit, health: 'Healthy' } });
  expect(given.audited.map(({ type }) => type)).toEqual(['change.merged']);
});

const synced = (revision: string | undefined, more: object = {}) => ({
  ...{ revision, attempted: revision, health: 'Healthy' },
  conditions: [{ type: 'Ready', status: 'True', reason: 'Synced', message: '' }],
  ...more,
});
const failing = (reason: string, more: object) => ({
  conditions: [{ type: 'Ready', status: 'False', reason, message: 'no' }],
  ...more,
});
const FIVE_MINUTES_MS = 300_000;

async function mergedWorld(changes: object = {}) {
  const given = await world([ADD], 1, { changes });
  await given.reconcile();
  given.review();
  await given.reconcile();
  const merge = given.read().status?.mergeCommit;
  const settled = () => {
    const found = findCondition(given.read().status?.conditions, 'Settled');
    return found && [found.status, found.reason];
  };
  const after = async (status: object, laterMs = 0) => {
    given.later(laterMs);
    given.sync(status);
    await given.reconcile();
    return [given.read().status?.phase, ...(settled() ?? [])];
  };
  return { given, merge, after };
}

test('a sync that fails with the change in it is told until it is mended; then what it changed is watched for its time', async () => {
  const { given, merge, after } = await mergedWorld();
  await using _given = given;
  // It has failed before, for another reason: nothing of the change is in the cluster.
  expect(await after(failing('GitUnreachable', { revision: given.first, attempted: given.first }))).toEqual([
    'Merged',
    'False',
    'GitUnreachable',
  ]);
  expect(await after(failing('HealthFailed', { revision: given.first, attempted: merge }))).toEqual([
    'Merged',
    'False',
    'HealthFailed',
  ]);
  await given.reconcile();
  expect(given.events.filter((each) => each.startsWith('Warning'))).toEqual(['Warning GitUnreachable', 'Warning HealthFailed']);
  expect(await after(synced(merge))).toEqual(['Applied', 'Unknown', 'Settling']);
  expect(await after(synced(merge), FIVE_MINUTES_MS)).toEqual(['Applied', 'Unknown', 'Settling']);
  expect(await after(failing('ApplyForbidden', { revision: merge, attempted: merge }))).toEqual([
    'Applied',
    'False',
    'ApplyForbidden',
  ]);
  // Another commit that fails is not this one.
  const other = 'd'.repeat(40);
  expect(await after(failing('YamlInvalid', { revision: merge, attempted: other }))).toEqual(['Applied', 'Unknown', 'Settling']);
  expect(await after(synced(other), 2 * FIVE_MINUTES_MS)).toEqual(['Applied', 'True', 'Healthy']);
  const writes = given.cluster.writes.length;
  expect(await after(failing('ApplyForbidden', { revision: other, attempted: other }))).toEqual(['Applied', 'True', 'Healthy']);
  expect(given.cluster.writes).toHaveLength(writes);
  expect(given.audited.map(({ type, details }) => [type, details?.['code']])).toEqual([
    ['change.merged', undefined],
    ['change.unhealthy', 'GitUnreachable'],
    ['change.unhealthy', 'HealthFailed'],
    ['change.unhealthy', 'ApplyForbidden'],
  ]);
});

test('what it changed and what has failed since is told, as long as it has, and over the end of its time', async () => {
  const { given, merge, after } = await mergedWorld();
  await using _given = given;
  expect(await after(synced(merge))).toEqual(['Applied', 'Unknown', 'Settling']);
  given.fails(['Deployment web/site: its pods do not start']);
  const hints = given.hints();
  expect(await after(synced(merge), FIVE_MINUTES_MS)).toEqual(['Applied', 'False', 'Degraded']);
  // The GitSync looks at once, and says so on the pull request.
  expect(given.hints()).toBe(hints + 1);
  const writes = given.cluster.writes.length;
  expect(await after(synced(merge), 3 * FIVE_MINUTES_MS)).toEqual(['Applied', 'False', 'Degraded']);
  expect(given.cluster.writes).toHaveLength(writes);
  given.fails([]);
  expect(await after(synced(merge))).toEqual(['Applied', 'True', 'Healthy']);
  expect(given.events.slice(-2)).toEqual(['Warning Degraded', 'Normal Healthy']);
  expect(given.hints()).toBe(hints + 2);
});

const ASKED = { onFailure: true, onDegraded: true, afterSeconds: 60 };

test('where the GitSync says so, what has failed for long enough is asked to be undone, once, whatever is cut off', async () => {
  const { given, merge, after } = await mergedWorld({ autoRollback: ASKED });
  await using _given = given;
  const asked = () => given.cluster.read<ChangeRequest>(RESOURCES.changeRequests, 'team-web', 'rollback-uid-1');
  const broken = failing('HealthFailed', { revision: given.first, attempted: merge });
  await after(broken);
  await after(broken, 59_000);
  expect(asked()).toBeUndefined();
  given.later(1_000);
  given.crashAt(1);
  await expect(given.reconcile()).rejects.toBeInstanceOf(CutOff);
  given.crashAt(Number.POSITIVE_INFINITY);
  await after(broken);
  await after(broken, 60_000);
  expect(given.read().status).toMatchObject({ phase: 'Merged', rollback: { name: 'rollback-uid-1' } });
  expect(asked()?.spec).toEqual({
    requestedBy: { name: 'system:streamspace', displayName: 'StreamSpace', mayApprove: false },
    reason: 'Roll back team-web/c: merged, and not healthy (HealthFailed)',
    ...{ target: { namespace: 'streamspace', name: 'platform' }, edits: [], reviews: [], withdrawn: false },
    rollback: { commits: [merge] },
  });
  expect(given.cluster.writes.filter((each) => each.startsWith('create'))).toHaveLength(1);
  // Somebody does not want it: it is not asked for again.
  given.cluster.drop(RESOURCES.changeRequests, 'team-web', 'rollback-uid-1');
  await after(broken, 60_000);
  expect(asked()).toBeUndefined();
});

test.each([
  ['nothing says so', undefined, 'HealthFailed', {}],
  ['only what is degraded is asked for', { ...ASKED, onFailure: false }, 'HealthFailed', {}],
  ['Git cannot be reached', ASKED, 'GitUnreachable', {}],
  ['something else has come with it', ASKED, 'HealthFailed', { attempted: 'd'.repeat(40) }],
  ['it failed before already', ASKED, 'HealthFailed', { revision: 'e'.repeat(40) }],
])('nothing is asked to be undone where %s', async (_why, autoRollback, code, more) => {
  const { given, merge, after } = await mergedWorld({ autoRollback });
  await using _given = given;
  const broken = failing(code, { revision: given.first, attempted: merge, ...more });
  await after(broken);
  expect(await after(broken, 10 * FIVE_MINUTES_MS)).toEqual(['Merged', 'False', code]);
  expect(given.cluster.writes.filter((each) => each.startsWith('create'))).toEqual([]);
});

test('what has failed since it was applied is asked to be undone, and what undoes it is not undone by itself', async () => {
  const { given, merge, after } = await mergedWorld({ autoRollback: ASKED });
  await using _given = given;
  given.fails(['Deployment web/site: its pods do not start']);
  expect(await after(synced(merge))).toEqual(['Applied', 'False', 'Degraded']);
  given.put({ requestedBy: { name: 'system:streamspace', mayApprove: false } });
  await after(synced(merge), 60_000);
  expect(given.read().status?.rollback).toBeUndefined();
  given.put();
  await after(synced(merge));
  expect(given.read().status?.rollback).toEqual({ name: 'rollback-uid-1' });
});

test('where none is asked for, what somebody may approve is merged at once, and what others ask for needs one', async () => {
  await using given = await world([ADD], 0);
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Open', approvalsNeeded: 1 });
  given.put({ requestedBy: { name: 'ada', mayApprove: true } });
  await given.reconcile();
  expect(given.read().status?.phase).toBe('Merged');
});

test('a branch that moved beside the change keeps the approval and gets a merge commit; one that moved under it makes it stale', async () => {
  await using given = await world();
  await given.reconcile();
  const approved = given.read().status?.commit;
  const moved = await given.push({ 'other.txt': '2' });
  given.review();
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Merged', commit: approved });
  const parents = await given.repository.git('-C', given.repository.bare, 'log', '-1', '--format=%P', 'main');
  expect(parents).toBe(`${moved} ${approved}`);
  expect(await given.main()).toBe(AFTER);

  await using other = await world();
  await other.reconcile();
  const before = other.read().status?.commit;
  other.review();
  await other.push({ 'teams/web.yaml': TEAM.replace('Web # ours', 'The web # ours') });
  await other.reconcile();
  expect(other.read().status).toMatchObject({ phase: 'Open', approvals: [{ by: 'ada', standing: 'Stale' }] });
  expect(other.read().status?.commit).not.toBe(before);
  other.review();
  await other.reconcile();
  expect(await other.main()).toBe(AFTER.replace('Web # ours', 'The web # ours'));
});

async function keysFor(given: Awaited<ReturnType<typeof world>>, type = 'ed25519') {
  const key = path.join(given.repository.folder, '..', `signing-${made}-${type}`);
  await promisify(execFile)('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', 'streamspace', '-f', key]);
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const signers = `${key}.allowed`;
  await writeFile(signers, `streamspace ${await readFile(`${key}.pub`, 'utf8')}`);
  given.cluster.put(RESOURCES.secrets, {
    metadata: { name: 'trusted', namespace: 'streamspace' },
    data: { allowed_signers: base64(await readFile(signers, 'utf8')) },
  });
  const { bare } = given.repository;
  const config = ['-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${signers}`];
  return {
    give: async (): Promise<void> =>
      void given.cluster.put(RESOURCES.secrets, {
        metadata: { name: 'signing', namespace: 'streamspace' },
        data: { 'ssh-privatekey': base64(await readFile(key, 'utf8')) },
      }),
    /** @throws for a commit whose signature git does not call good */
    verify: async (commit: string): Promise<string> => await given.repository.git('-C', bare, ...config, 'verify-commit', commit),
  };
}

const SIGNED = {
  changes: { signingKeyRef: { name: 'signing' } },
  verify: { mode: 'EveryCommit', keysRef: { kind: 'Secret', name: 'trusted' } },
};

test('S-104 with a key the commit and the merge are signed, as git verifies it, and made twice they are one', async () => {
  const shas = async (crashAt?: number): Promise<readonly string[]> => {
    await using given = await world([ADD], 1, SIGNED);
    const keys = await keysFor(given);
    await keys.give();
    if (crashAt !== undefined) {
      given.crashAt(crashAt); // the branch is pushed, and nobody heard of it
      await expect(given.reconcile()).rejects.toThrow(CutOff);
      given.crashAt(Number.POSITIVE_INFINITY);
    }
    const first = crashAt === undefined ? '' : await given.repository.git('-C', given.repository.bare, 'rev-parse', BRANCH);
    await given.reconcile();
    const { status } = given.read();
    const commit = status?.commit ?? '';
    if (crashAt !== undefined) expect(first).toBe(commit);
    await keys.verify(commit);
    await given.push({ 'other.txt': '2' });
    given.review();
    await given.reconcile();
    const merge = given.read().status?.mergeCommit ?? '';
    expect(given.read().status).toMatchObject({ phase: 'Merged', commit });
    expect(await given.repository.git('-C', given.repository.bare, 'log', '-1', '--format=%P', 'main')).toContain(commit);
    await keys.verify(merge);
    return [commit, merge];
  };
  await shas();
  await shas(1);
});

test('a key that is missing, of the wrong kind or not trusted stops the change until it is there; unsigned ones are made anew', async () => {
  await using given = await world([ADD], 1, { verify: SIGNED.verify });
  await given.reconcile();
  expect(given.read().status?.phase).toBe('Failed');
  expect(given.ready()).toMatchObject({ reason: 'ChangesNotConfigured', message: expect.stringContaining('signingKeyRef') });

  await using other = await world([ADD]);
  await other.reconcile();
  const unsigned = other.read().status?.commit;
  other.review();
  other.sync({}, SIGNED);
  const stuck = async (words: RegExp): Promise<void> => {
    await expect(other.reconcile()).rejects.toThrow(RetryWithin);
    expect(other.ready()).toMatchObject({ reason: 'SigningKeyInvalid', message: expect.stringMatching(words) });
    expect(await other.log()).toEqual(['Start']);
  };
  await stuck(/no Secret signing/);
  await (await keysFor(other, 'ecdsa')).give();
  await stuck(/ECDSA/);
  const keys = await keysFor(other);
  const trusted = other.cluster.read<{ metadata: object }>(RESOURCES.secrets, 'streamspace', 'trusted') ?? fail();
  await keys.give();
  await keysFor(other, 'rsa');
  await stuck(/the sync would refuse .* not among the allowed signers/);
  other.cluster.put(RESOURCES.secrets, { ...trusted, metadata: { ...trusted.metadata } });
  await other.reconcile();
  const commit = other.read().status?.commit ?? '';
  expect(commit).not.toBe(unsigned);
  await keys.verify(commit);
  expect(other.read().status).toMatchObject({ phase: 'Open', approvals: [{ standing: 'Stale' }] });
});

test('S-100 where owners are required, an approval of nobody who owns the file merges nothing, and whose is missing is said', async () => {
  await using given = await world([ADD], 1, { changes: { codeOwners: 'Require' } });
  const team = {
    metadata: { name: 'web' },
    spec: {
      displayName: 'W',
      members: [
        { user: 'lee', role: 'admin' },
        { group: 'ada', role: 'admin' },
      ],
    },
  };
  given.cluster.put(RESOURCES.teams, team);
  await given.push({ 'docs/CODEOWNERS': '* @ada\n', CODEOWNERS: '/teams/ @mina @org/web\n[x] @ada\n' });
  await given.reconcile();
  const owners = (approvedBy: readonly string[], required = true) => ({
    ...{ file: 'CODEOWNERS', required, skippedLines: [2] },
    files: [{ path: 'teams/web.yaml', owners: ['@mina', '@org/web'], approvedBy }],
  });
  expect(given.read().status?.codeOwners).toEqual(owners([]));
  const MISSING = 'an owner has to approve teams/web.yaml of @mina or @org/web';
  expect(given.ready()).toMatchObject({ reason: 'AwaitingApproval', message: `0 of 1 approval; ${MISSING}` });
  given.review({ by: 'mina' });
  await given.reconcile();
  expect(given.ready()?.message).toBe(`0 of 1 approval; ${MISSING}`);
  given.review();
  await given.reconcile();
  expect(given.ready()).toMatchObject({ status: 'False', reason: 'AwaitingCodeOwners', message: MISSING });
  expect(findCondition(given.read().status?.conditions, 'Approved')).toMatchObject({
    status: 'False',
    reason: 'AwaitingCodeOwners',
  });
  const writes = given.cluster.writes.length;
  await given.reconcile();
  expect([given.cluster.writes.length, (await given.log()).length]).toEqual([writes, 2]);
  given.sync({}, { changes: { codeOwners: 'Show' } });
  given.checks({ state: 'pending', message: 'so that it stays open' });
  await given.reconcile();
  expect(given.read().status?.codeOwners).toEqual(owners([], false));
  given.sync({}, { changes: { codeOwners: 'Require' } });
  given.checks({ state: 'passed', message: '' });
  given.review({ by: 'lee' });
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Merged', codeOwners: owners(['lee']) });
});

test('where nobody looks at owners, they are not told; a file of them that cannot be read holds the merge where they are required', async () => {
  await using given = await world([ADD], 1, { changes: { codeOwners: 'Ignore' } });
  given.checks({ state: 'pending', message: 'so that it stays open' });
  await given.push({ CODEOWNERS: '* @ada\n' });
  await given.reconcile();
  given.review();
  await given.reconcile();
  expect(given.read().status).not.toHaveProperty('codeOwners');
  given.sync({}, { changes: { codeOwners: 'Require' } });
  await given.reconcile();
  expect(given.ready()?.reason).toBe('ChecksPending');
  expect(given.read().status?.codeOwners?.files).toMatchObject([{ approvedBy: ['ada'] }]);
  const file = path.join(given.repository.folder, 'CODEOWNERS');
  await rm(file);
  await symlink('other.txt', file);
  await given.repository.push('A link');
  await given.reconcile();
  expect(given.ready()).toMatchObject({
    reason: 'AwaitingCodeOwners',
    message: expect.stringMatching(/^CODEOWNERS cannot be read: /),
  });
  given.sync({}, { changes: { codeOwners: 'Ignore' } });
  given.checks({ state: 'passed', message: '' });
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Merged' });
  expect(given.read().status).not.toHaveProperty('codeOwners');
});

test('a rule of paths or kinds asks for more people, and says why; what the files have become on the branch counts before the merge', async () => {
  const approvalRules = [
    { paths: ['/teams/'], approvals: 2 },
    { kinds: ['Quota'], approvals: 3 },
  ];
  await using given = await world([ADD], 1, { changes: { approvalRules } });
  await given.reconcile();
  const review = (...people: readonly string[]): void =>
    given.put({
      reviews: people.map((by) => ({ by, verdict: 'Approve', commit: given.read().status?.commit, at: '2027-03-01T09:00:00Z' })),
    });
  review('ada');
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Open', approvalsNeeded: 2 });
  expect(given.ready()?.message).toBe('1 of 2 approvals, as teams/web.yaml is among /teams/');
  await given.push({ 'other.txt': '2' });
  given.changes('Quota');
  review('ada', 'lee');
  await given.reconcile();
  expect(given.ready()).toMatchObject({ reason: 'AwaitingApproval', message: '2 of 3 approvals, as it changes Quota web' });
  const writes = given.cluster.writes.length;
  await given.reconcile();
  expect(given.cluster.writes).toHaveLength(writes);
  review('ada', 'lee', 'max');
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Merged', approvalsNeeded: 3 });
});

test('what can no longer be made is told as a conflict and mended by the branch; what never could is the end', async () => {
  const role: ChangeEdit = {
    action: 'Patch',
    object: OBJECT,
    changes: [{ op: 'Set', path: 'spec.members[user=ada].role', value: '"member"', was: '"admin"' }],
  };
  await using given = await world([role]);
  await given.reconcile();
  await given.push({ 'teams/web.yaml': TEAM.replace('role: admin', 'role: viewer') });
  given.review();
  await given.reconcile();
  expect(given.ready()).toMatchObject({
    status: 'False',
    reason: 'ChangeConflict',
    message: expect.stringContaining('teams/web.yaml:1'),
  });
  expect(findCondition(given.read().status?.conditions, 'Conflict')?.status).toBe('True');
  await given.push({ 'teams/web.yaml': TEAM.replace('displayName: Web', 'displayName: W') });
  await given.reconcile();
  expect(findCondition(given.read().status?.conditions, 'Conflict')?.status).toBe('False');

  await using never = await world([{ ...role, object: { ...OBJECT, name: 'none' } }]);
  await never.reconcile();
  expect(never.read().status).toMatchObject({ phase: 'Failed' });
  expect(never.audited).toMatchObject([{ type: 'change.failed', details: { code: 'ChangeObjectNotInGit' } }]);
  expect(await never.branches()).toEqual(['main']);
});

test('S-101 rejected, withdrawn and expired ones end without a merge, and leave no branch', async () => {
  for (const [act, phase] of [
    [(given: Awaited<ReturnType<typeof world>>) => given.review({ verdict: 'Reject', reason: 'no' }), 'Rejected'],
    [(given: Awaited<ReturnType<typeof world>>) => given.put({ withdrawn: true }), 'Withdrawn'],
    [(given: Awaited<ReturnType<typeof world>>) => given.later(721 * 3_600_000), 'Expired'],
  ] as const) {
    await using given = await world();
    await given.reconcile();
    act(given);
    await given.reconcile();
    expect(given.read().status?.phase).toBe(phase);
    expect(await given.branches()).toEqual(['main']);
    given.review();
    await given.reconcile();
    expect(await given.log()).toEqual(['Start']);
  }
});

test('what was merged right before a crash is merged, though it is withdrawn meanwhile', async () => {
  await using given = await world();
  await given.reconcile();
  given.review();
  given.crashAt(3); // the branch, the status, the merge
  await expect(given.reconcile()).rejects.toThrow(CutOff);
  expect(await given.log()).toEqual(['Vera helps us', 'Start']);
  given.crashAt(Number.POSITIVE_INFINITY);
  given.put({ withdrawn: true });
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Merged', mergeCommit: await given.head() });
});

test('a check that the forge asks for is waited for and named, and looking again writes nothing', async () => {
  await using given = await world();
  await given.reconcile();
  given.review();
  given.checks({ state: 'pending', message: 'what the branch asks for is not there yet: ci' });
  await given.reconcile();
  expect(given.ready()).toMatchObject({ status: 'False', reason: 'ChecksPending', message: expect.stringMatching(/: ci$/) });
  const writes = given.cluster.writes.length;
  await given.reconcile();
  expect([given.cluster.writes.length, await given.log()]).toEqual([writes, ['Start']]);
  given.checks({ state: 'passed', message: '' });
  await given.reconcile();
  expect(given.read().status?.phase).toBe('Merged');
});

test('S-104 cut off after every single step, it makes one branch, one commit and one merge', async () => {
  for (let effect = 1; ; effect += 1) {
    await using given = await world();
    let crashed = false;
    const step = async (): Promise<void> => {
      try {
        await given.reconcile();
      } catch (error) {
        if (!(error instanceof CutOff)) throw error;
        crashed = true;
        given.crashAt(Number.POSITIVE_INFINITY);
      }
    };
    given.crashAt(effect);
    await step();
    await step();
    expect(await given.branches()).toEqual(['main', 'streamspace/change/uid-1']);
    given.review();
    await step();
    await step();
    expect(given.read().status).toMatchObject({ phase: 'Merged', mergeCommit: await given.head() });
    expect(await given.log()).toEqual(['Vera helps us', 'Start']);
    expect(await given.branches()).toEqual(['main']);
    if (!crashed) {
      expect(effect).toBeGreaterThan(5);
      return;
    }
  }
}, 300_000);

const UNTIL = '2027-03-05T17:00:00.000Z';
const DAYS_MS = 24 * 3_600_000;

/** Approved, merged and in the cluster. */
async function granted(given: Awaited<ReturnType<typeof world>>): Promise<void> {
  given.put({ until: UNTIL });
  await given.reconcile();
  const commit = given.read().status?.commit ?? '';
  given.put({ until: UNTIL, reviews: [{ by: 'ada', verdict: 'Approve', commit, at: '2027-03-01T09:00:00Z' }] });
  await given.reconcile();
  await applied(given);
}

async function applied(given: Awaited<ReturnType<typeof world>>, name = 'c'): Promise<void> {
  const conditions = [{ type: 'Ready', status: 'True', reason: 'Synced', message: '' }];
  given.sync({ revision: await given.head(), health: 'Healthy', conditions });
  await given.reconcile(name);
}

const BACK = 'back-uid-1';
const backs = ({ cluster }: Awaited<ReturnType<typeof world>>) => cluster.writes.filter((write) => write.startsWith('create'));

test('what was granted until a time is taken back then by one change, which nobody has to approve, and the file is what it was', async () => {
  await using given = await world();
  await granted(given);
  expect(given.read().status?.phase).toBe('Applied');
  expect(await given.main()).toBe(AFTER);
  // It looks again by the time that is left, and in between, should a clock be set or the sync fail.
  expect((await given.reconcile()).requeueAfterMs).toBeLessThanOrEqual(5 * 60_000);
  given.later(Date.parse(UNTIL) - Date.parse(START) - 60_000);
  expect((await given.reconcile()).requeueAfterMs).toBeLessThanOrEqual(60_000);
  expect(backs(given)).toEqual([]);
  given.later(60_000);
  await given.reconcile();
  await given.reconcile();
  expect(backs(given)).toEqual([`create ChangeRequest ${BACK}`]);
  expect(given.read().status).toMatchObject({ phase: 'Applied', takenBackBy: BACK });
  expect(given.ready()).toMatchObject({ status: 'True', reason: 'Applied' });
  expect(given.read(BACK).spec).toMatchObject({
    ...{ requestedBy: { name: 'mina', mayApprove: false }, takesBack: { name: 'c', uid: 'uid-1' } },
    rollback: { commits: [given.read().status?.commit] },
  });
  await given.reconcile(BACK);
  expect(given.read(BACK).status).toMatchObject({ phase: 'Merged', approvalsNeeded: 0 });
  expect(await given.main()).toBe(TEAM.trimEnd());
  await applied(given, BACK);
  expect(given.read(BACK).status?.phase).toBe('Applied');
  expect(given.audited.map(({ type }) => type)).toEqual(['change.merged', 'change.requested', 'change.merged']);
});

test('a controller that was down, or cut off after any step, takes it back once', async () => {
  for (let effect = 1; ; effect += 1) {
    await using given = await world();
    await granted(given);
    given.later(40 * DAYS_MS);
    given.crashAt(effect);
    let crashed = false;
    for (const name of ['c', 'c', BACK, BACK]) {
      try {
        await given.reconcile(name);
      } catch (error) {
        if (!(error instanceof CutOff)) throw error;
        crashed = true;
        given.crashAt(Number.POSITIVE_INFINITY);
      }
    }
    expect(backs(given)).toHaveLength(1);
    expect(given.read().status?.takenBackBy).toBe(BACK);
    expect(given.read(BACK).status?.phase).toBe('Merged');
    expect(await given.log()).toHaveLength(3);
    expect(await given.main()).toBe(TEAM.trimEnd());
    if (!crashed) {
      expect(effect).toBeGreaterThan(4);
      return;
    }
  }
}, 300_000);

test('what is not merged before its time is over ends, and nothing of it is taken back', async () => {
  await using given = await world();
  given.put({ until: UNTIL });
  await given.reconcile();
  expect(given.read().status?.expiresAt).toBe(UNTIL);
  given.later(Date.parse(UNTIL) - Date.parse(START));
  given.put({
    until: UNTIL,
    reviews: [{ by: 'ada', verdict: 'Approve', commit: given.read().status?.commit ?? '', at: UNTIL }],
  });
  await given.reconcile();
  expect(given.read().status?.phase).toBe('Expired');
  await given.reconcile();
  expect([backs(given), await given.log(), await given.branches()]).toEqual([[], ['Start'], ['main']]);
});

test('what somebody has written over it is told and kept, until it is mended; what somebody took back by hand is done', async () => {
  await using given = await world();
  await granted(given);
  await given.pull();
  await given.push({ 'teams/web.yaml': `${AFTER.replace('role: viewer', 'role: admin')}\n` });
  given.later(5 * DAYS_MS);
  await given.reconcile();
  for (let time = 0; time < 2; time += 1) {
    await given.reconcile(BACK);
    expect(given.read(BACK).status).toMatchObject({ phase: 'Pending', conditions: [{ reason: 'ChangeConflict' }, {}] });
  }
  expect(await given.main()).toMatch(/ role: admin$/);
  await given.push({ 'teams/web.yaml': `${AFTER}\n` });
  await given.reconcile(BACK);
  expect(given.read(BACK).status?.phase).toBe('Merged');

  await using other = await world();
  await granted(other);
  await other.pull();
  await other.push({ 'teams/web.yaml': TEAM });
  other.later(5 * DAYS_MS);
  await other.reconcile();
  await other.reconcile(BACK);
  expect(other.read(BACK).status?.phase).toBe('Withdrawn');
  expect(findCondition(other.read(BACK).status?.conditions, 'Ready')?.reason).toBe('NothingToTakeBack');
});

test('one that has a time is kept beyond it, so that what takes it back can look at it', async () => {
  await using given = await world();
  await granted(given);
  given.later(4 * DAYS_MS + 85 * DAYS_MS);
  await given.reconcile();
  expect(given.read().status?.takenBackBy).toBe(BACK);
  given.later(3 * DAYS_MS);
  await given.reconcile();
  expect(given.read().status?.phase).toBe('Applied');
  given.later(3 * DAYS_MS);
  await given.reconcile();
  expect(() => given.read()).toThrow();
});

test('squashed at a forge, the commit that stands in the branch is undone', async () => {
  await using given = await world();
  given.put({ until: UNTIL });
  await given.reconcile();
  const squash = await given.push({ 'teams/web.yaml': `${AFTER}\n` });
  given.squashedAs(squash);
  await given.reconcile();
  expect(given.read().status).toMatchObject({ phase: 'Merged', mergeCommit: squash });
  await applied(given);
  given.later(5 * DAYS_MS);
  await given.reconcile();
  expect(given.read(BACK).spec.rollback?.commits).toEqual([squash]);
  await given.reconcile(BACK);
  expect(given.read(BACK).status?.phase).toBe('Merged');
  expect(await given.main()).toBe(TEAM.trimEnd());
});
