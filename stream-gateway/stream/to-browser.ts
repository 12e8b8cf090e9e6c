// From the desktop to the browser: parsed and passed on piece by piece. While the browser is slow the desktop is not read, so
// at most one chunk waits beside what the limit allows.
import { delay } from '../../runtime/shutdown/shutdown.ts';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { judgeServerMessage } from '../dlp/verdict.ts';
import { joined } from '../rfb/byte-input.ts';
import { ServerMessageReader, type ServerPiece } from '../rfb/server-messages.ts';
import type { RelayContext } from './relay-context.ts';
import { TokenBucket } from './token-bucket.ts';

/**
 * Runs until the desktop has closed its connection. After the stream has ended it goes on reading and throws the bytes away:
 * closing a connection with unread bytes would reset it, and the desktop might never read that the keys were let go.
 * @throws DesktopUnreachable, RfbUnknownMessage, RfbMalformed, RfbTooLarge
 */
export async function relayToBrowser(context: RelayContext): Promise<void> {
  const { browser, desktop, limits, negotiation, signal } = context;
  const reader = new ServerMessageReader(negotiation, limits.rfb);
  const perSecond = limits.toBrowserBytesPerSecond;
  const rate = new TokenBucket({ perSecond, burst: perSecond, now: context.now });
  try {
    for await (const chunk of desktop as AsyncIterable<Buffer>) {
      if (signal.aborted) continue;
      forward(context, reader.push(chunk));
      const waitMs = rate.take(chunk.length);
      if (waitMs > 0) await delay(waitMs, signal).catch(() => undefined);
      await browser.untilRoom(signal);
    }
  } catch (error) {
    if (error instanceof StreamSpaceError) throw error;
    throw new StreamSpaceError('DesktopUnreachable', 'the connection to the desktop broke', { cause: error });
  }
  throw new StreamSpaceError('DesktopUnreachable', 'the desktop closed the connection');
}

/** Neighbours in memory go out as one frame: a chunk mostly does. */
function forward(context: RelayContext, pieces: Iterable<ServerPiece>): void {
  const { browser } = context;
  let waiting: Buffer | undefined;
  try {
    for (const piece of pieces) {
      if (!mayPass(context, piece)) continue;
      const both = waiting === undefined ? piece.bytes : joined(waiting, piece.bytes);
      if (waiting !== undefined && both === undefined) browser.send(waiting);
      waiting = both ?? piece.bytes;
    }
  } finally {
    // What came before a bad header is still delivered.
    if (waiting !== undefined) browser.send(waiting);
  }
}

function mayPass({ right, fences, desktop, now, onDenied }: RelayContext, piece: ServerPiece): boolean {
  const denied = judgeServerMessage(piece.message, right);
  if (denied !== undefined) {
    if (piece.end) onDenied(piece.message, denied.deny); // once for a message
    return false;
  }
  if (piece.message === 'serverFence') for (const answer of fences.note(piece.bytes, now())) desktop.write(answer);
  return true;
}
