// The payload of an extended cut text (rfbproto, Extended Clipboard Pseudo-Encoding): parsed into one of five messages and
// built again. Total: whatever the bytes are, the answer is a message or the reason why it is none.
import { isUtf8 } from 'node:buffer';
import { constants, deflateSync, inflateSync } from 'node:zlib';
import type { ClipboardFormat } from '../../schemas/kinds/policies/dlp-rules.ts';

/** In the order of their bits, which is also that of a provide. Bits 5 to 15 are reserved. */
export const CLIPBOARD_FORMATS = ['text', 'rtf', 'html', 'dib', 'files'] as const satisfies readonly ClipboardFormat[];

/** From bit 24 on. Bits 16 to 23 and 29 to 31 are reserved. */
export const CLIPBOARD_ACTIONS = ['caps', 'request', 'peek', 'notify', 'provide'] as const;
export type ClipboardAction = (typeof CLIPBOARD_ACTIONS)[number];

export type ClipboardMessage =
  /** What the sender understands, and per format how many bytes it takes unasked. `actions` is without `caps` itself. */
  | {
      readonly action: 'caps';
      readonly actions: ReadonlySet<ClipboardAction>;
      readonly limits: ReadonlyMap<ClipboardFormat, number>;
    }
  | { readonly action: 'request' | 'notify'; readonly formats: ReadonlySet<ClipboardFormat> }
  | { readonly action: 'peek' }
  /** Still packed, so that what nobody may have is not inflated: {@link unpackProvide}. */
  | { readonly action: 'provide'; readonly formats: ReadonlySet<ClipboardFormat>; readonly packed: Buffer };

export interface Invalid {
  readonly invalid: string;
}

const FLAGS_BYTES = 4;
const FORMAT_BITS = 0x1f;
const ACTION_SHIFT = 24;
const ACTION_BITS = 0x1f;
const RESERVED = ~((ACTION_BITS << ACTION_SHIFT) | FORMAT_BITS);

/** @param payload of a cut text with a negative length, whole: flags and what follows them */
export function parseExtendedClipboard(payload: Buffer): ClipboardMessage | Invalid {
  if (payload.length < FLAGS_BYTES) return { invalid: 'there are no flags' };
  const flags = payload.readUInt32BE(0);
  if ((flags & RESERVED) !== 0) return { invalid: 'a reserved bit is set' };
  const formats = CLIPBOARD_FORMATS.filter((_, bit) => (flags & (1 << bit)) !== 0);
  const actions = CLIPBOARD_ACTIONS.filter((_, bit) => (flags & (1 << (ACTION_SHIFT + bit))) !== 0);
  const rest = payload.subarray(FLAGS_BYTES);
  // In caps alone the other bits are no actions: they say which of them the sender understands.
  if (actions[0] === 'caps') return parseCaps(formats, actions.slice(1), rest);
  const [action, second] = actions;
  if (action === undefined || second !== undefined) return { invalid: `${actions.length} actions instead of one` };
  if (action === 'provide') {
    if (formats.length === 0) return { invalid: 'nothing is provided' };
    return { action, formats: new Set(formats), packed: rest };
  }
  if (rest.length > 0) return { invalid: `${rest.length} bytes behind the flags` };
  return action === 'peek' ? { action } : { action: action === 'notify' ? 'notify' : 'request', formats: new Set(formats) };
}

function parseCaps(
  formats: readonly ClipboardFormat[],
  actions: readonly ClipboardAction[],
  rest: Buffer,
): ClipboardMessage | Invalid {
  if (rest.length !== 4 * formats.length) return { invalid: `${rest.length} bytes of sizes for ${formats.length} formats` };
  const limits = new Map(formats.map((format, index) => [format, rest.readUInt32BE(4 * index)]));
  return { action: 'caps', actions: new Set(actions), limits };
}

/** The payload again, the same bytes for what {@link parseExtendedClipboard} read (of a peek without its formats). */
export function buildExtendedClipboard(message: ClipboardMessage): Buffer {
  switch (message.action) {
    case 'caps': {
      const entries = CLIPBOARD_FORMATS.flatMap((format) => {
        const limit = message.limits.get(format);
        return limit === undefined ? [] : [{ format, limit }];
      });
      const sizes = Buffer.alloc(4 * entries.length);
      for (const [index, { limit }] of entries.entries()) sizes.writeUInt32BE(limit, 4 * index);
      return Buffer.concat([flagsOf(['caps', ...message.actions], new Set(message.limits.keys())), sizes]);
    }
    case 'request':
    case 'notify':
      return flagsOf([message.action], message.formats);
    case 'peek':
      return flagsOf(['peek'], new Set());
    case 'provide':
      return Buffer.concat([flagsOf(['provide'], message.formats), message.packed]);
  }
}

