// How a stream tells the page why it ended: the close code by category, and a reason `CODE: short text`.
import type { StreamSpaceError } from '../../../schemas/errors.ts';
import { closeCodeOf } from '../../../schemas/http-status.ts';
import type { WebSocketConnection } from '../../websocket/connection.ts';

/** RFC 6455, 5.5: a control frame has 125 bytes, two of them the code. */
const MAX_REASON_BYTES = 123;
const NORMAL = 1000;
/** "Service restart" of the IANA registry: come back at once, elsewhere. */
const RESTART = 1012;

/** @param error null for an end that is nobody's mistake */
export function closeCodeFor(error: StreamSpaceError | null): number {
  if (error === null) return NORMAL;
  return error.code === 'ShuttingDown' ? RESTART : closeCodeOf(error.code);
}

/** At most 123 bytes, cut between two characters. */
export function closeReason(error: StreamSpaceError | null): string {
  let reason = '';
  let bytes = 0;
  for (const character of error === null ? '' : `${error.code}: ${error.message}`) {
    bytes += Buffer.byteLength(character);
    if (bytes > MAX_REASON_BYTES) break;
    reason += character;
  }
  return reason;
}

export function closeWith(connection: WebSocketConnection, error: StreamSpaceError | null): void {
  connection.close(closeCodeFor(error), closeReason(error));
}
