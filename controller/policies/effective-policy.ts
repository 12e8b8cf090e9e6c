// What `Session.status.effectivePolicy` says, from the policies that apply. Pure.
import { createHash } from 'node:crypto';
import type { DlpPolicy } from '../../schemas/kinds/dlp-policy.ts';
import { type EffectivePolicy, MAX_LISTED_POLICIES } from '../../schemas/kinds/effective-policy.ts';
import type { SessionPolicy } from '../../schemas/kinds/session-policy.ts';
import { mergeDlp, sortedPolicies } from './merge-dlp.ts';
import { mergeSessionPolicies } from './merge-session.ts';
import { compare } from './merging.ts';
import type { Targeted } from './targets.ts';

/** @param revisionOf the commit of a policy, where it is known */
export function effectivePolicyOf(
  policies: readonly DlpPolicy[],
  revisionOf: (policy: Targeted) => string | undefined,
  sessionPolicies: readonly SessionPolicy[] = [],
): EffectivePolicy {
  const { dlp, origins } = mergeDlp(policies);
  const { origins: further, ...limits } = mergeSessionPolicies(sessionPolicies);
  const listed = [
    ...sortedPolicies(policies).map((policy) => ({ kind: 'DlpPolicy', policy }) as const),
    ...sessionPolicies.toSorted(byPlace).map((policy) => ({ kind: 'SessionPolicy', policy }) as const),
  ].slice(0, MAX_LISTED_POLICIES);
  return {
    hash: createHash('sha256').update(canonicalJson(dlp)).digest('hex'),
    policies: listed.map(({ kind, policy }) => {
      const { namespace = '', name, uid = '', generation = 0 } = policy.metadata;
      const revision = revisionOf(policy);
      return { kind, namespace, name, uid, generation, ...(revision === undefined ? {} : { revision }) };
    }),
    dlp,
    ...limits,
    origins: [...origins, ...further],
  };
}

function byPlace({ metadata: a }: SessionPolicy, { metadata: b }: SessionPolicy): number {
  return compare(`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`);
}

/** As RFC 8785 (JCS) writes what a policy is made of: keys sorted by code unit, no space; there are no fractions in it. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