function flagsOf(actions: readonly ClipboardAction[], formats: ReadonlySet<ClipboardFormat>): Buffer {
  let flags = 0;
  for (const action of actions) flags |= 1 << (ACTION_SHIFT + CLIPBOARD_ACTIONS.indexOf(action));
  for (const format of formats) flags |= 1 << CLIPBOARD_FORMATS.indexOf(format);
  const bytes = Buffer.alloc(FLAGS_BYTES);
  bytes.writeInt32BE(flags);
  return bytes;
}

/** `text` without the NUL that ends it; every other format as it came. In the order of the bits. */
export type Parts = ReadonlyMap<ClipboardFormat, Buffer>;

/**
 * Inflates at most `maxBytes`; a bomb costs that much and no more. Viewers and desktops end the zlib stream with a flush and
 * not with its checksum, so whether it is whole is told by the sizes in it. Text that is not UTF-8 is invalid: the two ends
 * might read it as something else than a filter does.
 */
export function unpackProvide(
  { formats, packed }: Extract<ClipboardMessage, { readonly action: 'provide' }>,
  maxBytes: number,
): Parts | Invalid | 'tooLarge' {
  const inflated = inflate(packed, maxBytes);
  if (!Buffer.isBuffer(inflated)) return inflated;
  const parts = new Map<ClipboardFormat, Buffer>();
  let offset = 0;
  for (const format of CLIPBOARD_FORMATS) {
    if (!formats.has(format)) continue;
    if (inflated.length < offset + 4) return { invalid: `${format} is missing` };
    const end = offset + 4 + inflated.readUInt32BE(offset);
    if (inflated.length < end) return { invalid: `${format} is cut off` };
    const bytes = inflated.subarray(offset + 4, end);
    if (format === 'text' && !isUtf8(bytes)) return { invalid: 'the text is not UTF-8' };
    parts.set(format, format === 'text' && bytes.at(-1) === 0 ? bytes.subarray(0, -1) : bytes);
    offset = end;
  }
  return offset === inflated.length ? parts : { invalid: `${inflated.length - offset} bytes too many` };
}

function inflate(packed: Buffer, maxBytes: number): Buffer | Invalid | 'tooLarge' {
  try {
    // With `info` the answer says how much was read: what stands behind the end of a stream is otherwise passed over.
    const answer: unknown = inflateSync(packed, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: Math.max(1, maxBytes),
      info: true,
    });
    if (!isInfo(answer)) return { invalid: 'it cannot be inflated' };
    return answer.engine.bytesWritten === packed.length ? answer.buffer : { invalid: 'bytes behind the end of the stream' };
  } catch (error) {
    if (error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') return 'tooLarge';
    return { invalid: 'it cannot be inflated' };
  }
}

/** The types of Node know `info` for no call. */
function isInfo(answer: unknown): answer is { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } } {
  return (
    typeof answer === 'object' &&
    answer !== null &&
    'buffer' in answer &&
    Buffer.isBuffer(answer.buffer) &&
    'engine' in answer &&
    typeof answer.engine === 'object' &&
    answer.engine !== null &&
    'bytesWritten' in answer.engine
  );
}

/** Packs as viewers and desktops do: flushed, not ended; the text with its NUL. */
export function packProvide(parts: Parts): Extract<ClipboardMessage, { readonly action: 'provide' }> {
  const pieces = CLIPBOARD_FORMATS.flatMap((format) => {
    const part = parts.get(format);
    if (part === undefined) return [];
    const bytes = format === 'text' ? Buffer.concat([part, Buffer.of(0)]) : part;
    const size = Buffer.alloc(4);
    size.writeUInt32BE(bytes.length);
    return [size, bytes];
  });
  const packed = deflateSync(Buffer.concat(pieces), { finishFlush: constants.Z_SYNC_FLUSH });
  return { action: 'provide', formats: new Set(parts.keys()), packed };
}
