// Rows of recordings as the rest of the gateway knows them.
import { NOT_RECORDED, type RecordingRules, recordingRules } from '../../../schemas/kinds/policies/recording-rules.ts';

export type RecordingState = 'Recording' | 'Complete' | 'Incomplete' | 'Deleted';

export interface RecordedSession {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface Recording {
  readonly id: string;
  readonly session: RecordedSession;
  readonly owner: string;
  readonly team: string | null;
  /** `namespace/name`, or the name alone where it is not resolved. */
  readonly template: string;
  readonly policy: { readonly name: string | null; readonly revision: string | null; readonly hash: string };
  readonly rules: RecordingRules;
  readonly participants: readonly string[];
  readonly state: RecordingState;
  readonly reason: string | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** Up to the end of the last closed segment. */
  readonly durationMs: number;
  readonly bytes: number;
  readonly segments: number;
  readonly chain: string | null;
  readonly keyPrefix: string;
  readonly keyId: string | null;
  readonly retentionUntil: Date | null;
  readonly hold: { readonly reason: string; readonly by: string; readonly at: Date } | null;
  readonly deletingAt: Date | null;
  readonly deletedBy: string | null;
  readonly deletedReason: string | null;
  readonly deletedAt: Date | null;
}

export interface RecordingRow extends Record<string, unknown> {
  readonly id: string;
  readonly namespace: string;
  readonly session: string;
  readonly session_uid: string;
  readonly owner: string;
  readonly team: string | null;
  readonly template: string;
  readonly policy: string | null;
  readonly policy_revision: string | null;
  readonly policy_hash: string;
  readonly rules: unknown;
  readonly participants: readonly string[];
  readonly state: RecordingState;
  readonly reason: string | null;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly duration_ms: string;
  readonly bytes: string;
  readonly segments: number;
  readonly chain: string | null;
  readonly key_prefix: string;
  readonly key_id: string | null;
  readonly retention_until: Date | null;
  readonly hold_reason: string | null;
  readonly hold_by: string | null;
  readonly hold_at: Date | null;
  readonly deleting_at: Date | null;
  readonly deleted_by: string | null;
  readonly deleted_reason: string | null;
  readonly deleted_at: Date | null;
}

export function recordingOf(row: RecordingRow): Recording {
  const { hold_reason: reason, hold_by: by, hold_at: at } = row;
  return {
    id: row.id,
    session: { namespace: row.namespace, name: row.session, uid: row.session_uid },
    owner: row.owner,
    team: row.team,
    template: row.template,
    policy: { name: row.policy, revision: row.policy_revision, hash: row.policy_hash },
    rules: rulesOf(row.rules),
    participants: row.participants,
    state: row.state,
    reason: row.reason,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    durationMs: Number(row.duration_ms),
    bytes: Number(row.bytes),
    segments: row.segments,
    chain: row.chain,
    keyPrefix: row.key_prefix,
    keyId: row.key_id,
    retentionUntil: row.retention_until,
    hold: reason === null || by === null || at === null ? null : { reason, by, at },
    deletingAt: row.deleting_at,
    deletedBy: row.deleted_by,
    deletedReason: row.deleted_reason,
    deletedAt: row.deleted_at,
  };
}

/** Rules that a newer version wrote and this one cannot read: nobody watches, nothing leaves. */
const UNREADABLE: RecordingRules = { ...NOT_RECORDED, viewers: [], download: false, stepUp: true };

function rulesOf(json: unknown): RecordingRules {
  return recordingRules.safeParse(json).data ?? UNREADABLE;
}
