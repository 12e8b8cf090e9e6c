// What the gateway tells a viewer beside the picture. RFB has no message for it, so it is a text frame on the WebSocket of the
// stream, JSON, sent only to a viewer that offers this subprotocol; everything of RFB is binary.
import { type DisplaysNotice, parseDisplays } from './displays-notices.ts';
import { type LinkNotice, parseLink } from './link-notices.ts';
import { type PointersNotice, type PresenceNotice, parsePointers, parsePresence } from './presence-notices.ts';

export const STREAM_NOTICES_PROTOCOL = 'streamspace.notices';

/** A code is what programs go by; people read the message. Codes are added, never renamed. */
export const STREAM_NOTICES = {
  ClipboardUpOff: 'Pasting into the desktop is switched off.',
  ClipboardDownOff: 'Copying out of the desktop is switched off.',
  ClipboardSize: 'A clipboard is longer than a policy, or StreamSpace itself, allows.',
  ClipboardFormat: 'A policy lets none of its formats pass.',
  ClipboardRate: 'More clipboards a minute than a policy allows.',
  ClipboardContent: 'A rule about content stopped it.',
  ClipboardRedacted: 'A rule about content put * in place of a part of it; the rest has passed.',
  ClipboardUnjudged: 'Its content could not be checked in time.',
  ClipboardInvalid: 'It is not in the form that the protocol asks for.',
  ControlGiven: 'The person may type from now on.',
  ControlEnded: 'The person may look on only from now on.',
  KeyRate: 'More keys a second than a policy allows; the others were left out.',
} as const satisfies Record<string, string>;

export type StreamNoticeCode = keyof typeof STREAM_NOTICES;

export interface StreamNotice {
  readonly type: 'notice';
  readonly code: StreamNoticeCode;
  /** One sentence for the person: what was stopped, by which policy and rule. Never the content. */
  readonly message: string;
}

/** Everything that may come as a text frame. */
export type GatewayNotice = StreamNotice | PresenceNotice | PointersNotice | DisplaysNotice | LinkNotice;

/** Undefined: not a notice, or of a newer gateway. */
export function parseStreamNotice(text: string): GatewayNotice | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if ('type' in value && value.type === 'presence') return parsePresence(value);
  if ('type' in value && value.type === 'pointers') return parsePointers(value);
  if ('type' in value && value.type === 'displays') return parseDisplays(value);
  if ('type' in value && value.type === 'link') return parseLink(value);
  if (!('type' in value && value.type === 'notice' && 'message' in value && typeof value.message === 'string')) return undefined;
  const code = 'code' in value ? value.code : undefined;
  return isNoticeCode(code) ? { type: 'notice', code, message: value.message } : undefined;
}

function isNoticeCode(code: unknown): code is StreamNoticeCode {
  return typeof code === 'string' && Object.hasOwn(STREAM_NOTICES, code);
}
