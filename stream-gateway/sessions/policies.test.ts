import { expect, test } from 'vitest';
import { createLogger } from '../../runtime/log/log.ts';
import type { AuditEvent } from '../../schemas/events.ts';
import type { EffectivePolicy } from '../../schemas/kinds/policies/effective-policy.ts';
import { ReflectedFeed } from '../http/live/feed.ts';
import type { SessionJson } from './kinds-json.ts';
import { followPolicies, SessionPolicies } from './policies.ts';
import { requirePolicy } from './read-policy.ts';

function policyOf(hash: string, up = true): EffectivePolicy {
  return {
    hash: hash.repeat(64),
    policies: [
      { kind: 'DlpPolicy', namespace: 'streamspace', name: 'baseline', uid: 'p', generation: 4, revision: 'abc123' },
      { kind: 'DlpPolicy', namespace: 'team-web', name: 'strict', uid: 'q', generation: 1 },
    ],
    dlp: { clipboard: { up, down: true, maxBytes: 10, formats: ['text'], windowSeconds: 0, rules: [] } },
    origins: [{ field: 'clipboard.up', from: 'DlpPolicy/streamspace/baseline' }],
  };
}
function sessionOf(effectivePolicy: unknown, resourceVersion: string, uid = 'uid'): SessionJson {
  return {
    apiVersion: 'streamspace.io/v1alpha1',
    kind: 'Session',
    metadata: { name: 'one', namespace: 'team-web', uid, resourceVersion },
    spec: { template: 'terminal', owner: 'member', desiredState: 'Running' },
    // What the API server sends is whatever it sends.
    status: {
      phase: 'Running',
      ...(effectivePolicy === undefined ? {} : { effectivePolicy: effectivePolicy as EffectivePolicy }),
    },
  };
}
function followed() {
  const feed = new ReflectedFeed<SessionJson>();
  const audit: AuditEvent[] = [];
  const clock = { now: 0, feedAge: 30_000 };
  const policies = new SessionPolicies({
    audit: (event) => audit.push(event),
    log: createLogger({ name: 'test', level: 'silent' }),
    now: () => clock.now,
    feedAgeMs: () => clock.feedAge,
  });
  const stop = followPolicies(feed, policies);
  const change = (effectivePolicy: unknown, version: string, uid?: string): void =>
    feed.accept({ type: 'changed', object: sessionOf(effectivePolicy, version, uid) });
  return { policies, audit, clock, change, stop };
}

test('G-32 a change is in force for all streams of a session with one event, and is audited once', () => {
  const { policies, audit, change } = followed();
  using first = policies.enter(sessionOf(policyOf('a'), '1'), 'member');
  using second = policies.enter(sessionOf(policyOf('a'), '1'), 'viewer');
  using other = policies.enter(sessionOf(policyOf('a'), '1', 'other'), 'member');
  change(policyOf('b', false), '2');
  expect([first, second, other].map(({ policy }) => [policy.hash[0], policy.current().clipboard.up])).toEqual([
    ['b', false],
    ['b', false],
    ['a', true],
  ]);
  expect(first.policy.policyOf('clipboard.up')).toBe('streamspace/baseline');
  expect(audit).toEqual([
    {
      type: 'policy.changed',
      actor: null,
      result: 'success',
      object: 'Session/team-web/one',
      details: {
        oldHash: 'a'.repeat(64),
        newHash: 'b'.repeat(64),
        policies: 'streamspace/baseline@4 (abc123), team-web/strict@1',
        streams: 2,
      },
    },
  ]);
});

test('P-08-2 the commit of a policy that changed is audited once it is known, and nothing before a change', () => {
  const { policies, audit, change } = followed();
  const { policies: sources, ...rest } = policyOf('b');
  const withRevision = (revision: string): EffectivePolicy => ({
    ...rest,
    policies: sources.map((each) => ({ ...each, revision })),
  });
  using _lease = policies.enter(sessionOf(policyOf('b'), '1'), 'member');
  change(withRevision('early'), '2');
  expect(audit).toEqual([]);
  change(policyOf('a'), '3');
  change({ ...withRevision('def456'), hash: policyOf('a').hash }, '4');
  change({ ...withRevision('def456'), hash: policyOf('a').hash }, '5');
  expect(audit.map(({ type, details }) => [type, details?.['policies']])).toEqual([
    ['policy.changed', 'streamspace/baseline@4 (abc123), team-web/strict@1'],
    ['policy.traced', 'streamspace/baseline@4 (def456), team-web/strict@1 (def456)'],
  ]);
});

test('a session that changes without its policy is no change of policy, and news that is old changes nothing', () => {
  const { policies, audit, change } = followed();
  using lease = policies.enter(sessionOf(policyOf('a'), '9'), 'member');
  change(policyOf('a'), '10');
  change(policyOf('b'), '8');
  expect([lease.policy.hash[0], audit]).toEqual(['a', []]);
});

test('what somebody who comes in reads, before the watch tells it, is in force for those who are there', () => {
  const { policies, audit } = followed();
  using first = policies.enter(sessionOf(policyOf('a'), '1'), 'member');
  using _second = policies.enter(sessionOf(policyOf('b'), '2'), 'viewer');
  expect([first.policy.hash[0], audit.length]).toEqual(['b', 1]);
});

test.each([
  ['missing', undefined],
  ['without its hash', { ...policyOf('a'), hash: undefined }],
  ['without a switch', { ...policyOf('a'), dlp: { clipboard: { down: true } } }],
  ['with a size of another type', { ...policyOf('a'), dlp: { clipboard: { ...policyOf('a').dlp.clipboard, maxBytes: '10' } } }],
  ['a text', 'allow everything'],
])('G-33 a policy that is %s lets nobody in; those who are there keep the last, and it is told for how long', (_name, broken) => {
  const { policies, clock, change } = followed();
  expect(() => policies.enter(sessionOf(broken, '1'), 'member')).toThrow(
    expect.objectContaining({ code: 'PolicyUnavailable', message: 'the policy of session team-web/one is not known yet' }),
  );
  expect(() => requirePolicy(sessionOf(broken, '1'))).toThrow(expect.objectContaining({ code: 'PolicyUnavailable' }));
  using lease = policies.enter(sessionOf(policyOf('a', false), '1'), 'member');
  clock.now = 1_000;
  change(broken, '2');
  clock.now = 61_000;
  change(broken, '3');
  expect(lease.policy.current().clipboard.up).toBe(false);
  expect(policies.staleSeconds()).toBe(60);
  change(policyOf('a'), '4');
  expect(policies.staleSeconds()).toBe(30); // as old as the last word about sessions
});

test('without streams nothing is followed, nothing is stale, and nothing is audited', () => {
  const { policies, audit, change } = followed();
  const lease = policies.enter(sessionOf(policyOf('a'), '1'), 'member');
  lease[Symbol.dispose]();
  lease[Symbol.dispose]();
  change(policyOf('b'), '2');
  expect([policies.staleSeconds(), audit]).toEqual([0, []]);
});

test('G-29 the allowance outlives the streams of a session', () => {
  const { policies } = followed();
  const first = policies.enter(sessionOf(policyOf('a'), '1'), 'member');
  expect(first.allowance.up.take(1, 0)).toBe(true);
  first[Symbol.dispose]();
  using again = policies.enter(sessionOf(policyOf('a'), '1'), 'member');
  expect(again.allowance.up.take(1, 0)).toBe(false);
});
