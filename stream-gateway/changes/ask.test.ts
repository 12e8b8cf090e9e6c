// Asking for a change that nobody else has to approve is approving it; and who approves.
import { expect, test } from 'vitest';
import type { KubeClient } from '../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { ChangeReview } from '../../schemas/kinds/changes/change-request.ts';
import type { Decisions } from '../auth/decisions.ts';
import type { GitSyncJson } from '../sessions/kinds-json.ts';
import { type AskPorts, askForChange, reviewChange } from './ask.ts';

const NAMESPACE = 'team-web';
const TARGET = { namespace: 'streamspace', name: 'platform' };
const refusal = new StreamSpaceError('StepUpRequired', 'a second factor is needed');

test.each([
  ['may approve, with no approval needed', true, 0, 'StepUpRequired'],
  ['may approve, with one that somebody else has to give', true, 1, 'asked'],
  ['may not approve, so somebody has to', false, 0, 'asked'],
])('whoever asks %s', async (_who, mayApprove, requireApprovals, outcome) => {
  const created: string[] = [];
  const client = {
    as: () => ({
      create: async (_resource: unknown, _namespace: string, body: string) => {
        created.push(body);
        return JSON.parse(body);
      },
    }),
  } as unknown as KubeClient;
  const decisions = {
    ask: async (_person: unknown, { verb }: { readonly verb: string }) => verb !== 'approve' || mayApprove,
  } as unknown as Decisions;
  const sync = { metadata: TARGET, spec: { changes: { requireApprovals } } } as unknown as GitSyncJson;
  const ports = { client, decisions, gitSyncs: () => [sync], now: () => new Date() };
  const person = { name: 'lea', displayName: 'Lea', groups: [] };
  const wish = { reason: 'why not', target: TARGET, edits: [], rollback: { last: 1 } };
  const asked = askForChange(ports, person, NAMESPACE, wish, async () => {
    throw refusal;
  }).then(
    () => 'asked',
    (error: StreamSpaceError) => error.code,
  );
  expect([await asked, created.length]).toEqual([outcome, outcome === 'asked' ? 1 : 0]);
});

const COMMIT = 'a'.repeat(40);
const PLACE = { namespace: 'team-web', name: 'c' };

function world() {
  const written: ChangeReview[] = [];
  const change = {
    metadata: { ...PLACE, resourceVersion: '1' },
    spec: { requestedBy: { name: 'mina' }, reviews: [] },
    status: { phase: 'Open', commit: COMMIT },
  };
  const client = {
    as: () => client,
    get: async () => change,
    mergePatch: async (_resource: unknown, _namespace: string, _name: string, patch: { spec: { reviews: ChangeReview[] } }) =>
      void written.push(...patch.spec.reviews),
  };
  const ports = { client, decisions: { ask: async () => true }, now: () => new Date(0) } as unknown as AskPorts;
  return {
    written,
    review: async (name: string, verdict: ChangeReview['verdict']) =>
      await reviewChange(ports, { name, groups: [] } as never, PLACE, { verdict, commit: COMMIT, reason: undefined }),
  };
}

test('S-100 neither a machine nor the break-glass account approves, whatever its rights; both may reject', async () => {
  const given = world();
  for (const name of ['machine:web.ci', 'break-glass:root']) {
    await expect(given.review(name, 'Approve')).rejects.toMatchObject({ code: 'ChangeApproverUnknown' });
    await given.review(name, 'Reject');
  }
  await given.review('corp:ada', 'Approve');
  expect(given.written.map(({ by, verdict }) => `${by} ${verdict}`)).toEqual([
    'machine:web.ci Reject',
    'break-glass:root Reject',
    'corp:ada Approve',
  ]);
});
