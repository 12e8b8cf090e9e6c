// What `Session.status.effectivePolicy` says, from the policies that apply. Pure.
import { createHash } from 'node:crypto';
import type { DlpPolicy } from '../../schemas/kinds/dlp-policy.ts';
import { type EffectivePolicy, MAX_LISTED_POLICIES } from '../../schemas/kinds/effective-policy.ts';
import { mergeDlp, sortedPolicies } from './merge-dlp.ts';

/** @param revisionOf the commit of a policy, where it is known */
export function effectivePolicyOf(
  policies: readonly DlpPolicy[],
  revisionOf: (policy: DlpPolicy) => string | undefined,
): EffectivePolicy {
  const { dlp, origins } = mergeDlp(policies);
  const listed = sortedPolicies(policies).slice(0, MAX_LISTED_POLICIES);
  return {
    hash: createHash('sha256').update(canonicalJson(dlp)).digest('hex'),
    policies: listed.map((policy) => {
      const { namespace = '', name, uid = '', generation = 0 } = policy.metadata;
      const revision = revisionOf(policy);
      return { kind: 'DlpPolicy', namespace, name, uid, generation, ...(revision === undefined ? {} : { revision }) };
    }),
    dlp,
    origins,
  };
}

/** As RFC 8785 (JCS) writes what a policy is made of: keys sorted by code unit, no space; there are no fractions in it. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
