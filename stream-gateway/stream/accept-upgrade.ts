// An upgrade that is completed, or that nobody completes any more; for every door.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import type { StreamSpaceError } from '../../schemas/errors.ts';
import { closeWith } from './close-frame.ts';

export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** Completes it, or calls `gone`, once: the connection may have broken by now, or the request be no WebSocket. */
export function acceptUpgrade(
  server: WebSocketServer,
  { request, socket, head }: Upgrade,
  use: (socket: WebSocket) => void,
  gone?: () => void,
): void {
  let settled = false;
  const onClose = (): void => {
    if (!settled) gone?.();
    settled = true;
  };
  socket.once('close', onClose);
  if (socket.destroyed) onClose();
  server.handleUpgrade(request, socket, head, (accepted) => {
    settled = true;
    use(accepted);
  });
}

/** Completes it to say why there is nothing: a page cannot read a refused upgrade. */
export function closeUpgrade(server: WebSocketServer, upgrade: Upgrade, error: StreamSpaceError): void {
  acceptUpgrade(server, upgrade, (socket) =>
    closeWith(
      socket.on('error', () => undefined),
      error,
    ),
  );
}
