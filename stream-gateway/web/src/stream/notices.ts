// What the gateway says beside the picture: text frames on the WebSocket of the stream. noVNC is to see none of them.
import type { DisplaysNotice } from '../../../../schemas/api/displays-notices.ts';
import type { LinkNotice } from '../../../../schemas/api/link-notices.ts';
import type { PointersNotice, PresenceNotice } from '../../../../schemas/api/presence-notices.ts';
import { parseStreamNotice, type StreamNotice } from '../../../../schemas/api/stream-notices.ts';

export interface NoticeListeners {
  readonly onNotice: (notice: StreamNotice) => void;
  readonly onPresence?: ((presence: PresenceNotice) => void) | undefined;
  readonly onDisplays?: ((displays: DisplaysNotice) => void) | undefined;
  readonly onLink?: ((link: LinkNotice) => void) | undefined;
  readonly onPointers?: ((pointers: PointersNotice) => void) | undefined;
}

/** Call it before noVNC gets the socket: listeners are called in the order in which they were added. */
export function listenForNotices(socket: EventTarget, listeners: NoticeListeners): void {
  const { onNotice, onPresence, onPointers, onDisplays, onLink } = listeners;
  socket.addEventListener('message', (event) => {
    if (!(event instanceof MessageEvent) || typeof event.data !== 'string') return;
    event.stopImmediatePropagation();
    const notice = parseStreamNotice(event.data);
    switch (notice?.type) {
      case 'notice':
        onNotice(notice);
        break;
      case 'presence':
        onPresence?.(notice);
        break;
      case 'pointers':
        onPointers?.(notice);
        break;
      case 'displays':
        onDisplays?.(notice);
        break;
      case 'link':
        onLink?.(notice);
        break;
      case undefined:
    }
  });
}
