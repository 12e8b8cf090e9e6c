// What the controller has merged for a session, read as the gateway enforces it. What cannot be read is no policy, and
// without one nobody is let in (G-33).
import { StreamSpaceError } from '../../schemas/errors.ts';
import { durationMs } from '../../schemas/kinds/kind.ts';
import { type EffectivePolicy, effectivePolicy } from '../../schemas/kinds/policies/effective-policy.ts';
import { NOT_RECORDED, type RecordingRules } from '../../schemas/kinds/policies/recording-rules.ts';
import type { PolicyInForce } from '../stream/stream-policy.ts';
import type { SessionJson } from './kinds-json.ts';

/** Undefined: there is none, or it has not the shape that this gateway knows. */
export function readPolicy(session: Pick<SessionJson, 'status'>): EffectivePolicy | undefined {
  return effectivePolicy.safeParse(session.status?.effectivePolicy).data;
}

/** @throws PolicyUnavailable */
export function requirePolicy(session: Pick<SessionJson, 'status' | 'metadata'>): EffectivePolicy {
  const policy = readPolicy(session);
  if (policy !== undefined) return policy;
  const { namespace, name } = session.metadata;
  throw new StreamSpaceError('PolicyUnavailable', `the policy of session ${namespace}/${name} is not known yet`);
}

export function inForce({ hash, dlp, displays, console: shell, recording, origins }: EffectivePolicy): PolicyInForce {
  return {
    hash,
    rules: dlp,
    ...(displays === undefined ? {} : { displays }),
    ...(shell === undefined ? {} : { console: { allow: shell.allow, idleTimeoutMs: durationMs(shell.idleTimeout) } }),
    mustBeRecorded: recording?.record === 'Always' && recording.mode === 'Required',
    origins: new Map(origins.map(({ field, from }) => [field, from])),
  };
}

/** `namespace/name@generation` of each DlpPolicy, with the commit where there is one; for the audit. */
export function policyNames({ policies }: EffectivePolicy): string {
  return policies
    .filter(({ kind }) => kind === 'DlpPolicy')
    .map(
      ({ namespace, name, generation, revision }) =>
        `${namespace}/${name}@${generation}${revision === undefined ? '' : ` (${revision})`}`,
    )
    .join(', ');
}

/** Whether and how a session is recorded, and which object asks for it. */
export interface RecordingInForce {
  readonly rules: RecordingRules;
  /** Of the rules; empty where a controller knows no recording. */
  readonly hash: string;
  /** `namespace/name` of the policy that says `record`; undefined where none does. */
  readonly policy: string | undefined;
  /** Its commit, where it is known. */
  readonly revision: string | undefined;
}

export function recordingInForce({ recording, recordingHash, origins, policies }: EffectivePolicy): RecordingInForce {
  const from = origins.find(({ field }) => field === 'recording.record')?.from;
  const policy = from?.slice(from.indexOf('/') + 1);
  const listed = policies.find(({ kind, namespace, name }) => kind === 'RecordingPolicy' && `${namespace}/${name}` === policy);
  return { rules: recording ?? NOT_RECORDED, hash: recordingHash ?? '', policy, revision: listed?.revision };
}
