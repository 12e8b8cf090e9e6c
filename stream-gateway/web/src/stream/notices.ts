// What the gateway says beside the picture: text frames on the WebSocket of the stream. noVNC is to see none of them.
import { parseStreamNotice, type StreamNotice } from '../../../../schemas/api/stream-notices.ts';

/** Call it before noVNC gets the socket: listeners are called in the order in which they were added. */
export function listenForNotices(socket: EventTarget, onNotice: (notice: StreamNotice) => void): void {
  socket.addEventListener('message', (event) => {
    if (!(event instanceof MessageEvent) || typeof event.data !== 'string') return;
    event.stopImmediatePropagation();
    const notice = parseStreamNotice(event.data);
    if (notice !== undefined) onNotice(notice);
  });
}
