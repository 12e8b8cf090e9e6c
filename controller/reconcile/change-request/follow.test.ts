// What becomes of a change after its merge, and the undoing of what broke something.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findCondition } from '../../../runtime/kube/conditions.ts';
import { RESOURCES } from '../../../runtime/kube/resources.ts';
import type { ChangeRequest } from '../../../schemas/kinds/changes/change-request.ts';
import { ADD, type ChangeWorlds, startChangeWorlds } from './change-world.ts';
import { CutOff } from './cut-off.ts';

let worlds: ChangeWorlds;
const world: ChangeWorlds['world'] = (...given) => worlds.world(...given);
beforeAll(async () => {
  worlds = await startChangeWorlds();
});
afterAll(async () => await worlds[Symbol.asyncDispose]());

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

const drifted = (revision: string | undefined, object: string) => {
  const { conditions, ...rest } = synced(revision);
  const drift = { type: 'Drifted', status: 'True', reason: 'DriftFound', message: `${object} differs` };
  return { ...rest, conditions: [...conditions, drift], plan: { revision, changes: [{ action: 'configure', object }] } };
};
const OWN = 'streamspace.io/Team//web';

test('what it changed and somebody has changed since, past Git, is told while it is not put back, and is no reason to undo it', async () => {
  const { given, merge, after } = await mergedWorld({ autoRollback: { onFailure: true, onDegraded: true, afterSeconds: 60 } });
  await using _given = given;
  expect(await after(synced(merge))).toEqual(['Applied', 'Unknown', 'Settling']);
  expect(await after(drifted(merge, 'apps/Deployment/web/others'))).toEqual(['Applied', 'Unknown', 'Settling']);
  expect(await after(drifted(merge, OWN))).toEqual(['Applied', 'False', 'Drifted']);
  expect(await after(drifted(merge, OWN), 3 * FIVE_MINUTES_MS)).toEqual(['Applied', 'False', 'Drifted']);
  expect(given.read().status?.rollback).toBeUndefined();
  expect(await after(synced(merge))).toEqual(['Applied', 'True', 'Healthy']);
  expect(given.events.slice(-2)).toEqual(['Warning Drifted', 'Normal Healthy']);
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
