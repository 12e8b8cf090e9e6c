// @vitest-environment jsdom
// noVNC, with which this codec is compared, looks at its browser when it is loaded.
import { randomBytes } from 'node:crypto';
import { constants, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ClipboardFormat } from '../../schemas/kinds/policies/dlp-rules.ts';
import { cutText } from './cut-text.ts';
import {
  buildExtendedClipboard,
  CLIPBOARD_ACTIONS,
  CLIPBOARD_FORMATS,
  type ClipboardMessage,
  type Parts,
  packProvide,
  parseExtendedClipboard,
  unpackProvide,
} from './extended-clipboard.ts';

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};
const CAPS = 1 << 24;
const REQUEST = 1 << 25;
const PEEK = 1 << 26;
const NOTIFY = 1 << 27;
const PROVIDE = 1 << 28;
const TEXT = 1;

const formats = fc.uniqueArray(fc.constantFrom(...CLIPBOARD_FORMATS)).map((list) => new Set<ClipboardFormat>(list));
const message: fc.Arbitrary<ClipboardMessage> = fc.oneof(
  fc.record({
    action: fc.constant('caps' as const),
    actions: fc.uniqueArray(fc.constantFrom(...CLIPBOARD_ACTIONS.slice(1))).map((list) => new Set(list)),
    limits: fc.dictionary(fc.constantFrom(...CLIPBOARD_FORMATS), fc.nat()).map(
      (sizes) =>
        new Map(
          CLIPBOARD_FORMATS.flatMap((format) => {
            const size = sizes[format];
            return size === undefined ? [] : [[format, size] as const];
          }),
        ),
    ),
  }),
  fc.record({ action: fc.constantFrom('request' as const, 'notify' as const), formats }),
  fc.constant({ action: 'peek' as const }),
  fc.record({
    action: fc.constant('provide' as const),
    formats: formats.filter((set) => set.size > 0),
    packed: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  }),
);
const some = (maxLength: number) => fc.uint8Array({ minLength: 1, maxLength }).map((bytes) => Buffer.from(bytes));
/** Text as UTF-8, the rest as it is and never empty: noVNC stumbles over an empty part. */
const parts: fc.Arbitrary<Parts> = fc
  .record(
    { text: fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)), rtf: some(20), html: some(20), dib: some(5_000) },
    { requiredKeys: ['text'] },
  )
  .map(
    (record) =>
      new Map(
        CLIPBOARD_FORMATS.flatMap((format) => {
          const part = format === 'files' ? undefined : record[format];
          return part === undefined ? [] : [[format, part] as const];
        }),
      ),
  );

test('what is built is read back as the same message', () => {
  fc.assert(
    fc.property(message, (before) => {
      expect(parseExtendedClipboard(buildExtendedClipboard(before))).toEqual(before);
    }),
  );
});

test('whatever the payload is, the answer is a message or a reason, and a message is built into the same bytes again', () => {
  const flags = fc.oneof(
    fc.integer({ min: 0, max: 0xffffffff }),
    fc.integer({ min: 0, max: 0x3ff }).map((bits) => ((bits >> 5) << 24) | (bits & 0x1f)),
  );
  fc.assert(
    fc.property(flags, fc.uint8Array({ maxLength: 24 }), (bits, rest) => {
      const payload = Buffer.concat([u32(bits), rest]);
      const parsed = parseExtendedClipboard(payload);
      if ('invalid' in parsed) return;
      if (parsed.action !== 'peek') expect(buildExtendedClipboard(parsed)).toEqual(payload);
    }),
    { numRuns: 2_000 },
  );
});

describe('G-24 is no message:', () => {
  test.each([
    ['nothing at all', []],
    ['two actions', [u32(NOTIFY | PROVIDE | TEXT)]],
    ['no action', [u32(TEXT)]],
    ['a reserved format', [u32(NOTIFY | (1 << 5))]],
    ['a reserved bit in the middle', [u32(NOTIFY | TEXT | (1 << 16))]],
    ['a reserved action', [u32(NOTIFY | TEXT | (1 << 29))]],
    ['the highest action', [u32(0x80000000 | TEXT)]],
    ['bytes behind a notify', [u32(NOTIFY | TEXT), Buffer.of(0)]],
    ['bytes behind a request', [u32(REQUEST | TEXT), u32(7)]],
    ['bytes behind a peek', [u32(PEEK), u32(7)]],
    ['caps with a size too few', [u32(CAPS | PROVIDE | 3), u32(7)]],
    ['caps with a size too many', [u32(CAPS | PROVIDE | 1), u32(7), u32(7)]],
    ['a provide of nothing', [u32(PROVIDE), deflateSync(Buffer.alloc(0))]],
  ])('%s', (_name, payload) => {
    expect(parseExtendedClipboard(Buffer.concat(payload))).toHaveProperty('invalid');
  });
});

