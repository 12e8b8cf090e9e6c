import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { durationMs } from '../../schemas/kinds/kind.ts';
import { effectivePolicy } from '../../schemas/kinds/policies/effective-policy.ts';
import type { SessionPolicy } from '../../schemas/kinds/policies/session-policy.ts';
import {
  CLOSED_CONSOLE,
  OPEN_SHARING,
  type SessionRules,
  shareAllow,
  shareBy,
  shareMode,
} from '../../schemas/kinds/policies/session-rules.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { effectivePolicyOf } from './effective-policy.ts';
import { mergeLifetime } from './merge-lifetime.ts';
import { mergeSessionPolicies } from './merge-session.ts';

function policy(path: string, rules: SessionRules): SessionPolicy {
  const [namespace = '', name = ''] = path.split('/');
  const metadata = { namespace, name, uid: `uid-${path}`, generation: 1 };
  return { apiVersion: API_GROUP_VERSION, kind: 'SessionPolicy', metadata, spec: { targets: {}, ...rules } };
}

const rules: fc.Arbitrary<SessionRules> = fc.record(
  {
    sharing: fc.record(
      {
        allow: fc.constantFrom(...shareAllow.options),
        by: fc.constantFrom(...shareBy.options),
        modes: fc.array(fc.constantFrom(...shareMode.options), { maxLength: 2 }),
        maxTTL: fc.constantFrom('30m', '1h', '90m', '8h'),
        maxViewers: fc.integer({ min: 0, max: 20 }),
        guests: fc.boolean(),
        requireApproval: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    displays: fc.record(
      { max: fc.integer({ min: 1, max: 4 }), maxPixels: fc.integer({ min: 1, max: 9_000_000 }) },
      { requiredKeys: [] },
    ),
    console: fc.record({ allow: fc.boolean(), idleTimeout: fc.constantFrom('30s', '5m', '1h') }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);
const anyPolicies = fc
  .uniqueArray(fc.tuple(fc.constantFrom('streamspace', 'team-web'), fc.stringMatching(/^[a-z]{1,3}$/), rules), {
    minLength: 1,
    maxLength: 5,
    selector: ([namespace, name]) => `${namespace}/${name}`,
  })
  .map((all) => all.map(([namespace, name, given]) => policy(`${namespace}/${name}`, given)));

describe('several session policies', () => {
  test('come to one that is no looser than any, in any order', () => {
    fc.assert(
      fc.property(anyPolicies, fc.nat(), (policies, turn) => {
        const merged = mergeSessionPolicies(policies);
        const turned = [...policies.slice(turn % policies.length), ...policies.slice(0, turn % policies.length)].reverse();
        expect(mergeSessionPolicies(turned)).toEqual(merged);
        const { sharing = OPEN_SHARING, displays = {}, console: shell = CLOSED_CONSOLE } = merged;
        if (!policies.some(({ spec }) => spec.console?.allow === true)) expect(shell.allow).toBe(false);
        for (const { spec } of policies) {
          const given = spec.sharing ?? {};
          expect(shareAllow.options.indexOf(sharing.allow)).toBeLessThanOrEqual(
            shareAllow.options.indexOf(given.allow ?? 'Link'),
          );
          if (spec.console?.allow === false) expect(shell.allow).toBe(false);
          if (spec.console?.idleTimeout !== undefined)
            expect(durationMs(shell.idleTimeout)).toBeLessThanOrEqual(durationMs(spec.console.idleTimeout));
          if (given.by === 'Admins') expect(sharing.by).toBe('Admins');
          for (const mode of sharing.modes) expect(given.modes ?? shareMode.options).toContain(mode);
          if (given.maxTTL !== undefined)
            expect(durationMs(sharing.maxTTL ?? '999h')).toBeLessThanOrEqual(durationMs(given.maxTTL));
          if (given.maxViewers !== undefined) expect(sharing.maxViewers).toBeLessThanOrEqual(given.maxViewers);
          if (given.guests === false) expect(sharing.guests).toBe(false);
          if (given.requireApproval === true) expect(sharing.requireApproval).toBe(true);
          if (spec.displays?.max !== undefined) expect(displays.max).toBeLessThanOrEqual(spec.displays.max);
          if (spec.displays?.maxPixels !== undefined) expect(displays.maxPixels).toBeLessThanOrEqual(spec.displays.maxPixels);
        }
      }),
    );
  });

  test('each origin names a policy that says what holds', () => {
    fc.assert(
      fc.property(anyPolicies, (policies) => {
        const { origins, sharing } = mergeSessionPolicies(policies);
        const bySource = new Map(
          policies.map((each) => [`SessionPolicy/${each.metadata.namespace}/${each.metadata.name}`, each]),
        );
        for (const { field, from } of origins) {
          const spec = bySource.get(from)?.spec;
          expect(spec).toBeDefined();
          if (field === 'sharing.allow') expect(spec?.sharing?.allow).toBe(sharing?.allow);
          if (field === 'sharing.maxTTL') expect(durationMs(spec?.sharing?.maxTTL ?? '')).toBe(durationMs(sharing?.maxTTL ?? ''));
        }
      }),
    );
  });

  test('guests come in only where one says so and none is against it', () => {
    const sharingOf = (...given: readonly (boolean | undefined)[]) =>
      mergeSessionPolicies(
        given.map((guests, at) => policy(`streamspace/p${at}`, guests === undefined ? {} : { sharing: { guests } })),
      ).sharing?.guests;
    expect(sharingOf(undefined)).toBe(false);
    expect(sharingOf(true, undefined)).toBe(true);
    expect(sharingOf(true, false)).toBe(false);
  });

  test('P-15-1 a console is off until one says so and none is against it, and the origin is told both ways', () => {
    const merged = (...given: readonly (boolean | undefined)[]) =>
      mergeSessionPolicies(
        given.map((allow, at) => policy(`streamspace/p${at}`, allow === undefined ? {} : { console: { allow } })),
      );
    expect(merged(undefined).console).toBeUndefined();
    expect(merged(true, undefined)).toMatchObject({
      console: { allow: true, idleTimeout: '15m' },
      origins: [{ field: 'console.allow', from: 'SessionPolicy/streamspace/p0' }],
    });
    expect(merged(true, false)).toMatchObject({
      console: { allow: false },
      origins: [{ field: 'console.allow', from: 'SessionPolicy/streamspace/p1' }],
    });
  });

  test('stand in the effective policy beside the others, which the schema admits; without one nothing is said of sharing', () => {
    const session = [policy('team-web/b', { sharing: { allow: 'People' } })];
    const { policy: effective } = effectivePolicyOf({ dlp: [], recording: [], session }, () => 'abc', new Date(0));
    expect(effective.policies).toEqual([
      { kind: 'SessionPolicy', namespace: 'team-web', name: 'b', uid: 'uid-team-web/b', generation: 1, revision: 'abc' },
    ]);
    expect(effective.origins).toEqual([{ field: 'sharing.allow', from: 'SessionPolicy/team-web/b' }]);
    expect(effectivePolicy.strict().safeParse(effective)).toMatchObject({ success: true });
    const { policy: open } = effectivePolicyOf({ dlp: [], recording: [], session: [] }, () => undefined, new Date(0));
    expect(open).not.toHaveProperty('sharing');
  });
});

test('lifetimes: the shortest time wins with its own action, the longest warning, the fewest snoozes, and every schedule', () => {
  const hours = [{ days: ['Mon' as const], from: '08:00', to: '18:00' }];
  const policies = [
    policy('streamspace/a', {
      idle: { afterSeconds: 28_800, action: 'Terminate', warnSeconds: 300, snoozes: { max: 5, seconds: 600 } },
      schedule: { timeZone: 'UTC', hours, outside: 'Hibernate' },
    }),
    policy('team-web/b', {
      idle: { afterSeconds: 900, action: 'Hibernate', snoozes: { max: 1, seconds: 900 } },
      schedule: { timeZone: 'Europe/Berlin', hours, outside: 'Hibernate' },
    }),
    policy('team-web/c', { idle: { afterSeconds: 60, action: 'None' } }),
  ];
  const merged = mergeLifetime(policies);
  expect(mergeLifetime(policies.toReversed())).toEqual(merged);
  expect(merged.lifetime).toMatchObject({
    idle: { afterSeconds: 900, action: 'Hibernate', warnSeconds: 300, snoozes: { max: 1, seconds: 600 } },
    schedules: [{ timeZone: 'UTC' }, { timeZone: 'Europe/Berlin' }],
  });
  expect(merged.origins).toContainEqual({ field: 'idle.action', from: 'SessionPolicy/team-web/b' });
  expect(mergeLifetime([]).lifetime).toBeUndefined();
});
