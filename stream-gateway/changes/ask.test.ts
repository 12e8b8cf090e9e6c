import { expect, test } from 'vitest';
import type { ChangeReview } from '../../schemas/kinds/changes/change-request.ts';
import { type AskPorts, reviewChange } from './ask.ts';

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
