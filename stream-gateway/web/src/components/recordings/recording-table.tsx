// Recordings as a table; on a phone the same rows stand as cards (CSS alone).
import { Link } from '@tanstack/react-router';
import type { RecordingView } from '../../../../../schemas/api/recordings.ts';
import { clockText, RECORDING_TONES, sessionOf, sizeText } from '../../model/recordings/recordings.ts';
import { exactTime } from '../../model/time.ts';
import { text } from '../../text/text.ts';
import { Ago } from '../ui/ago.tsx';
import { StateBadge } from '../ui/state-badge.tsx';

const words = text.recordings;

export function RecordingTable({ recordings }: { readonly recordings: readonly RecordingView[] }) {
  const { columns } = words;
  return (
    <table className="ss-table ss-recording-table">
      <thead>
        <tr>
          <th scope="col">{columns.started}</th>
          <th scope="col">{columns.session}</th>
          <th scope="col">{columns.owner}</th>
          <th scope="col">{columns.state}</th>
          <th scope="col">{columns.length}</th>
          <th scope="col">{columns.kept}</th>
        </tr>
      </thead>
      <tbody>
        {recordings.map((recording) => (
          <Row key={recording.id} recording={recording} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ recording }: { readonly recording: RecordingView }) {
  const { columns } = words;
  return (
    <tr>
      <th scope="row">
        <Link to="/recordings/$id" params={{ id: recording.id }} title={exactTime(Date.parse(recording.startedAt))}>
          {exactTime(Date.parse(recording.startedAt))}
        </Link>
      </th>
      <td data-label={columns.session}>
        <span>
          {sessionOf(recording)}
          <span className="ss-cell-sub">{recording.template}</span>
        </span>
      </td>
      <td data-label={columns.owner}>{recording.owner}</td>
      <td data-label={columns.state}>
        <RecordingBadge recording={recording} />
      </td>
      <td data-label={columns.length}>
        <span>
          {clockText(recording.durationMs)}
          <span className="ss-cell-sub">{sizeText(recording.bytes)}</span>
        </span>
      </td>
      <td data-label={columns.kept}>
        <KeptUntil recording={recording} />
      </td>
    </tr>
  );
}

export function RecordingBadge({ recording: { state } }: { readonly recording: RecordingView }) {
  return <StateBadge tone={RECORDING_TONES[state]} label={words.states[state]} />;
}

export function KeptUntil({ recording: { hold, deleted, retentionUntil, state } }: { readonly recording: RecordingView }) {
  if (deleted !== null) return <Ago at={deleted.at} />;
  if (hold !== null) return <>{words.untilReleased}</>;
  if (retentionUntil !== null) return <Ago at={retentionUntil} />;
  return <>{state === 'Recording' ? words.fromItsEnd : words.untilDeleted}</>;
}
