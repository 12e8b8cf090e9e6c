// What `Session.status.effectivePolicy` says, from the policies that apply. Pure.
import { createHash } from 'node:crypto';
import type { DlpPolicy } from '../../schemas/kinds/policies/dlp-policy.ts';
import { type EffectivePolicy, MAX_LISTED_POLICIES } from '../../schemas/kinds/policies/effective-policy.ts';
import type { NetworkProfile } from '../../schemas/kinds/policies/network-profile.ts';
import type { RecordingPolicy } from '../../schemas/kinds/policies/recording-policy.ts';
import type { SessionPolicy } from '../../schemas/kinds/policies/session-policy.ts';
import { mergeDlp } from './merge-dlp.ts';
import { mergeLifetime, type QuotaDuration } from './merge-lifetime.ts';
import { mergeRecording } from './merge-recording.ts';
import { mergeSessionPolicies } from './merge-session.ts';
import { sortedPolicies, type TargetedPolicy } from './merging.ts';
import type { SessionNetwork } from './network/session-network.ts';

export type AnyPolicy = DlpPolicy | RecordingPolicy | SessionPolicy | NetworkProfile;

/** Those that apply to one session, by kind. */
export interface Applying {
  readonly dlp: readonly DlpPolicy[];
  readonly recording: readonly RecordingPolicy[];
  readonly session: readonly SessionPolicy[];
  readonly network?: SessionNetwork | undefined;
  /** How long quotas let it run. */
  readonly durations?: readonly QuotaDuration[];
}

export interface Effective {
  readonly policy: EffectivePolicy;
  /** When it is another because a window opens or closes. */
  readonly nextChangeAt: Date | undefined;
}

/** @param revisionOf the commit of a policy, where it is known */
export function effectivePolicyOf(
  { dlp: dlpPolicies, recording: recordingPolicies, session: sessionPolicies, network, durations }: Applying,
  revisionOf: (policy: TargetedPolicy) => string | undefined,
  now: Date,
): Effective {
  const { dlp, origins } = mergeDlp(dlpPolicies);
  const recorded = mergeRecording(recordingPolicies, now);
  const { origins: further, ...limits } = mergeSessionPolicies(sessionPolicies);
  const { lifetime, origins: ofLifetime } = mergeLifetime(sessionPolicies, durations);
  const kinds = new Map<AnyPolicy, 'RecordingPolicy' | 'SessionPolicy' | 'NetworkProfile'>([
    ...recordingPolicies.map((policy) => [policy, 'RecordingPolicy'] as const),
    ...sessionPolicies.map((policy) => [policy, 'SessionPolicy'] as const),
    ...(network?.profiles ?? []).map((policy) => [policy, 'NetworkProfile'] as const),
  ]);
  const listed = sortedPolicies<AnyPolicy>([...dlpPolicies, ...kinds.keys()]).slice(0, MAX_LISTED_POLICIES);
  const effective: EffectivePolicy = {
    hash: hashOf({ dlp, recording: recorded.recording, ...limits }),
    policies: listed.map((policy) => {
      const { namespace = '', name, uid = '', generation = 0 } = policy.metadata;
      const revision = revisionOf(policy);
      const kind = kinds.get(policy) ?? 'DlpPolicy';
      return { kind, namespace, name, uid, generation, ...(revision === undefined ? {} : { revision }) };
    }),
    dlp,
    recording: recorded.recording,
    recordingHash: hashOf(recorded.recording),
    ...limits,
    ...(lifetime === undefined ? {} : { lifetime }),
    ...(network === undefined ? {} : { network: network.effective }),
    origins: [...origins, ...recorded.origins, ...further, ...ofLifetime, ...(network?.origins ?? [])],
  };
  return { policy: effective, nextChangeAt: recorded.nextChangeAt };
}

function hashOf(rules: unknown): string {
  return createHash('sha256').update(canonicalJson(rules)).digest('hex');
}

/** As RFC 8785 (JCS) writes what a policy is made of: keys sorted by code unit, no space; there are no fractions in it. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