test('in caps the other actions are what the sender understands', () => {
  expect(parseExtendedClipboard(Buffer.concat([u32(CAPS | REQUEST | NOTIFY | PROVIDE | 5), u32(10), u32(20)]))).toEqual({
    action: 'caps',
    actions: new Set(['request', 'notify', 'provide']),
    limits: new Map([
      ['text', 10],
      ['html', 20],
    ]),
  });
});

describe('a provide', () => {
  const provide = (packed: Buffer, of: readonly ClipboardFormat[] = ['text']) =>
    ({ action: 'provide', formats: new Set(of), packed }) as const;
  const flushed = (...pieces: Buffer[]): Buffer => deflateSync(Buffer.concat(pieces), { finishFlush: constants.Z_SYNC_FLUSH });
  const HELLO = [u32(6), Buffer.from('hello\0')];

  test('that is packed is unpacked to the same parts', () => {
    fc.assert(
      fc.property(parts, (before) => {
        expect(unpackProvide(packProvide(before), 1 << 20)).toEqual(before);
      }),
    );
  });

  test.each([
    ['flushed, as viewers do', flushed(...HELLO)],
    ['ended', deflateSync(Buffer.concat(HELLO))],
  ])('whose stream is %s is read', (_name, packed) => {
    expect(unpackProvide(provide(packed), 100)).toEqual(new Map([['text', Buffer.from('hello')]]));
  });

  test('of text without its NUL is the same text, and only one NUL is taken off', () => {
    expect(unpackProvide(provide(flushed(u32(2), Buffer.from('hi'))), 100)).toEqual(new Map([['text', Buffer.from('hi')]]));
    expect(unpackProvide(provide(flushed(u32(4), Buffer.from('hi\0\0'))), 100)).toEqual(new Map([['text', Buffer.from('hi\0')]]));
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['no zlib', Buffer.from('hello')],
    ['a stream that is cut', flushed(...HELLO).subarray(0, 10)],
    ['a wrong checksum', Buffer.concat([deflateSync(Buffer.concat(HELLO)).subarray(0, -4), Buffer.alloc(4)])],
    ['bytes behind the stream', Buffer.concat([deflateSync(Buffer.concat(HELLO)), Buffer.from('more')])],
    ['bytes behind the text', flushed(...HELLO, Buffer.from('more'))],
    ['less text than its size says', flushed(u32(7), Buffer.from('hello\0'))],
    ['a size of 4 GB', flushed(u32(0xffffffff), Buffer.from('hello\0'))],
    ['a size that is cut', flushed(Buffer.of(0, 0, 0))],
    ['text that is not UTF-8', flushed(u32(3), Buffer.from([0xc0, 0xaf, 0]))],
    ['a preset dictionary', deflateSync(Buffer.concat(HELLO), { dictionary: Buffer.from('hello') })],
  ])('that has %s is invalid', (_name, packed) => {
    expect(unpackProvide(provide(packed), 100)).toHaveProperty('invalid');
  });

  test('of a format whose part is missing is invalid', () => {
    expect(unpackProvide(provide(flushed(...HELLO), ['text', 'html']), 100)).toEqual({ invalid: 'html is missing' });
  });

  test('that is a bomb is stopped at the limit', () => {
    const bomb = provide(deflateSync(Buffer.concat([u32(60_000_000), Buffer.alloc(60_000_000)])));
    const before = process.memoryUsage().arrayBuffers;
    expect(unpackProvide(bomb, 64 * 1024)).toBe('tooLarge');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
  });

  test('of random bytes, or mutated, is never more than the limit and never throws', () => {
    const whole = packProvide(new Map([['text', Buffer.from(randomBytes(300).toString('hex'))]]));
    const mutation = fc.record({ at: fc.nat({ max: whole.packed.length - 1 }), to: fc.nat({ max: 255 }) });
    const mutant = fc.array(mutation, { minLength: 1, maxLength: 4 }).map((list) => {
      const copy = Buffer.from(whole.packed);
      for (const { at, to } of list) copy[at] = to;
      return copy;
    });
    const random = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.concat([Buffer.of(0x78, 0x9c), bytes]));
    fc.assert(
      fc.property(fc.oneof(mutant, random), formats, (packed, of) => {
        const result = unpackProvide({ action: 'provide', formats: of, packed }, 2_000);
        if (result === 'tooLarge' || 'invalid' in result) return;
        expect([...result.values()].reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(2_000);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('noVNC', () => {
  interface Messages {
    extendedClipboardProvide(sock: unknown, formats: readonly number[], data: readonly string[]): void;
    extendedClipboardNotify(sock: unknown, formats: readonly number[]): void;
    extendedClipboardRequest(sock: unknown, formats: readonly number[]): void;
    extendedClipboardCaps(sock: unknown, actions: readonly number[], formats: Record<number, number>): void;
  }
  let novnc: { readonly messages: Messages; readonly prototype: { _handleServerCutText(this: object): boolean } };
  beforeAll(async () => {
    const path = '../../node_modules/@novnc/novnc/core/rfb.js';
    ({ default: novnc } = await import(/* @vite-ignore */ path));
  });

  /** What noVNC writes: its eight bytes of header and the payload. */
  function written(write: (sock: unknown) => void): Buffer {
    const bytes: number[] = [];
    write({
      sQpush8: (value: number) => bytes.push(value & 0xff),
      sQpush16: (value: number) => bytes.push((value >> 8) & 0xff, value & 0xff),
      sQpush32: (value: number) => bytes.push(...u32(value)),
      sQpushBytes: (more: Uint8Array) => bytes.push(...more),
      flush: () => undefined,
    });
    return Buffer.from(bytes);
  }

  /** The text that noVNC gives to its page, or what it answered. */
  function shown(payload: Buffer): string | undefined {
    const bytes = cutText('server', payload, { extended: true });
    let offset = 1;
    let text: string | undefined;
    const take = (count: number): Uint8Array => {
      offset += count;
      return new Uint8Array(bytes.subarray(offset - count, offset));
    };
    novnc.prototype._handleServerCutText.call({
      _viewOnly: false,
      _sock: {
        rQwait: () => false,
        rQskipBytes: (count: number) => take(count),
        rQshift32: () => Buffer.from(take(4)).readUInt32BE(0),
        rQshiftBytes: (count: number) => take(count),
      },
      dispatchEvent: (event: CustomEvent<{ text: string }>) => {
        text = event.detail.text;
      },
    });
    expect(offset).toBe(bytes.length);
    return text;
  }

  test('packs what we unpack', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 3_000 }), (text) => {
        const payload = written((sock) => novnc.messages.extendedClipboardProvide(sock, [TEXT], [text])).subarray(8);
        const parsed = parseExtendedClipboard(payload);
        if ('invalid' in parsed || parsed.action !== 'provide') throw new Error('not a provide');
        expect(unpackProvide(parsed, 1 << 20)).toEqual(new Map([['text', Buffer.from(text.replace(/\r\n|\r|\n/g, '\r\n'))]]));
      }),
      { numRuns: 60 },
    );
  });

  // Of several formats it reads the text only when it is the last: it asks for no other.
  test('unpacks what we pack', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 3_000 }), (text) => {
        fc.pre(!text.endsWith('\0'));
        const payload = buildExtendedClipboard(packProvide(new Map([['text', Buffer.from(text)]])));
        expect(shown(payload)).toBe(text.replaceAll('\r\n', '\n'));
      }),
      { numRuns: 60 },
    );
  });

  test('notifies, requests and tells its caps in words that we know', () => {
    const read = (write: (sock: unknown) => void) => parseExtendedClipboard(written(write).subarray(8));
    expect(read((sock) => novnc.messages.extendedClipboardNotify(sock, [TEXT]))).toEqual({
      action: 'notify',
      formats: new Set(['text']),
    });
    expect(read((sock) => novnc.messages.extendedClipboardNotify(sock, []))).toEqual({ action: 'notify', formats: new Set() });
    expect(read((sock) => novnc.messages.extendedClipboardRequest(sock, [TEXT]))).toEqual({
      action: 'request',
      formats: new Set(['text']),
    });
    expect(read((sock) => novnc.messages.extendedClipboardCaps(sock, [CAPS, REQUEST, PEEK, NOTIFY, PROVIDE], { 0: 0 }))).toEqual({
      action: 'caps',
      actions: new Set(['request', 'peek', 'notify', 'provide']),
      limits: new Map([['text', 0]]),
    });
  });
});
