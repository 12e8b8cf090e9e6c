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
  const plain = createPlainGitForge({ git, transport });
  const forge: Forge = {
    ...plain,
    ensureBranch: cuts.after(plain.ensureBranch),
    merge: cuts.after(plain.merge),
    close: cuts.after(plain.close),
    checks: async () => checks,
  };
  const audited: AuditEvent[] = [];
  const apply = cuts.after(cluster.client.apply as (...given: Parameters<typeof cluster.client.apply>) => Promise<unknown>);
  const ports: ChangeRequestPorts = {
    client: { ...cluster.client, apply: apply as typeof cluster.client.apply },
    git,
    forge,
    edit: async ({ before, request }) => {
      const { manifests } = await renderYaml(await before.snapshot(''), signal);
      const unit = { path: '.', renderer: 'Yaml', entrypoint: 'main.ts' } as const;
      return await applyEdits(request.spec.edits, {
        tree: before,
        defaultNamespace: 'streamspace',
        sources: [{ unit, renderer: 'Yaml', manifests }],
      });
    },
    check: async () => ({ objects }),
    mayApprove: async () => true,
    pushed: () => undefined,
    audit: (event) => void audited.push(event),
    events: { record: () => undefined },
    metrics: NO_CHANGE_METRICS,
    now: () => new Date(time),
  };
  const reconciler = createChangeRequestReconciler(ports);
  const read = (): ChangeRequest => cluster.read<ChangeRequest>(RESOURCES.changeRequests, 'team-web', 'c') ?? fail();
  const reconcile = async () =>
    await reconciler.reconcile({ namespace: 'team-web', name: 'c' }, { signal, log: pino({ level: 'silent' }) });
  return {
    ...{ cluster, audited, first, push, sync, put, read, reconcile, repository },
    review: (review: Partial<ChangeReview> = {}): void =>
      put({
        reviews: [{ by: 'ada', verdict: 'Approve', commit: read().status?.commit ?? '', at: '2027-03-01T09:00:00Z', ...review }],
      }),
    checks: (now: ForgeChecks): void => {
      checks = now;
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
