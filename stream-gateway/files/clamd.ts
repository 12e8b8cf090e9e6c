// A client of clamd for one command, INSTREAM (clamd(8), COMMANDS): chunks with their length in front, a chunk of none at the
// end, one line as the answer. Whatever is no clear answer is a failure: nothing passes then.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { StreamSpaceError } from '../../schemas/errors.ts';

export type ClamdAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/** `unix:/run/clamav/clamd.ctl` or `host:port`; undefined where it is neither. */
export function parseClamdAddress(text: string): ClamdAddress | undefined {
  const path = /^unix:(\/.+)$/.exec(text)?.[1];
  if (path !== undefined) return { path };
  const [, host, port] = /^\[?([^\s/[\]]+?)\]?:(\d{1,5})$/.exec(text) ?? [];
  return host !== undefined && Number(port) > 0 && Number(port) <= 65_535 ? { host, port: Number(port) } : undefined;
}

/** Clean, or under which name the scanner knows it. */
export type ScanResult = { readonly clean: true } | { readonly clean: false; readonly signature: string };

/** @param content gives the whole file, from its beginning, each time. Rejects with `FileScanUnavailable` or `FileScanLimit` */
export type Scan = (content: () => AsyncIterable<Uint8Array>, signal: AbortSignal) => Promise<ScanResult>;

/** Longer than clamd takes by itself for one file (MaxScanTime, 120 s). */
const SILENCE_MS = 130_000;
const MAX_REPLY_BYTES = 4_096;
const END = Buffer.alloc(4);
/** A write that fails takes an answer along that nobody has read yet; seldom, so the second time it is there. */
const ATTEMPTS = 5;
/** Small enough for the buffer of a socket: the less is under way, the sooner an early answer is seen. */
const PIECE_BYTES = 32 * 1024;

/** @param silenceMs how long neither side may say anything, in milliseconds */
export function createScan(address: ClamdAddress, silenceMs: number = SILENCE_MS): Scan {
  return async (content, signal) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await scanOnce({ address, silenceMs, content: content(), signal });
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof StreamSpaceError) throw error;
        if (attempt < ATTEMPTS && isBrokenPipe(error)) continue;
        throw new StreamSpaceError('FileScanUnavailable', 'the virus scanner gives no answer', { cause: error });
      }
    }
  };
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET');
}

interface Scanning {
  readonly address: ClamdAddress;
  readonly silenceMs: number;
  readonly content: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

async function scanOnce({ address, silenceMs, content, signal }: Scanning): Promise<ScanResult> {
  signal.throwIfAborted();
  const socket = connect(address);
  const stop = (): void => void socket.destroy(new Error('stopped'));
  signal.addEventListener('abort', stop, { once: true });
  socket.setTimeout(silenceMs, () => socket.destroy(new Error(`silent for ${silenceMs} ms`)));
  try {
    const reply = readReply(socket);
    reply.catch(() => undefined);
    await sendAll(socket, content);
    return parseReply(await reply);
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

/** It may answer before the end (too long, for one) and close: what cannot be written then does not matter, the answer does. */
async function sendAll(socket: Socket, content: AsyncIterable<Uint8Array>): Promise<void> {
  if (!(await written(socket, Buffer.from('zINSTREAM\0')))) return;
  for await (const chunk of content) {
    // An empty one would be the end, so it is none.
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      const piece = chunk.subarray(at, at + PIECE_BYTES);
      await answersRead();
      const length = Buffer.alloc(4);
      length.writeUInt32BE(piece.length);
      if (!(await written(socket, Buffer.concat([length, piece])))) return;
    }
  }
  await written(socket, END);
}

/**
 * Lets an answer in that came early: a write that fails takes it along, and then nobody knows that the file was too long. One turn
 * of the event loop reads what is there.
 */
async function answersRead(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}

async function written(socket: Socket, bytes: Buffer): Promise<boolean> {
  if (!socket.writable) return false;
  return await new Promise<boolean>((resolve) => {
    socket.write(bytes, (error) => resolve(!(error instanceof Error)));
  });
}

async function readReply(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  socket.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_REPLY_BYTES) chunks.push(chunk);
    else socket.destroy(new Error('the answer is too long'));
  });
  const failed: { error?: unknown } = {};
  socket.on('error', (error) => {
    failed.error ??= error;
  });
  await once(socket, 'close').catch(() => undefined);
  const text = Buffer.concat(chunks).toString('latin1');
  // After an early answer the connection may end with an error; the answer stands all the same.
  if (!text.includes('\0') && failed.error !== undefined) throw failed.error;
  return text;
}

/** @throws StreamSpaceError for whatever is no clear answer */
export function parseReply(text: string): ScanResult {
  const end = text.indexOf('\0');
  const line = end < 0 ? '' : text.slice(0, end);
  if (line === 'stream: OK') return { clean: true };
  const signature = /^stream: ([\x21-\x7e]{1,200}) FOUND$/.exec(line)?.[1];
  if (signature !== undefined) return { clean: false, signature };
  if (/size limit exceeded/i.test(line))
    throw new StreamSpaceError('FileScanLimit', 'the file is larger than the virus scanner takes (StreamMaxLength)');
  throw new StreamSpaceError('FileScanUnavailable', 'the virus scanner could not look at the file');
}
