// Git's pkt-line framing (gitprotocol-common): four hexadecimal digits of length, then the payload. Reads from any stream in
// any cut, judges the declared length first, and takes no more than the limit in all.
import { StreamSpaceError } from '../../../schemas/errors.ts';

/** `flush` ends a message, `delim` a section of it, `end` a response of protocol 2. */
export type PktLine = 'flush' | 'delim' | 'end' | Buffer;

const SPECIAL: Readonly<Record<number, PktLine>> = { 0: 'flush', 1: 'delim', 2: 'end' };

/** One line of text, its newline included. */
export function encodePktLine(text: string): Buffer {
  const payload = Buffer.from(text, 'utf8');
  return Buffer.concat([Buffer.from((payload.length + 4).toString(16).padStart(4, '0'), 'latin1'), payload]);
}

export const FLUSH = Buffer.from('0000', 'latin1');
export const DELIM = Buffer.from('0001', 'latin1');

/** A text line without its newline. */
export function textOf(line: Buffer): string {
  return line.toString('utf8').replace(/\n$/, '');
}

/** @throws GitProtocolInvalid for what is no pkt-line; GitSnapshotTooLarge beyond `maxBytes` */
export async function* readPktLines(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<PktLine, void> {
  let held: Buffer[] = [];
  let size = 0;
  let needed = 4;
  let total = 0;
  for await (const chunk of chunks) {
    total += chunk.length;
    if (total > maxBytes)
      throw new StreamSpaceError('GitSnapshotTooLarge', `the list of branches and tags has more than ${maxBytes} bytes`);
    held.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    size += chunk.length;
    if (size < needed) continue; // joined only when it pays: one byte at a time must stay linear
    let rest = Buffer.concat(held, size);
    for (;;) {
      needed = rest.length < 4 ? 4 : Math.max(4, lengthOf(rest));
      if (rest.length < needed) break;
      const length = lengthOf(rest);
      yield length < 4 ? (SPECIAL[length] ?? invalid(`length ${length}`)) : rest.subarray(4, length);
      rest = rest.subarray(needed);
    }
    held = [rest];
    size = rest.length;
  }
  if (size > 0) invalid('the answer ends in the middle of a line');
}

function lengthOf(bytes: Buffer): number {
  const digits = bytes.toString('latin1', 0, 4);
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : invalid('no length where one has to be');
}

function invalid(what: string): never {
  throw new StreamSpaceError('GitProtocolInvalid', `the server does not speak Git: ${what}`);
}
