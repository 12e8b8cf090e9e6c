// Who asks for a change that nobody else has to approve has approved it.
import { expect, test } from 'vitest';
import type { KubeClient } from '../../runtime/kube/types.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import type { Decisions } from '../auth/decisions.ts';
import type { GitSyncJson } from '../sessions/kinds-json.ts';
import { askForChange } from './ask.ts';

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
