import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClipboardFormat, MergedDlpRules } from '../../../schemas/kinds/policies/dlp-rules.ts';
import { type CutTextSender, cutText } from '../../rfb/cut-text.ts';
import {
  buildExtendedClipboard,
  type ClipboardMessage,
  packProvide,
  parseExtendedClipboard,
  unpackProvide,
} from '../../rfb/extended-clipboard.ts';
import { RateAllowance } from '../rate.ts';
import type { Clip } from './clip.ts';
import { conclude, type HeldClip } from './conclude.ts';
import { ClipboardGate, type GateStep, mayBeRead } from './gate.ts';

type Clipboard = MergedDlpRules['clipboard'];
const rulesOf = (clipboard: Partial<Clipboard> = {}): MergedDlpRules => ({
  clipboard: {
    up: true,
    down: true,
    maxBytes: 1_000,
    formats: ['text', 'rtf', 'html', 'dib', 'files'],
    windowSeconds: 0,
    rules: [],
    ...clipboard,
  },
});
const step = (
  sender: CutTextSender,
  message: Buffer,
  rules = rulesOf(),
  { gate = new ClipboardGate(sender), rate = new RateAllowance(60_000) } = {},
): GateStep => gate.judge(message, rules, rate, 0);
const plain = (sender: CutTextSender, text: string): Buffer => cutText(sender, Buffer.from(text, 'latin1'), { extended: false });
const extended = (sender: CutTextSender, message: ClipboardMessage): Buffer =>
  cutText(sender, buildExtendedClipboard(message), { extended: true });
const formats = (...list: ClipboardFormat[]): ReadonlySet<ClipboardFormat> => new Set(list);
const clipOf = (parts: Readonly<Partial<Record<ClipboardFormat, string>>>): Clip =>
  new Map(Object.entries(parts).map(([format, text]) => [format as ClipboardFormat, Buffer.from(text)]));
const provide = (sender: CutTextSender, parts: Parameters<typeof clipOf>[0]): Buffer =>
  extended(sender, packProvide(clipOf(parts)));
const GONE = extended('client', { action: 'notify', formats: formats() });

function heldOf(found: GateStep): HeldClip {
  if (found.action !== 'judge') throw new Error(`nothing to judge: ${JSON.stringify(found)}`);
  return found.held;
}

describe('a plain clipboard', () => {
  test.each([
    ['client', 'Up'],
    ['server', 'Down'],
  ] as const)('of the %s is judged as UTF-8 and passes as it came', (sender, direction) => {
    const message = plain(sender, 'Grüße');
    const held = heldOf(step(sender, message));
    const sha256 = createHash('sha256').update('Grüße').digest('hex');
    expect(held).toMatchObject({ direction, bytes: 5, sha256 });
    expect(held.clip.get('text')?.toString()).toBe('Grüße');
    const verdict = { action: 'pass', clip: clipOf({ text: 'Grüße' }), findings: [] } as const;
    expect(conclude(held, verdict)).toEqual({ action: 'pass', bytes: message, redacted: false, findings: [] });
  });

  test('that was redacted is Latin-1 again, with ? for what Latin-1 lacks', () => {
    const held = heldOf(step('client', plain('client', 'card 4111')));
    expect(conclude(held, { action: 'pass', clip: clipOf({ text: 'ü € ****' }), findings: [] })).toEqual({
      action: 'pass',
      bytes: plain('client', 'ü ? ****'),
      redacted: true,
      findings: [],
    });
  });

  test.each([
    ['up is off', 'client', { up: false }, 'clipboardUpOff'],
    ['down is off', 'server', { down: false }, 'clipboardDownOff'],
    ['it is a byte too long', 'client', { maxBytes: 4 }, 'clipboardSize'],
    ['no size is allowed', 'server', { maxBytes: 0 }, 'clipboardSize'],
    ['text is no format that passes', 'client', { formats: ['html'] }, 'clipboardFormat'],
    ['no clipboard a minute is allowed', 'server', { perMinute: 0 }, 'clipboardRate'],
  ] as const)('is denied where %s', (_name, sender, clipboard, rule) => {
    expect(step(sender, plain(sender, 'hello'), rulesOf(clipboard as Partial<Clipboard>))).toMatchObject({
      action: 'deny',
      denial: { rule, bytes: 5, attempt: true, direction: sender === 'client' ? 'Up' : 'Down' },
    });
  });

  test('G-20 of one byte over the limit is denied on its header alone', () => {
    const header = Buffer.from([6, 0, 0, 0, 0, 0, 0x03, 0xe9]);
    expect(mayBeRead({ extended: false, length: 1_001 }, 'client', rulesOf())).toBe(false);
    expect(mayBeRead({ extended: false, length: 1_000 }, 'client', rulesOf())).toBe(true);
    expect(step('client', header)).toMatchObject({ action: 'deny', denial: { rule: 'clipboardSize', bytes: 1_001 } });
  });

  test('that is off or of no format that passes need not be read either', () => {
    const header = { extended: false, length: 5 };
    expect(mayBeRead(header, 'client', rulesOf({ up: false }))).toBe(false);
    expect(mayBeRead(header, 'server', rulesOf({ up: false }))).toBe(true);
    expect(mayBeRead(header, 'server', rulesOf({ formats: ['dib'] }))).toBe(false);
  });

  test('G-29 has a rate of its own in each direction, of which a denied one takes nothing', () => {
    const rules = rulesOf({ perMinute: 2, maxBytes: 5 });
    const up = new RateAllowance(60_000);
    const upGate = { gate: new ClipboardGate('client'), rate: up };
    for (const text of ['one', 'too long', 'two']) step('client', plain('client', text), rules, upGate);
    expect(step('client', plain('client', 'three'), rules, upGate)).toMatchObject({ denial: { rule: 'clipboardRate' } });
    expect(step('server', plain('server', 'one'), rules)).toHaveProperty('action', 'judge');
  });
});

