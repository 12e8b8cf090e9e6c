// The handshake towards the browser, as a server (RFC 6143, 7.1 to 7.3): RFB 3.8 and security None, because the WebSocket is
// already authenticated by its ticket.
import { StreamSpaceError } from '../../schemas/errors.ts';
import { type Handshake, need, send } from './handshake.ts';

export type RfbVersion = '3.3' | '3.7' | '3.8';

export interface BrowserHello {
  readonly version: RfbVersion;
}

const NONE = 1;
const U32_NONE = Buffer.from([0, 0, 0, NONE]);
const U32_OK = Buffer.alloc(4);

/**
 * Ends after ClientInit; ServerInit is the next thing the browser waits for. Its wish not to share is ignored: nobody may
 * disconnect the others. @throws RfbMalformed
 */
export function* browserHandshake(): Handshake<BrowserHello> {
  yield* send(Buffer.from('RFB 003.008\n', 'latin1'));
  const version = parseVersion(yield* need(12));
  if (version === '3.3') yield* send(U32_NONE);
  else {
    yield* send(Buffer.from([1, NONE]));
    const chosen = (yield* need(1)).readUInt8(0);
    if (chosen !== NONE)
      throw new StreamSpaceError('RfbMalformed', `the browser chose security ${chosen}, which was not offered`);
    // 7.1.3: before 3.8 the result is left out for None.
    if (version === '3.8') yield* send(U32_OK);
  }
  yield* need(1); // ClientInit
  return { version };
}

function parseVersion(bytes: Buffer): RfbVersion {
  const minor = /^RFB 003\.(\d{3})\n$/.exec(bytes.toString('latin1'))?.[1];
  if (minor === '008') return '3.8';
  if (minor === '007') return '3.7';
  // 7.1.1: a 3.5 was once announced by mistake and is a 3.3.
  if (minor === '003' || minor === '005') return '3.3';
  throw new StreamSpaceError('RfbMalformed', 'the browser did not answer with a version of RFB that was offered');
}
