// Whether a session is recorded, as a person reads it on his own screen.
import type { SessionView } from '../../../../../schemas/api/api.ts';
import type { RecordWhen } from '../../../../../schemas/kinds/policies/recording-rules.ts';
import { text } from '../../text/text.ts';
import { policyName } from '../sessions/session-rules.ts';

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

export interface RecordingRuleRow {
  readonly field: keyof typeof text.recordings.rules.fields;
  readonly label: string;
  readonly value: string;
  /** `namespace/name` of the policy that it comes from; null where it is as without any policy. */
  readonly from: string | null;
}

/** Every rule of the recording, each with the policy that it comes from. Empty where nothing is recorded. */
export function recordingRows({ status }: SessionView): readonly RecordingRuleRow[] {
  const rules = status?.effectivePolicy?.recording;
  if (rules === undefined || rules.record === 'Off') return [];
  const { fields, modes, yes, no, perSecond, seconds, bytes, unlimited, days, forever, plain, nobody } = text.recordings.rules;
  const origins = new Map(status?.effectivePolicy?.origins.map(({ field, from }) => [field, policyName(from)]));
  const { maxBytesPerSecond, encryptionKeyRef: key, retentionDays } = rules;
  const values: Readonly<Record<keyof typeof fields, string>> = {
    mode: modes[rules.mode],
    framesPerSecond: perSecond(rules.framesPerSecond),
    segmentSeconds: seconds(rules.segmentSeconds),
    maxBytesPerSecond: maxBytesPerSecond === undefined ? unlimited : bytes(maxBytesPerSecond),
    encryptionKeyRef: key === undefined ? plain : `${key.namespace}/${key.name}`,
    retentionDays: retentionDays === undefined ? forever : days(retentionDays),
    legalHold: rules.legalHold ? yes : no,
    viewers: rules.viewers.join(', ') || nobody,
    download: rules.download ? yes : no,
    stepUp: rules.stepUp ? yes : no,
    'events.input': rules.events.input ? yes : no,
    'events.clipboard': rules.events.clipboard ? yes : no,
  };
  return RULE_FIELDS.map((field) => ({
    field,
    label: fields[field],
    value: values[field],
    from: origins.get(`recording.${field}`) ?? null,
  }));
}

const RULE_FIELDS = [
  ...(['mode', 'framesPerSecond', 'segmentSeconds', 'maxBytesPerSecond', 'encryptionKeyRef', 'retentionDays'] as const),
  ...(['legalHold', 'viewers', 'download', 'stepUp', 'events.input', 'events.clipboard'] as const),
] as const;
