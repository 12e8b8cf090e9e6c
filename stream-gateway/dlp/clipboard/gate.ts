// The clipboard of one end of a stream under the rules of its policy: what passes, what passes changed, what does not, and
// what is left to the judges of content. Pure; the rules, the rate and the time are arguments.
import { createHash } from 'node:crypto';
import type { ClipboardFormat, MergedDlpRules } from '../../../schemas/kinds/policies/dlp-rules.ts';
import {
  CUT_TEXT_HEADER_BYTES,
  type CutTextHeader,
  type CutTextSender,
  cutText,
  cutTextHeader,
  utf8OfLatin1,
} from '../../rfb/cut-text.ts';
import {
  buildExtendedClipboard,
  CLIPBOARD_FORMATS,
  type ClipboardMessage,
  type Invalid,
  parseExtendedClipboard,
  unpackProvide,
} from '../../rfb/extended-clipboard.ts';
import { PACKING_BYTES } from '../../rfb/limits.ts';
import type { RateAllowance } from '../rate.ts';
import type { Clip, Direction } from './clip.ts';
import { type ClipboardRule, type Denial, type Denied, deny, type HeldClip, insteadOf } from './conclude.ts';

export type GateStep =
  | { readonly action: 'forward'; readonly bytes: Buffer }
  | { readonly action: 'judge'; readonly held: HeldClip }
  | Denied;

const CONTENT_OF: Readonly<Record<CutTextSender, Direction>> = { client: 'Up', server: 'Down' };
const ANSWERED_BY: Readonly<Record<CutTextSender, Direction>> = { client: 'Down', server: 'Up' };
const OFF: Readonly<Record<Direction, ClipboardRule>> = { Up: 'clipboardUpOff', Down: 'clipboardDownOff' };
/** What may be unpacked above the limit, so that a format which is left out does not count against those that pass. */
const UNPACK_EXTRA_BYTES = 64 * 1024;

const isOn = ({ clipboard }: MergedDlpRules, direction: Direction): boolean =>
  direction === 'Up' ? clipboard.up : clipboard.down;

/**
 * Whether a clipboard may be buffered at all, told on its header: a longer one can be denied already. An extended one is
 * packed, and says behind its header only what it is.
 */
export function mayBeRead({ extended, length }: CutTextHeader, sender: CutTextSender, rules: MergedDlpRules): boolean {
  const { maxBytes, formats } = rules.clipboard;
  if (extended) return length <= maxBytes + PACKING_BYTES;
  return isOn(rules, CONTENT_OF[sender]) && length <= maxBytes && formats.includes('text');
}

/** One for each end of a stream. */
export class ClipboardGate {
  readonly #sender: CutTextSender;
  #caps: Extract<ClipboardMessage, { readonly action: 'caps' }> | undefined;
  #announced: Buffer | undefined;

  constructor(sender: CutTextSender) {
    this.#sender = sender;
  }

