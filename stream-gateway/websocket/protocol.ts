// The words of RFC 6455 that both directions share.

/** RFC 6455, 5.2. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** RFC 6455, 5.5. */
export const MAX_CONTROL_BYTES = 125;

/** RFC 6455, 7.4.1: what a browser did wrong, as the close code that says so. */
export type ProblemCloseCode = 1002 | 1007 | 1009;

/** The other end broke the protocol, or a limit. The connection is of no use afterwards but for the close frame. */
export class WebSocketProblem extends Error {
  readonly closeCode: ProblemCloseCode;

  constructor(closeCode: ProblemCloseCode, message: string) {
    super(message);
    this.name = 'WebSocketProblem';
    this.closeCode = closeCode;
  }
}