describe('an extended clipboard', () => {
  test('is unpacked, judged and packed again', () => {
    const held = heldOf(step('client', provide('client', { text: 'a\r\nb', html: '<b>' })));
    expect([held.bytes, [...held.clip.keys()]]).toEqual([7, ['text', 'html']]);
    const passed = conclude(held, { action: 'pass', clip: held.clip, findings: [] });
    if (passed.action !== 'pass') throw new Error('denied');
    const again = parseExtendedClipboard(passed.bytes.subarray(8));
    if ('invalid' in again || again.action !== 'provide') throw new Error('no provide');
    expect(unpackProvide(again, 1_000)).toEqual(held.clip);
  });

  test('loses the formats that do not pass, and empty parts but for the text', () => {
    const rules = rulesOf({ formats: ['text', 'dib'] });
    const held = heldOf(step('server', provide('server', { text: '', html: '<b>', dib: '' }), rules));
    expect([...held.clip.keys()]).toEqual(['text']);
    expect(step('server', provide('server', { html: '<b>' }), rules)).toMatchObject({ denial: { rule: 'clipboardFormat' } });
  });

  test.each([
    ['up is off', { up: false }, 'clipboardUpOff'],
    ['what passes of it is a byte too long', { maxBytes: 4 }, 'clipboardSize'],
    ['the rate is used up', { perMinute: 0 }, 'clipboardRate'],
  ] as const)('is denied where %s, and the desktop is told that there is nothing', (_name, clipboard, rule) => {
    const found = step('client', provide('client', { text: 'hello' }), rulesOf(clipboard));
    expect(found).toMatchObject({ action: 'deny', denial: { rule, attempt: true }, instead: GONE });
  });

  test('is measured unpacked: a bomb is too long, and does not count for a format that is left out', () => {
    const bomb = Buffer.concat([
      Buffer.of(0x10, 0, 0, 1),
      deflateSync(Buffer.concat([Buffer.of(0, 0x98, 0x96, 0x80), Buffer.alloc(1e7)])),
    ]);
    expect(step('client', cutText('client', bomb, { extended: true }))).toMatchObject({ denial: { rule: 'clipboardSize' } });
    const beside = provide('client', { text: 'hi', html: 'x'.repeat(20_000) });
    expect(heldOf(step('client', beside, rulesOf({ formats: ['text'] }))).bytes).toBe(2);
  });

  test('that is packed into more than any allowed content could be is denied on its header', () => {
    expect(mayBeRead({ extended: true, length: 1_000 + 32 * 1024 + 1 }, 'client', rulesOf())).toBe(false);
    const header = Buffer.from([6, 0, 0, 0, 0xff, 0xf0, 0, 0]);
    expect(step('client', header)).toMatchObject({ denial: { rule: 'clipboardSize', attempt: true } });
  });

  test('that is blocked, or that nobody could judge, is told as gone', () => {
    const held = heldOf(step('client', provide('client', { text: 'secret' })));
    const findings = [{ policy: 'streamspace/baseline', rule: 'secret', action: 'Block', count: 1 }] as const;
    expect(conclude(held, { action: 'block', findings })).toMatchObject({
      action: 'deny',
      denial: { rule: 'clipboardContent', findings, bytes: 6, sha256: held.sha256 },
      instead: GONE,
    });
    expect(conclude(held, undefined)).toMatchObject({ denial: { rule: 'clipboardUnjudged' }, instead: GONE });
    const down = heldOf(step('server', provide('server', { text: 'secret' })));
    expect(conclude(down, { action: 'block', findings })).not.toHaveProperty('instead');
  });

  test.each([
    ['a notify', 'server', { action: 'notify', formats: formats('text') }, { down: false }, 'clipboardDownOff', true],
    ['a request', 'client', { action: 'request', formats: formats('text') }, { down: false }, 'clipboardDownOff', false],
    ['a peek', 'client', { action: 'peek' }, { down: false }, 'clipboardDownOff', false],
    ['a notify', 'client', { action: 'notify', formats: formats('text') }, { up: false }, 'clipboardUpOff', true],
    ['a request', 'server', { action: 'request', formats: formats('text') }, { up: false }, 'clipboardUpOff', false],
    ['a peek', 'server', { action: 'peek' }, { up: false }, 'clipboardUpOff', false],
    ['a notify', 'server', { action: 'notify', formats: formats('dib') }, { formats: ['text'] }, 'clipboardFormat', true],
    ['a request', 'client', { action: 'request', formats: formats('dib') }, { formats: ['text'] }, 'clipboardFormat', false],
  ] as const)('%s of the %s about what may not pass is left out', (_name, sender, message, clipboard, rule, attempt) => {
    expect(step(sender, extended(sender, message), rulesOf(clipboard as Partial<Clipboard>))).toMatchObject({
      action: 'deny',
      denial: { rule, attempt, direction: rule === 'clipboardUpOff' ? 'Up' : 'Down' },
    });
  });

  test.each(['notify', 'request'] as const)('a %s passes with the formats that may', (action) => {
    const message = extended('server', { action, formats: formats('text', 'html') });
    expect(step('server', message, rulesOf({ formats: ['text'] }))).toEqual({
      action: 'forward',
      bytes: extended('server', { action, formats: formats('text') }),
    });
  });

  test('that there is nothing on a clipboard may be told', () => {
    expect(step('server', extended('server', { action: 'notify', formats: formats() }))).toHaveProperty('action', 'forward');
  });

  test('G-24 of two actions or reserved bits is dropped, whatever the rules are', () => {
    for (const flags of [0x18000001, 0x08000021, 0x00000001, 0x28000001]) {
      const payload = Buffer.alloc(4);
      payload.writeUInt32BE(flags);
      expect(step('client', cutText('client', payload, { extended: true }))).toEqual({
        action: 'deny',
        denial: { rule: 'clipboardInvalid', direction: 'Up', attempt: false },
      });
    }
  });
});

