// Recordings as they leave the gateway. Where the objects lie stays inside.
import type { RecordingDetail, RecordingView } from '../../../schemas/api/recordings.ts';
import type { ViewerRole } from '../../../schemas/kinds/policies/recording-rules.ts';
import type { StoredGap } from '../../store/recordings/read.ts';
import type { Recording } from '../../store/recordings/recording.ts';
import type { SummedViews } from '../../store/recordings/views.ts';

export interface Reader {
  /** The strongest is the first. */
  readonly roles: readonly [ViewerRole, ...ViewerRole[]];
  readonly watch: boolean;
  readonly hold: boolean;
  readonly delete: boolean;
}

export function presentRecording(recording: Recording, reader: Reader): RecordingView {
  const { id, session, owner, team, template, policy, state, reason, durationMs, bytes, segments, chain, keyId } = recording;
  const { hold, deletingAt, deletedBy, deletedReason, rules } = recording;
  const watch = reader.watch && deletingAt === null && segments > 0;
  return {
    ...{ id, session: { ...session }, owner, team, template, policy: { ...policy }, reason },
    state: deletingAt === null ? state : 'Deleted',
    startedAt: recording.startedAt.toISOString(),
    endedAt: recording.endedAt?.toISOString() ?? null,
    ...{ durationMs, bytes, segments, chain, keyId },
    retentionUntil: recording.retentionUntil?.toISOString() ?? null,
    hold: hold === null ? null : { reason: hold.reason, by: hold.by, at: hold.at.toISOString() },
    deleted: deletingAt === null ? null : { by: deletedBy, reason: deletedReason ?? '', at: deletingAt.toISOString() },
    viewers: [...rules.viewers],
    role: reader.roles[0],
    may: {
      watch,
      download: watch && rules.download,
      hold: reader.hold && deletingAt === null,
      delete: reader.delete && deletingAt === null && hold === null && state !== 'Recording',
    },
  };
}

export function presentDetail(
  recording: Recording,
  reader: Reader,
  { gaps, views }: { readonly gaps: readonly StoredGap[]; readonly views: readonly SummedViews[] },
): RecordingDetail {
  return {
    ...presentRecording(recording, reader),
    participants: [...recording.participants],
    gaps: gaps.map((gap) => ({ ...gap })),
    views: views.map(({ firstAt, lastAt, ...view }) => ({
      ...view,
      firstAt: firstAt.toISOString(),
      lastAt: lastAt.toISOString(),
    })),
  };
}
