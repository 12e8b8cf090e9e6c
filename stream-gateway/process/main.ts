// A stream process: forked by the front process of a gateway, never started by hand.
import { createLogger } from '../../runtime/log/log.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { serveStreams } from './serve-streams.ts';
import { startStreamPart } from './stream-part.ts';

try {
  await serveStreams(startStreamPart);
  process.exit(0); // a worker thread or a connection that still ends holds up nobody
} catch (error) {
  const code = error instanceof StreamSpaceError ? error.code : 'Internal';
  createLogger({ name: 'gateway', level: 'error' }).error({ err: error, code }, 'stream process ended');
  process.exit(1);
}
