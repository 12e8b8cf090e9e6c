import { expect, test } from 'vitest';
import type { SessionPolicy, SessionPolicySpec } from '../../schemas/kinds/policies/session-policy.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { mergeLifetime } from './merge-lifetime.ts';

function policy(seconds: number, action: 'Hibernate' | 'Terminate', warnSeconds?: number): SessionPolicy {
  const maxDuration = { seconds, action, ...(warnSeconds === undefined ? {} : { warnSeconds }) };
  const spec: SessionPolicySpec = { targets: {}, maxDuration };
  return { apiVersion: API_GROUP_VERSION, kind: 'SessionPolicy', metadata: { namespace: 'team-web', name: 'own' }, spec };
}
const PEOPLE = { quota: 'streamspace/people', seconds: 7_200 };

test('the longest run is the shortest that a SessionPolicy or a Quota says, and its origin is named', () => {
  expect(mergeLifetime([], [{ quota: 'streamspace/teams', seconds: 9_000 }, PEOPLE])).toEqual({
    lifetime: { maxDuration: { seconds: 7_200, action: 'Hibernate', warnSeconds: 60 } },
    origins: [
      { field: 'maxDuration.seconds', from: 'Quota/streamspace/people' },
      { field: 'maxDuration.action', from: 'Quota/streamspace/people' },
    ],
  });
  const shorter = mergeLifetime([policy(3_600, 'Terminate', 300)], [PEOPLE]);
  expect(shorter.lifetime?.maxDuration).toEqual({ seconds: 3_600, action: 'Terminate', warnSeconds: 300 });
  expect(shorter.origins[0]?.from).toBe('SessionPolicy/team-web/own');
});

test('what a Quota ends keeps its home, however harsh a policy with more time is; the longest warning counts', () => {
  const { lifetime } = mergeLifetime([policy(10_000, 'Terminate', 300)], [PEOPLE]);
  expect(lifetime?.maxDuration).toEqual({ seconds: 7_200, action: 'Hibernate', warnSeconds: 300 });
});

test('at the same length the harsher counts', () => {
  expect(mergeLifetime([policy(7_200, 'Terminate')], [PEOPLE]).lifetime?.maxDuration?.action).toBe('Terminate');
});
