// Whether a session is to be recorded now, and how. Pure.
import { isToBeRecorded } from '../../../schemas/kinds/policies/recording-rules.ts';
import type { SessionJson } from '../../sessions/kinds-json.ts';
import { type RecordingInForce, readPolicy, recordingInForce } from '../../sessions/read-policy.ts';
import { sessionEnd } from '../../sessions/session-end.ts';
import type { RecorderRules } from '../recorder/rate-limit.ts';

/** Where no policy limits it: 25 times what a desktop with text takes at five pictures a second. */
const DEFAULT_BYTES_PER_SECOND = 2 * 1024 * 1024;

export interface WantedRecording {
  readonly inForce: RecordingInForce;
  /** Without a recording nobody is let in. */
  readonly required: boolean;
}

/**
 * Undefined: it is not to be recorded, or its desktop does not run.
 * @param agreed whether the owner has agreed to be recorded
 */
export function wantedRecording(session: SessionJson, agreed: boolean): WantedRecording | undefined {
  if (session.status?.phase !== 'Running' || sessionEnd(session.metadata.name, session) !== undefined) return undefined;
  const policy = readPolicy(session);
  if (policy === undefined) return undefined;
  const inForce = recordingInForce(policy);
  if (!isToBeRecorded(inForce.rules, { wished: session.spec.record === true, agreed })) return undefined;
  return { inForce, required: inForce.rules.mode === 'Required' };
}

export function recorderRules({ rules }: RecordingInForce): RecorderRules {
  return {
    fps: rules.framesPerSecond,
    maxBytesPerSecond: rules.maxBytesPerSecond ?? DEFAULT_BYTES_PER_SECOND,
    segmentSeconds: rules.segmentSeconds,
  };
}
