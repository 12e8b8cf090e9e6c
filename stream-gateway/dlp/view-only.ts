// What a right lets through. A list of messages to forward, not of those to drop: a message that is added to the parser is
// denied until somebody decides about it here.
import type { ClientMessageName } from '../rfb/client-messages.ts';
import { ENCODING } from '../rfb/encodings.ts';
import type { ServerMessageName } from '../rfb/server-messages.ts';

export type StreamRight = 'control' | 'view';

/** All that a viewer needs to see the picture; none of it reaches what runs in the desktop. */
export const VIEW_FORWARDS: ReadonlySet<ClientMessageName> = new Set<ClientMessageName>([
  'setPixelFormat',
  'setEncodings',
  'framebufferUpdateRequest',
  'clientFence',
]);

/** The clipboard of the owner is not part of the picture. */
export const VIEW_SHOWS: ReadonlySet<ServerMessageName> = new Set<ServerMessageName>([
  'framebufferUpdate',
  'setColourMapEntries',
  'bell',
  'endOfContinuousUpdates',
  'serverFence',
]);

const NONE: ReadonlySet<number> = new Set();
/**
 * Encodings that the desktop is not asked for. A browser that sees continuous updates confirmed stops requesting updates and
 * relies on its message 150, which a viewer may not send: its picture would stand still.
 */
const WITHHELD_FROM_VIEW: ReadonlySet<number> = new Set([ENCODING.continuousUpdates, ENCODING.extendedClipboard]);

export function withheldEncodings(right: StreamRight): ReadonlySet<number> {
  return right === 'view' ? WITHHELD_FROM_VIEW : NONE;
}
