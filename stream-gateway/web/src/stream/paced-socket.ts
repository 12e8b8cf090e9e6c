// Stands between noVNC and its WebSocket: counts what goes both ways, and limits the frames.
import { Pacer } from './pacer.ts';

export function pacedSocket(socket: WebSocket, onMoved: (direction: 'down' | 'up', bytes: number) => void): Pacer {
  const send = socket.send.bind(socket);
  const pacer = new Pacer({
    send: (bytes) => {
      if (socket.readyState !== WebSocket.OPEN) return; // what was held is for nobody
      onMoved('up', bytes.length);
      send(bytes);
    },
    now: () => performance.now(),
    after: (ms, act) => void setTimeout(act, ms),
  });
  // noVNC sends nothing but views of its own buffer.
  socket.send = (data) => {
    if (data instanceof Uint8Array && data.buffer instanceof ArrayBuffer)
      pacer.send(new Uint8Array(data.buffer, data.byteOffset, data.length));
    else send(data);
  };
  socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (data instanceof ArrayBuffer) onMoved('down', data.byteLength);
  });
  return pacer;
}
