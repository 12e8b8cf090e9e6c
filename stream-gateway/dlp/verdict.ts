// The verdict on a message: forward it, perhaps changed, or deny it. Pure; what it needs to know comes as an argument.
import type { ClientMessage } from '../rfb/client-messages.ts';
import { DEFAULT_RFB_LIMITS, fitsFramebuffer, type RfbLimits } from '../rfb/limits.ts';
import type { Extension } from '../rfb/negotiation.ts';
import type { ServerMessageName } from '../rfb/server-messages.ts';
import { type StreamRight, VIEW_FORWARDS, VIEW_SHOWS } from './view-only.ts';

/** Why a message was denied; also a label of a metric. */
export type DenyRule =
  /** The right is to look on. */
  | 'viewOnly'
  /** Nobody turns a desktop off through its stream. */
  | 'powerControl'
  /** The desktop has not confirmed this extension: it would take the bytes for something else. */
  | 'notConfirmed'
  /** More pixels or screens than a desktop may have, or none. */
  | 'desktopSize'
  /** A direction of the clipboard is off. */
  | 'clipboardUpOff'
  | 'clipboardDownOff'
  | 'clipboardSize'
  /** None of its formats may pass. */
  | 'clipboardFormat'
  | 'clipboardRate'
  /** A rule about content found something. */
  | 'clipboardContent'
  /** Nobody could judge its content, or not in time. */
  | 'clipboardUnjudged'
  /** No extended clipboard message, or a packed clipboard that cannot be unpacked. */
  | 'clipboardInvalid'
  /** More screens, or more pixels, than the policy lets a session have. */
  | 'displays'
  | 'keyRate'
  | 'tooManyKeys'
  /** An answer to a fence that nobody waits for. */
  | 'fenceUnasked';

export type Verdict =
  | { readonly action: 'forward'; readonly bytes: Buffer }
  | { readonly action: 'deny'; readonly rule: DenyRule };

export interface VerdictContext {
  readonly right: StreamRight;
  readonly confirmed: ReadonlySet<Extension>;
  readonly limits?: RfbLimits;
  /** What the policy of the session says of its screens. */
  readonly displays?: { readonly max?: number | undefined; readonly maxPixels?: number | undefined } | undefined;
}

/**
 * Of a message from the browser. A denied one is left out whole, so what follows stays framed. A clipboard that is forwarded
 * here has to pass its gate as well (clipboard/gate.ts).
 */
export function judgeClientMessage(message: ClientMessage, context: VerdictContext): Verdict {
  if (message.name === 'xvp') return deny('powerControl');
  if (context.right === 'view' && !VIEW_FORWARDS.has(message.name)) return deny('viewOnly');
  switch (message.name) {
    case 'setPixelFormat':
    case 'setEncodings':
    case 'framebufferUpdateRequest':
    case 'keyEvent':
      return forward(message.bytes);
    case 'pointerEvent':
      return forward(unmarked(message.bytes));
    case 'clientCutText':
      return message.bytes.readInt32BE(4) < 0 ? confirmed('extendedClipboard', message, context) : forward(message.bytes);
    case 'enableContinuousUpdates':
      return confirmed('continuousUpdates', message, context);
    case 'clientFence':
      return confirmed('fence', message, context);
    case 'qemuKeyEvent':
      return confirmed('qemuKeyEvent', message, context);
    case 'setDesktopSize':
      return judgeDesktopSize(message, context);
  }
}

/** Of a message from the desktop, which is left out whole, or forwarded; a clipboard only after its gate (clipboard/gate.ts). */
export function judgeServerMessage(name: ServerMessageName, right: StreamRight): { readonly deny: DenyRule } | undefined {
  return right === 'view' && !VIEW_SHOWS.has(name) ? { deny: 'viewOnly' } : undefined;
}

function judgeDesktopSize(message: ClientMessage, context: VerdictContext): Verdict {
  const { bytes } = message;
  const [width, height, screens] = [bytes.readUInt16BE(2), bytes.readUInt16BE(4), bytes.readUInt8(6)];
  const { max = 255, maxPixels = Infinity } = context.displays ?? {};
  const fits = fitsFramebuffer(context.limits ?? DEFAULT_RFB_LIMITS, width, height);
  const empty = width === 0 || height === 0 || screens === 0;
  if (!fits || empty) return deny('desktopSize');
  return screens <= max && width * height <= maxPixels ? confirmed('desktopSize', message, context) : deny('displays');
}

function confirmed(extension: Extension, message: ClientMessage, context: VerdictContext): Verdict {
  return context.confirmed.has(extension) ? forward(message.bytes) : deny('notConfirmed');
}

/**
 * Bit 7 of a short pointer event may be button 8, or the mark of a longer form that the desktop already expects while we do
 * not. Without it both read six bytes; noVNC clears it too.
 */
function unmarked(bytes: Buffer): Buffer {
  if (bytes.length === 7 || (bytes.readUInt8(1) & 0x80) === 0) return bytes;
  const copy = Buffer.from(bytes);
  copy.writeUInt8(bytes.readUInt8(1) & 0x7f, 1);
  return copy;
}

function forward(bytes: Buffer): Verdict {
  return { action: 'forward', bytes };
}

function deny(rule: DenyRule): Verdict {
  return { action: 'deny', rule };
}
