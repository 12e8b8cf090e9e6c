// A stream ends with its session, and says why: asked for a sleep or an end, the pod takes seconds to stop, and a desktop
// that hangs up cannot tell the reason.
import type { ErrorCode } from '../../schemas/errors.ts';
import type { Feed } from '../http/live/feed.ts';
import type { StreamRegistry } from '../stream/stream-registry.ts';
import type { SessionJson } from './kinds-json.ts';

export interface SessionEnd {
  readonly code: ErrorCode;
  readonly message: string;
}

/**
 * Why no stream of this session may go on; `undefined` while one may. A pod that restarts is no reason: the desktop says
 * so itself, and the browser comes back.
 * @param session `undefined`: it is gone
 */
export function sessionEnd(name: string, session: Pick<SessionJson, 'metadata' | 'spec'> | undefined): SessionEnd | undefined {
  const end = (code: ErrorCode, what: string): SessionEnd => ({ code, message: `session ${name} ${what}` });
  if (session === undefined || session.metadata.deletionTimestamp !== undefined) return end('SessionTerminated', 'was deleted');
  switch (session.spec.desiredState) {
    case 'Terminated':
      return end('SessionTerminated', 'was terminated');
    case 'Hibernated':
      return end('SessionNotRunning', 'was hibernated');
    case 'Running':
    case undefined:
      return undefined;
  }
}

/** Cuts the streams, or consoles, of every session that ends. @returns the way to stop it */
export function endStreamsWithSessions(
  feed: Pick<Feed<SessionJson>, 'objects' | 'onChange'>,
  streams: Pick<StreamRegistry<string>, 'closeWhere'>,
): () => void {
  return feed.onChange((key) => {
    const [namespace = '', name = ''] = key.split('/', 2);
    const end = sessionEnd(name, feed.objects.get(key));
    if (end === undefined) return;
    streams.closeWhere((stream) => stream.namespace === namespace && stream.session === name, end.code, end.message);
  });
}
