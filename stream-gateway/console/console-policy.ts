// Whether the policies of a session let a console be open now.
import { StreamSpaceError } from '../../schemas/errors.ts';
import { durationMs } from '../../schemas/kinds/kind.ts';
import { CLOSED_CONSOLE } from '../../schemas/kinds/policies/session-rules.ts';
import type { StreamPolicy } from '../stream/stream-policy.ts';

/** Undefined: it may be. */
export function consoleRefusal(policy: StreamPolicy): StreamSpaceError | undefined {
  if (policy.console?.allow !== true) {
    const by = policy.policyOf('console.allow');
    const why = by === null ? 'no policy allows a console for this session' : `policy ${by} does not allow a console`;
    return new StreamSpaceError('ConsoleOff', why);
  }
  if (!policy.mustBeRecorded) return undefined;
  const by = policy.policyOf('recording.record');
  const who = by === null ? 'a policy' : `policy ${by}`;
  return new StreamSpaceError('ConsoleUnrecorded', `${who} wants all of it recorded, and a console is not`);
}

export function idleTimeoutMs(policy: StreamPolicy): number {
  return policy.console?.idleTimeoutMs ?? durationMs(CLOSED_CONSOLE.idleTimeout);
}