  /**
   * @param message a whole cut text, or the header of one that was not read ({@link mayBeRead})
   * @param rate of the clipboards of this direction
   */
  judge(message: Buffer, rules: MergedDlpRules, rate: RateAllowance, nowMs: number): GateStep {
    const header = cutTextHeader(message);
    const payload = message.subarray(CUT_TEXT_HEADER_BYTES);
    if (header.extended && payload.length >= header.length) return this.#extended(payload, rules, rate, nowMs);
    const direction = CONTENT_OF[this.#sender];
    const about = { direction, attempt: true, bytes: header.length };
    if (!isOn(rules, direction)) return deny({ rule: OFF[direction], ...about });
    if (header.extended || header.length > rules.clipboard.maxBytes) return deny({ rule: 'clipboardSize', ...about });
    if (!rules.clipboard.formats.includes('text')) return deny({ rule: 'clipboardFormat', ...about });
    // Above what the reader keeps of any clipboard, whatever the policy says.
    if (payload.length < header.length) return deny({ rule: 'clipboardSize', ...about });
    return this.#content(new Map([['text', utf8OfLatin1(payload)]]), header.length, message, rules, rate, nowMs);
  }

  /** What the other end has to be told anew under other rules: the caps of this one. */
  announcement(rules: MergedDlpRules): Buffer | undefined {
    if (this.#caps === undefined) return undefined;
    const limits = new Map(
      [...this.#caps.limits].flatMap(([format, size]) =>
        isOn(rules, ANSWERED_BY[this.#sender]) && rules.clipboard.formats.includes(format)
          ? [[format, Math.min(size, rules.clipboard.maxBytes)] as const]
          : [],
      ),
    );
    const bytes = this.#message({ ...this.#caps, limits });
    if (this.#announced?.equals(bytes) === true) return undefined;
    this.#announced = bytes;
    return bytes;
  }

  #extended(payload: Buffer, rules: MergedDlpRules, rate: RateAllowance, nowMs: number): GateStep {
    const direction = CONTENT_OF[this.#sender];
    const other = ANSWERED_BY[this.#sender];
    const message = parseExtendedClipboard(payload);
    if ('invalid' in message) return deny({ rule: 'clipboardInvalid', direction, attempt: false });
    switch (message.action) {
      case 'caps': {
        this.#caps = message;
        this.#announced = undefined;
        const bytes = this.announcement(rules);
        return bytes === undefined ? deny({ rule: 'clipboardInvalid', direction, attempt: false }) : { action: 'forward', bytes };
      }
      case 'peek':
        if (!isOn(rules, other)) return deny({ rule: OFF[other], direction: other, attempt: false });
        return { action: 'forward', bytes: this.#message(message) };
      case 'request': {
        if (!isOn(rules, other)) return deny({ rule: OFF[other], direction: other, attempt: false });
        const formats = allowed(message.formats, rules);
        if (formats.size === 0) return deny({ rule: 'clipboardFormat', direction: other, attempt: false });
        return { action: 'forward', bytes: this.#message({ action: 'request', formats }) };
      }
      case 'notify': {
        if (!isOn(rules, direction)) return deny({ rule: OFF[direction], direction, attempt: message.formats.size > 0 });
        const formats = allowed(message.formats, rules);
        // That there is nothing may be told.
        if (formats.size === 0 && message.formats.size > 0) return deny({ rule: 'clipboardFormat', direction, attempt: true });
        return { action: 'forward', bytes: this.#message({ action: 'notify', formats }) };
      }
      case 'provide':
        return this.#provide(message, rules, rate, nowMs);
    }
  }

  #provide(
    message: Extract<ClipboardMessage, { readonly action: 'provide' }>,
    rules: MergedDlpRules,
    rate: RateAllowance,
    nowMs: number,
  ): GateStep {
    const direction = CONTENT_OF[this.#sender];
    const { maxBytes } = rules.clipboard;
    if (!isOn(rules, direction)) return this.#denied({ rule: OFF[direction], direction, attempt: true });
    const parts = unpackProvide(message, maxBytes + UNPACK_EXTRA_BYTES);
    if (parts === 'tooLarge') return this.#denied({ rule: 'clipboardSize', direction, attempt: true });
    if (isInvalid(parts)) return this.#denied({ rule: 'clipboardInvalid', direction, attempt: true });
    // noVNC stumbles over an empty part that is no text.
    const clip = new Map(
      [...parts].filter(([format, { length }]) => rules.clipboard.formats.includes(format) && (format === 'text' || length > 0)),
    );
    const bytes = bytesOf(clip);
    if (clip.size === 0) return this.#denied({ rule: 'clipboardFormat', direction, attempt: true, bytes: bytesOf(parts) });
    if (bytes > maxBytes) return this.#denied({ rule: 'clipboardSize', direction, attempt: true, bytes });
    return this.#content(clip, bytes, null, rules, rate, nowMs);
  }

  #content(clip: Clip, bytes: number, plain: Buffer | null, rules: MergedDlpRules, rate: RateAllowance, nowMs: number): GateStep {
    const direction = CONTENT_OF[this.#sender];
    const sha256 = hashOf(clip);
    const { perMinute } = rules.clipboard;
    if (perMinute !== undefined && !rate.take(perMinute, nowMs)) {
      const denial = { rule: 'clipboardRate', direction, attempt: true, bytes, sha256 } as const;
      return plain === null ? this.#denied(denial) : deny(denial);
    }
    return { action: 'judge', held: { sender: this.#sender, direction, clip, bytes, sha256, plain } };
  }

  #denied(denial: Denial): Denied {
    return { ...deny(denial), ...insteadOf(this.#sender) };
  }

  #message(message: ClipboardMessage): Buffer {
    return cutText(this.#sender, buildExtendedClipboard(message), { extended: true });
  }
}

function allowed(formats: ReadonlySet<ClipboardFormat>, { clipboard }: MergedDlpRules): ReadonlySet<ClipboardFormat> {
  return new Set([...formats].filter((format) => clipboard.formats.includes(format)));
}

function isInvalid(parts: Clip | Invalid): parts is Invalid {
  return 'invalid' in parts;
}

function bytesOf(clip: Clip): number {
  return [...clip.values()].reduce((sum, { length }) => sum + length, 0);
}

function hashOf(clip: Clip): string {
  const hash = createHash('sha256');
  for (const format of CLIPBOARD_FORMATS) hash.update(clip.get(format) ?? '');
  return hash.digest('hex');
}
