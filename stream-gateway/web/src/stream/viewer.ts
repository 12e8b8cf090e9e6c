// One connection to a desktop: noVNC on a WebSocket of ours, so that close code and reason are known. Loaded when needed.
import RFB from '@novnc/novnc';
import type { StreamRight, TicketView } from '../../../../schemas/api/api.ts';
import { STREAM_NOTICES_PROTOCOL } from '../../../../schemas/api/stream-notices.ts';
import { webSocketUrl } from '../model/desktop/web-socket-url.ts';
import { text as words } from '../text/text.ts';
import { KEYS, type KeyName, keysymOf } from './keys.ts';
import { pointWhileLookingOn } from './looking-on.ts';
import { listenForNotices, type NoticeListeners } from './notices.ts';
import { pacedSocket } from './paced-socket.ts';
import type { Picture } from './picture.ts';
import { createTextSink } from './text-sink.ts';
import type { PointerMode } from './touch/pointing.ts';
import { createTouchLayer } from './touch/touch-layer.ts';

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
  /** A phone's keyboard; nothing changes on a device with keys of its own. */
  setKeyboard(options: { readonly shown: boolean }): void;
  /** What a finger does. */
  setPointerMode(mode: PointerMode): void;
  press(key: KeyName): void;
  hold(key: KeyName, held: { readonly down: boolean }): void;
  /** Lets go of Ctrl, Alt and Shift: their own key-up goes to whatever has the focus by then. */
  releaseModifiers(): void;
  ctrlAltDel(): void;
  type(text: string): void;
  /** Called after something was typed or pressed at the keyboard. Returns how to stop that. */
  onTyped(listener: () => void): () => void;
  paste(text: string): void;
  /** A message of RFB beside those of noVNC; whole. */
  send(message: Uint8Array<ArrayBuffer>): void;
  /** Where noVNC paints; null before the connection. */
  canvas(): HTMLCanvasElement | null;
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
  applyScaling(rfb, scaling, false);
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

  const press = (key: KeyName): void => rfb.sendKey(KEYS[key].keysym, KEYS[key].code);
  const type = (typed: string): void => {
    for (const character of typed) rfb.sendKey(keysymOf(character), null);
  };
  const paste = (pasted: string): void => rfb.clipboardPasteFrom(pasted);
  const typing = new Set<() => void>();
  const typed = (): void => {
    for (const listener of typing) listener();
  };
  const canvas = target.querySelector('canvas');
  const sink =
    canvas === null
      ? null
      : createTextSink({
          ...{ target, canvas, paste, label: words.desktop.keyboardInput, onKey: typed },
          mayType: () => !rfb.viewOnly,
          type: (given) => {
            type(given);
            typed();
          },
          backspace: () => press('backspace'),
        });
  const held = { zoomed: false, keyboard: false, scaling };
  /** Zoomed, and with a phone's keyboard over it, the screen has a size that the desktop is not to take. */
  const scale = (): void => applyScaling(rfb, held.scaling, held.zoomed || held.keyboard);
  const touch =
    canvas === null
      ? null
      : createTouchLayer({
          ...{ target, canvas },
          onTouched: () => sink?.focus(),
          onZoom: ({ zoomed }) => {
            held.zoomed = zoomed;
            scale();
          },
        });
  void closed.promise.then(() => {
    sink?.remove();
    touch?.remove();
  });

  return {
    connected: connected.promise,
    closed: closed.promise,
    setPicture,
    setScaling: (next) => {
      held.scaling = next;
      scale();
    },
    setRight,
    focus: () => (sink === null ? rfb.focus({ preventScroll: true }) : sink.focus()),
    setKeyboard: ({ shown }) => {
      held.keyboard = shown;
      rfb.focusOnClick = !shown && !rfb.viewOnly; // a tap would send the keyboard away
      scale();
      sink?.setKeyboard({ shown });
    },
    setPointerMode: (mode) => {
      rfb.showDotCursor = mode === 'touchpad'; // a pointer that the desktop hides would be lost
      touch?.setMode(mode);
    },
    press,
    hold: (key, { down }) => rfb.sendKey(KEYS[key].keysym, KEYS[key].code, down),
    releaseModifiers: () => releaseModifiers(target),
    ctrlAltDel: () => rfb.sendCtrlAltDel(),
    type,
    paste,
    onTyped: (listener) => {
      typing.add(listener);
      return () => typing.delete(listener);
    },
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(message);
    },
    canvas: () => target.querySelector('canvas'),
    picture: () => (wasConnected ? pictureOf(rfb) : null),
    close: () => rfb.disconnect(),
  };
}

/** A resized desktop is scaled as well: one that refuses to resize still fits. */
function applyScaling(rfb: RFB, scaling: Scaling, keepsSize: boolean): void {
  rfb.scaleViewport = scaling !== 'actual' || keepsSize;
  rfb.resizeSession = scaling === 'remote' && !keepsSize;
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
