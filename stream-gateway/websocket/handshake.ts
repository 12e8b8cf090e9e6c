// The server's half of the opening handshake (RFC 6455, 4.2). Who may connect, and which subprotocol is spoken, is decided before.
import { createHash } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const VERSION = '13';

export interface HandshakeAnswer {
  readonly accepted: boolean;
  /** What is written to the connection, to its last empty line. */
  readonly head: string;
}

/**
 * No extension is agreed on: what comes is compressed already, and inflating for strangers is a risk.
 * @param protocol selected where the client offers any
 */
export function answerHandshake(
  { method, headers }: Pick<IncomingMessage, 'method' | 'headers'>,
  protocol: string,
): HandshakeAnswer {
  const key = headers['sec-websocket-key'] ?? '';
  if (method !== 'GET') return refused(405, ['Allow: GET']);
  if (headers.upgrade?.toLowerCase() !== 'websocket') return refused(400);
  if (headers['sec-websocket-version'] !== VERSION) return refused(426, [`Sec-WebSocket-Version: ${VERSION}`]); // 4.2.2
  if (!/^[+/\dA-Za-z]{22}==$/.test(key)) return refused(400);
  const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
  const selected = headers['sec-websocket-protocol'] === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`];
  return {
    accepted: true,
    head: headOf(101, ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`, ...selected]),
  };
}

function refused(status: number, lines: readonly string[] = []): HandshakeAnswer {
  return { accepted: false, head: headOf(status, [...lines, 'Connection: close', 'Content-Length: 0']) };
}

function headOf(status: number, lines: readonly string[]): string {
  return `${[`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines].join('\r\n')}\r\n\r\n`;
}
