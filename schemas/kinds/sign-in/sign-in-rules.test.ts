import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signInPolicySpec } from './sign-in-policy.ts';
import {
  decideSignIn,
  FACTOR_METHODS,
  SECOND_FACTOR_MODES,
  type SignInRules,
  STEP_UP_ACTIONS,
  stepUpSeconds,
} from './sign-in-rules.ts';

const HERE = '198.51.100.7';
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const subset = <T>(all: readonly T[]) => fc.uniqueArray(fc.constantFrom(...all), { minLength: 1, maxLength: all.length });
const someRules: fc.Arbitrary<SignInRules> = fc.record({
  secondFactor: maybe(fc.constantFrom(...SECOND_FACTOR_MODES)),
  methods: maybe(subset(FACTOR_METHODS)),
  trustedNetworks: maybe(fc.subarray(['198.51.100.0/24', '10.0.0.0/8', '::/0'])),
  stepUp: maybe(fc.record({ for: subset(STEP_UP_ACTIONS), maxAgeSeconds: fc.integer({ min: 60, max: 900 }) })),
  session: maybe(fc.record({ maxSeconds: maybe(fc.integer({ min: 60, max: 900 })), idleSeconds: maybe(fc.constant(60)) })),
  apiKeys: maybe(fc.record({ maxDays: maybe(fc.integer({ min: 1, max: 365 })), requireExpiry: fc.boolean() })),
});
const atMost = (a: number | undefined, b: number | undefined): boolean => b === undefined || (a !== undefined && a <= b);

describe('several policies', () => {
  test('one more never makes anything less strict, whatever it says', () => {
    fc.assert(
      fc.property(fc.array(someRules, { maxLength: 4 }), someRules, (rules, more) => {
        const before = decideSignIn(rules, HERE);
        const after = decideSignIn([...rules, more], HERE);
        const level = (mode: (typeof SECOND_FACTOR_MODES)[number]) => SECOND_FACTOR_MODES.indexOf(mode);
        if (rules.some(({ secondFactor }) => secondFactor !== undefined))
          expect(level(after.secondFactor)).toBeGreaterThanOrEqual(level(before.secondFactor));
        if (before.required) expect(after.required).toBe(true);
        expect(atMost(after.maxSeconds, before.maxSeconds)).toBe(true);
        expect(atMost(after.idleSeconds, before.idleSeconds)).toBe(true);
        expect(atMost(after.keyMaxDays, before.keyMaxDays)).toBe(true);
        expect(after.keyRequireExpiry || !before.keyRequireExpiry).toBe(true);
        for (const action of STEP_UP_ACTIONS)
          expect(atMost(stepUpSeconds([...rules, more], action), stepUpSeconds(rules, action))).toBe(true);
      }),
    );
  });
  test('where they have no method in common, Passkey is left', () => {
    const rules: SignInRules[] = [{ secondFactor: 'Required', methods: ['Totp'] }, { methods: ['Passkey'] }];
    expect(decideSignIn(rules, HERE).methods).toEqual(['Passkey']);
  });
  test('a network is trusted only where each policy that requires a factor trusts it', () => {
    const office: SignInRules = { secondFactor: 'Required', trustedNetworks: ['198.51.100.0/24'] };
    expect(decideSignIn([office], HERE)).toMatchObject({ required: false, trusted: true });
    expect(decideSignIn([office], '::ffff:198.51.100.7')).toMatchObject({ required: false });
    expect(decideSignIn([office, { secondFactor: 'Required' }], HERE)).toMatchObject({ required: true, trusted: false });
    for (const address of ['203.0.113.1', '', 'unknown', '198.51.100.7.1'])
      expect(decideSignIn([office], address)).toMatchObject({ required: true });
  });
});

test('without any policy a factor may be enrolled, and nothing else is asked for', () => {
  expect(decideSignIn([], HERE)).toEqual({
    ...{ secondFactor: 'Optional', required: false, trusted: false, methods: ['Passkey', 'Totp'] },
    ...{ maxSeconds: undefined, idleSeconds: undefined, keyMaxDays: undefined, keyRequireExpiry: false },
  });
  expect(stepUpSeconds([], 'Exec')).toBeUndefined();
  expect(decideSignIn([{ secondFactor: 'Off' }], HERE).methods).toEqual([]);
});

test.each([
  [{ trustedNetworks: ['10.0.0.1/8'] }, 'a block with bits after its prefix'],
  [{ stepUp: { for: [] } }, 'a step-up for nothing'],
  [{ session: { maxSeconds: 60, idleSeconds: 120 } }, 'idle above the whole'],
  [{ apiKeys: { maxDays: 366 } }, 'keys of more than a year'],
] as const)('refuses %j: %s', (spec, _what) => {
  expect(signInPolicySpec.safeParse(spec).success).toBe(false);
});
