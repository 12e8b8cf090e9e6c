// A long run of both parsers, and of the handshake with a desktop, over mutated streams:
// `node --conditions=source stream-gateway/rfb/fuzz.ts --messages 10000000`. Ends with 1 as soon as something else than our error
// is thrown, more is kept than promised, two ways of cutting the same bytes differ, or the process grows; the seed that it prints
// makes the same run again (`--seed N`).
import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { ClientMessageReader } from './client-messages.ts';
import { desktopHandshake } from './desktop-handshake.ts';
import { setEncodings } from './encodings.ts';
import { buildExtendedClipboard, packProvide, parseExtendedClipboard, unpackProvide } from './extended-clipboard.ts';
import { readCaptures } from './fixtures/read-capture.ts';
import { HandshakeRun } from './handshake.ts';
import { DEFAULT_RFB_LIMITS, MAX_SCREENS_BYTES, maxCutTextBytes } from './limits.ts';
import type { Negotiation } from './negotiation.ts';
import { ServerMessageReader } from './server-messages.ts';

const { values } = parseArgs({
  options: { messages: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
});
const target = Number(values.messages);
const seed = Number(values.seed);

/** mulberry32: small, and the same everywhere. */
function randomFrom(start: number): (below: number) => number {
  let state = start >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

interface Reader {
  push(chunk: Buffer): Generator<{ readonly bytes: Buffer }>;
  readonly heldBytes: number;
}

interface Result {
  readonly messages: number;
  readonly digest: string;
  readonly error: string;
}

function read(reader: Reader, chunks: readonly Buffer[], maxHeld: number): Result {
  const hash = createHash('sha1');
  let messages = 0;
  let error = 'none';
  try {
    for (const chunk of chunks) {
      for (const { bytes } of reader.push(chunk)) {
        messages += 1;
        hash.update(bytes);
      }
      if (reader.heldBytes > maxHeld) throw new RangeError(`${reader.heldBytes} bytes are held`);
    }
  } catch (thrown) {
    if (!(thrown instanceof StreamSpaceError)) throw thrown;
    error = `${thrown.code}: ${thrown.message}`;
  }
  return { messages, digest: hash.digest('hex'), error };
}

const random = randomFrom(seed);

function mutate(bytes: Buffer): Buffer {
  const start = random(4) === 0 ? random(bytes.length) : 0;
  const copy = Buffer.from(bytes.subarray(start, start + 1 + random(Math.min(bytes.length, 16_384))));
  for (let count = random(6); count > 0; count -= 1) {
    const at = random(copy.length);
    copy[at] = random(3) === 0 ? (copy[at] ?? 0) ^ (1 << random(8)) : ([0, 1, 0x7f, 0x80, 0xff][random(5)] ?? random(256));
  }
  return copy;
}

function cut(bytes: Buffer): readonly Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + random(random(3) === 0 ? 4 : 3_000);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

const CLIENT_SEEDS = [
  [0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0],
  [...setEncodings([7, 5, 0, -239, -316, -313, 0xc0a1e5ce | 0])],
  [3, 1, 0, 0, 0, 0, 1, 0, 1, 0],
  [4, 1, 0, 0, 0, 0, 0, 0x61],
  [5, 0x81, 0, 1, 0, 2],
  [6, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3],
  [6, 0, 0, 0, 0xff, 0xff, 0xff, 0xfa, 0, 0, 0, 1, 2, 3],
  [150, 1, 0, 0, 0, 0, 1, 0, 1, 0],
  [248, 0, 0, 0, 0, 0, 0, 1, 2, 9, 9],
  [250, 0, 1, 2],
  [251, 0, 0, 50, 0, 40, 1, 0, ...new Array<number>(16).fill(0)],
  [255, 0, 0, 1, 0, 0, 0, 0x61, 0, 0, 0, 30],
];

function clientStream(): Buffer {
  return Buffer.from(Array.from({ length: 1 + random(400) }, () => CLIENT_SEEDS[random(CLIENT_SEEDS.length)] ?? []).flat());
}

const captures = readCaptures();
const errors = new Map<string, number>();
let messages = 0;
let runs = 0;

function compare(
  make: (negotiation: Negotiation) => Reader,
  negotiation: () => Negotiation,
  bytes: Buffer,
  maxHeld: number,
): void {
  // Of the pieces of one message there may be more when it is cut, so bytes and errors are compared, not their number.
  const whole = read(make(negotiation()), [bytes], maxHeld);
  const parts = read(make(negotiation()), cut(bytes), maxHeld);
  if (whole.digest !== parts.digest || whole.error !== parts.error)
    throw new RangeError(`a cut changed the outcome: ${whole.error} became ${parts.error}`);
  messages += whole.messages;
  runs += 1;
  const code = whole.error.split(':')[0] ?? '';
  errors.set(code, (errors.get(code) ?? 0) + 1);
}

/** A payload of the extended clipboard, mutated: nothing but an answer, and never more than the limit. */
function clipboardPayload(): void {
  const text = Buffer.alloc(random(2_000), 'clipboard ');
  const payload = mutate(buildExtendedClipboard(packProvide(new Map([['text', text]]))));
  const message = parseExtendedClipboard(payload);
  messages += 1;
  if ('invalid' in message || message.action !== 'provide') return;
  const parts = unpackProvide(message, 1_000);
  if (parts === 'tooLarge' || 'invalid' in parts) return;
  const bytes = [...parts.values()].reduce((sum, { length }) => sum + length, 0);
  if (bytes > 1_000) throw new RangeError(`${bytes} bytes were unpacked`);
}

const rssMiB = (): number => Math.round(process.memoryUsage.rss() / 1024 ** 2);
/** What a run needs grows with its first messages, and not with the others. */
const MAX_GROWTH_MIB = 128;
const GREETING = [...Buffer.from('RFB 003.008\n')];
const SERVER_INIT = [2, 128, 1, 224, ...[32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0], 0, 0, 0, 2, 104, 105];
const HANDSHAKE_SEEDS = [
  [...GREETING, 2, 2, 19, 0, 2, 0, 3, 0, 0, 1, 2, 0, 0, 1, 5, 0, 0, 1, 4, 1],
  [...GREETING, 2, 19, 1, 0, 2, 0, 1, 0, 0, 1, 4, 1],
  [...GREETING, 2, 1, 2, ...new Array<number>(20).fill(0), ...SERVER_INIT],
];
const TLS_MODES = ['Required', 'Opportunistic', 'Off'] as const;

/** Ends at TLS: what comes with the choice of it is refused, what comes later is for TLS, and that is the cut's affair alone. */
function greet(chunks: readonly Buffer[], tls: (typeof TLS_MODES)[number]): string {
  const run = new HandshakeRun(desktopHandshake({ password: 'secret12', tls }));
  const sent: Buffer[] = [...run.start()];
  const soFar = (end: string): string => `${Buffer.concat(sent).toString('hex')} ${end}`;
  try {
    for (const chunk of chunks) {
      if (run.startTls !== undefined) return soFar('TLS');
      if (run.result !== undefined) return soFar(run.result.value.security);
      for (const bytes of run.push(chunk)) sent.push(bytes);
    }
  } catch (thrown) {
    if (!(thrown instanceof StreamSpaceError)) throw thrown;
    return soFar(thrown.message.endsWith('in the clear after TLS was agreed on') ? 'TLS' : `${thrown.code}: ${thrown.message}`);
  }
  return soFar(run.startTls === undefined ? (run.result?.value.security ?? 'unfinished') : 'TLS');
}

function handshake(): void {
  const seedBytes = Buffer.from(HANDSHAKE_SEEDS[random(HANDSHAKE_SEEDS.length)] ?? []);
  const bytes = random(4) === 0 ? mutate(seedBytes) : Buffer.concat([Buffer.from(GREETING), mutate(seedBytes.subarray(12))]);
  const tls = TLS_MODES[random(TLS_MODES.length)] ?? 'Off';
  const [whole, parts] = [greet([bytes], tls), greet(cut(bytes), tls)];
  if (whole !== parts) throw new RangeError(`a cut changed the handshake: ${whole} became ${parts}`);
  // Version, type 19, version of VeNCrypt, sub-type: nothing else goes out in the clear where TLS is required.
  if (tls === 'Required' && !/^(5246[0-9a-f]{20}(13(0002(0000010[45])?)?)?)? /.test(whole))
    throw new RangeError(`sent in the clear: ${whole}`);
  messages += 1;
}

const startedAt = performance.now();
let warm: number | undefined;
try {
  while (messages < target) {
    // zlib lets go of an engine in the next turn of the event loop, and a loop that never ends a turn keeps them all.
    if (runs % 100 === 0) await turn();
    if (messages > target / 10) warm ??= rssMiB();
    const capture = captures[random(captures.length)];
    if (capture === undefined) throw new RangeError('there are no captures');
    const server = (negotiation: Negotiation): Reader => new ServerMessageReader(negotiation);
    const client = (negotiation: Negotiation): Reader => new ClientMessageReader(negotiation);
    compare(server, () => capture.negotiation(), mutate(capture.bytes), MAX_SCREENS_BYTES);
    compare(
      client,
      () => capture.negotiation(),
      mutate(clientStream()),
      8 + maxCutTextBytes(DEFAULT_RFB_LIMITS, { extended: true }),
    );
    for (let count = 0; count < 20; count += 1) clipboardPayload();
    for (let count = 0; count < 20; count += 1) handshake();
    compare(client, () => capture.negotiation(), clientStream(), 8 + maxCutTextBytes(DEFAULT_RFB_LIMITS, { extended: true }));
  }
  if (warm !== undefined && rssMiB() - warm > MAX_GROWTH_MIB) throw new RangeError(`it grew from ${warm} to ${rssMiB()} MiB`);
} catch (error) {
  process.stderr.write(`failed in run ${runs} with --seed ${seed}: ${String(error)}\n`);
  process.exitCode = 1;
}
const seconds = (performance.now() - startedAt) / 1000;
const outcomes = [...errors].map(([code, count]) => `${code} ${count}`).join(', ');
const memory = `RSS ${warm ?? 0} -> ${rssMiB()} MiB`;
process.stdout.write(
  `${messages} messages, ${runs} streams in ${seconds.toFixed(1)} s, seed ${seed}, ${memory}; ended by: ${outcomes}\n`,
);