describe('caps', () => {
  const actions = new Set(['request', 'notify', 'provide'] as const);
  const caps = (sender: CutTextSender, limits: Readonly<Partial<Record<ClipboardFormat, number>>>): Buffer =>
    extended(sender, { action: 'caps', actions, limits: new Map(Object.entries(limits) as [ClipboardFormat, number][]) });

  test.each([
    ['server', { up: false }, {}],
    ['server', { down: false }, { text: 1_000, html: 5 }],
    ['client', { down: false }, {}],
    ['client', { formats: ['html'] }, { html: 5 }],
  ] as const)('of the %s under %j tell %j', (sender, clipboard, limits) => {
    expect(step(sender, caps(sender, { text: 5_000, html: 5 }), rulesOf(clipboard as Partial<Clipboard>))).toEqual({
      action: 'forward',
      bytes: caps(sender, limits),
    });
  });

  test('G-32 are told anew when other rules change them, and only then', () => {
    const gate = new ClipboardGate('server');
    expect(gate.announcement(rulesOf())).toBeUndefined();
    step('server', caps('server', { text: 5_000 }), rulesOf({ up: false }), { gate });
    expect(gate.announcement(rulesOf({ up: false, perMinute: 3 }))).toBeUndefined();
    expect(gate.announcement(rulesOf())).toEqual(caps('server', { text: 1_000 }));
    expect(gate.announcement(rulesOf())).toBeUndefined();
  });
});

test('whatever one end sends, nothing passes in a direction that is off', () => {
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc
      .tuple(fc.constantFrom(0x01, 0x02, 0x04, 0x08, 0x10), fc.integer({ min: 0, max: 31 }), fc.uint8Array({ maxLength: 30 }))
      .map(([action, bits, rest]) => Buffer.concat([Buffer.of(action, 0, 0, bits), rest])),
    fc.string().map((text) => buildExtendedClipboard(packProvide(clipOf({ text })))),
  );
  fc.assert(
    fc.property(fc.constantFrom('client' as const, 'server' as const), payload, fc.boolean(), (sender, bytes, isExtended) => {
      fc.pre(bytes.length >= 4);
      const rules = rulesOf(sender === 'client' ? { up: false } : { down: false });
      const found = step(sender, cutText(sender, bytes, { extended: isExtended }), rules);
      expect(found.action).not.toBe('judge');
      if (found.action !== 'forward') return;
      const message = parseExtendedClipboard(found.bytes.subarray(8));
      expect('action' in message && (message.action !== 'notify' || message.formats.size === 0)).toBe(true);
      expect(message).not.toHaveProperty('action', 'provide');
    }),
    { numRuns: 1_000 },
  );
});
