// An upgrade that is completed, or that nobody completes any more; for every door.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { StreamSpaceError } from '../../../schemas/errors.ts';
import { WebSocketConnection } from '../../websocket/connection.ts';
import { answerHandshake } from '../../websocket/handshake.ts';
import { closeWith } from './close-frame.ts';

export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** What is spoken behind a door. */
export interface Spoken {
  /** The subprotocol that is selected. */
  readonly protocol: string;
  /** Of a whole message, in bytes. */
  readonly maxPayload: number;
}

/** Completes it, or calls `gone`, once: the connection may have broken by now, or the request be no WebSocket. */
export function acceptUpgrade(
  { protocol, maxPayload }: Spoken,
  { request, socket, head }: Upgrade,
  use: (connection: WebSocketConnection) => void,
  gone?: () => void,
): void {
  const answer = answerHandshake(request, protocol);
  if (socket.destroyed || !socket.readable || !socket.writable) socket.destroy();
  else if (answer.accepted) {
    socket.write(answer.head);
    use(new WebSocketConnection({ socket, head, maxPayload }));
    return;
  } else {
    socket.once('finish', () => socket.destroy());
    socket.end(answer.head);
  }
  gone?.();
}

/** Completes it to say why there is nothing: a page cannot read a refused upgrade. */
export function closeUpgrade(spoken: Spoken, upgrade: Upgrade, error: StreamSpaceError): void {
  acceptUpgrade(spoken, upgrade, (connection) => closeWith(connection, error));
}
