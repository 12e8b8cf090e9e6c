// One connection to a desktop: noVNC on a WebSocket of ours, so that close code and reason are known. Loaded when needed.
import RFB from '@novnc/novnc';
import type { StreamRight, TicketView } from '../../../../schemas/api/api.ts';
import { STREAM_NOTICES_PROTOCOL } from '../../../../schemas/api/stream-notices.ts';
import { KEYS, type KeyName, keysymOf } from './keys.ts';
import { pointWhileLookingOn } from './looking-on.ts';
import { listenForNotices, type NoticeListeners } from './notices.ts';
import { pacedSocket } from './paced-socket.ts';
import type { Picture } from './picture.ts';

export type Scaling = 'fit' | 'actual' | 'remote';

export interface Closed {
  /** `CODE: words` where the gateway gave a reason. */
  readonly reason: string | null;
}

export interface Viewer {
  readonly connected: Promise<void>;
  readonly closed: Promise<Closed>;
  setScaling(scaling: Scaling): void;
  setPicture(picture: Picture): void;
  /** What the gateway lets through now: keys and mouse, or only where one points. */
  setRight(right: StreamRight): void;
  focus(): void;
  press(key: KeyName): void;
  hold(key: KeyName, held: { readonly down: boolean }): void;
  /** Lets go of Ctrl, Alt and Shift: their own key-up goes to whatever has the focus by then. */
  releaseModifiers(): void;
  ctrlAltDel(): void;
  type(text: string): void;
  paste(text: string): void;
  /** The last picture, also after the connection is gone; null before the first. */
  picture(): ImageData | null;
  close(): void;
}

export interface ViewerOptions {
  readonly target: HTMLElement;
  readonly ticket: TicketView;
  readonly right: StreamRight;
  readonly scaling: Scaling;
  /** How the desktop is to send it. */
  readonly picture: Picture;
  readonly onMoved: (direction: 'down' | 'up', bytes: number) => void;
  readonly onClipboard: (text: string) => void;
  /** What the gateway has to tell the person, and who else is here. */
  readonly notices: NoticeListeners;
}

export function openViewer(options: ViewerOptions): Viewer {
  const { target, ticket, right, scaling, onClipboard, notices } = options;
  const protocols = ['binary', STREAM_NOTICES_PROTOCOL, `streamspace.ticket.${ticket.ticket}`];
  const socket = new WebSocket(webSocketUrl(ticket.path, window.location), protocols);
  listenForNotices(socket, notices);
  const pacer = pacedSocket(socket, options.onMoved);
  const connected = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<Closed>();
  let reason: string | null = null;
  let wasConnected = false;
  socket.addEventListener('close', (event) => {
    reason ??= event.reason === '' ? null : event.reason;
  });
  const rfb = new RFB(target, socket, { shared: true });
  rfb.background = 'transparent';
  const setRight = (next: StreamRight): void => {
    rfb.viewOnly = next === 'view';
    rfb.focusOnClick = next === 'control';
  };
  setRight(right);
  const setPicture = ({ quality, compression, framesPerSecond }: Picture): void => {
    rfb.qualityLevel = quality;
    rfb.compressionLevel = compression;
    pacer.limit(framesPerSecond);
  };
  setPicture(options.picture);
  pointWhileLookingOn(target, socket, () => wasConnected && rfb.viewOnly);
  applyScaling(rfb, scaling);
  rfb.addEventListener('connect', () => {
    wasConnected = true;
    connected.resolve();
  });
  rfb.addEventListener('securityfailure', ({ detail }) => {
    reason ??= detail.reason ?? null;
  });
  rfb.addEventListener('clipboard', ({ detail }) => onClipboard(detail.text));
  // noVNC may say so before the socket's own event: a turn later both are known.
  rfb.addEventListener('disconnect', () => setTimeout(() => closed.resolve({ reason }), 0));

  return {
    connected: connected.promise,
    closed: closed.promise,
    setPicture,
    setScaling: (next) => applyScaling(rfb, next),
    setRight,
    focus: () => rfb.focus({ preventScroll: true }),
    press: (key) => rfb.sendKey(KEYS[key].keysym, KEYS[key].code),
    hold: (key, { down }) => rfb.sendKey(KEYS[key].keysym, KEYS[key].code, down),
    releaseModifiers: () => releaseModifiers(target),
    ctrlAltDel: () => rfb.sendCtrlAltDel(),
    type: (typed) => {
      for (const character of typed) rfb.sendKey(keysymOf(character), null);
    },
    paste: (pasted) => rfb.clipboardPasteFrom(pasted),
    picture: () => (wasConnected ? pictureOf(rfb) : null),
    close: () => rfb.disconnect(),
  };
}

/** A resized desktop is scaled as well: one that refuses to resize still fits. */
function applyScaling(rfb: RFB, scaling: Scaling): void {
  rfb.scaleViewport = scaling !== 'actual';
  rfb.resizeSession = scaling === 'remote';
}

/** Through the canvas, so that noVNC also forgets that they are down. */
function releaseModifiers(target: HTMLElement): void {
  const canvas = target.querySelector('canvas');
  for (const key of ['Control', 'Alt', 'Shift']) {
    for (const side of ['Left', 'Right']) canvas?.dispatchEvent(new KeyboardEvent('keyup', { key, code: `${key}${side}` }));
  }
}

function pictureOf(rfb: RFB): ImageData | null {
  try {
    return rfb.getImageData();
  } catch {
    return null; // a desktop of no size
  }
}

export function webSocketUrl(path: string, location: Pick<Location, 'href'>): string {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
