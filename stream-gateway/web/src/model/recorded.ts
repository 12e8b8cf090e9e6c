// Whether a session is recorded, as a person reads it on his own screen.
import type { SessionView } from '../../../../schemas/api/api.ts';
import type { RecordWhen } from '../../../../schemas/kinds/recording-rules.ts';
import { policyName } from './session-rules.ts';

export interface Recorded {
  /** It is recorded while it runs. */
  readonly recorded: boolean;
  readonly record: RecordWhen;
  /** `namespace/name` of the policy that asks for it; null where none does. */
  readonly policy: string | null;
  /** Its commit. */
  readonly revision: string | null;
}

/** What a person reads about his own screen. @param agreed what its owner answered, where policy asks him */
export function recordedOf({ spec, status }: SessionView, agreed: boolean): Recorded {
  const policy = status?.effectivePolicy;
  const record = policy?.recording?.record ?? 'Off';
  const origin = policy?.origins.find(({ field }) => field === 'recording.record')?.from;
  const name = origin === undefined ? null : policyName(origin);
  const listed = policy?.policies.find((each) => each.kind === 'RecordingPolicy' && `${each.namespace}/${each.name}` === name);
  const recorded = record === 'Always' || (record === 'OnDemand' && spec.record === true) || (record === 'Consent' && agreed);
  return { recorded, record, policy: name, revision: listed?.revision ?? null };
}
