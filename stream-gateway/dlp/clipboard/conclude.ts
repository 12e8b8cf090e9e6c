// What becomes of a clipboard: denied, or passed on as the judges of its content left it.
import { type CutTextSender, cutText, latin1OfUtf8 } from '../../rfb/cut-text.ts';
import { buildExtendedClipboard, packProvide } from '../../rfb/extended-clipboard.ts';
import type { DenyRule } from '../verdict.ts';
import type { Clip, ContentVerdict, Direction, Finding } from './clip.ts';

export type ClipboardRule = Extract<DenyRule, `clipboard${string}`>;

export interface Denial {
  readonly rule: ClipboardRule;
  /** The way that the content would have gone, also where it was only asked for. */
  readonly direction: Direction;
  /** Whether somebody copied or pasted; false for what the two ends only ask each other. */
  readonly attempt: boolean;
  /** Of the content, as far as it was told. */
  readonly bytes?: number;
  /** Of what was read. */
  readonly sha256?: string;
  readonly findings?: readonly Finding[];
}

export interface Denied {
  readonly action: 'deny';
  readonly denial: Denial;
  /** Goes on in its place. */
  readonly instead?: Buffer;
}

/** A clipboard that passes all but the rules about its content. */
export interface HeldClip {
  readonly sender: CutTextSender;
  readonly direction: Direction;
  readonly clip: Clip;
  readonly bytes: number;
  /** Of its parts one after the other in the order of the format bits; text as UTF-8 without its NUL. */
  readonly sha256: string;
  /** The message as it came; of an extended one null, because what goes on is packed anew. */
  readonly plain: Buffer | null;
}

export type Conclusion =
  | { readonly action: 'pass'; readonly bytes: Buffer; readonly redacted: boolean; readonly findings: readonly Finding[] }
  | Denied;

/** What becomes of a held clipboard. `undefined`: nobody could judge it. */
export function conclude(held: HeldClip, verdict: ContentVerdict | undefined): Conclusion {
  const { sender, direction, bytes, sha256, plain } = held;
  const denied = (rule: ClipboardRule, findings: readonly Finding[]): Denied => ({
    ...deny({ rule, direction, attempt: true, bytes, sha256, findings }),
    ...(plain === null ? insteadOf(sender) : {}),
  });
  if (verdict === undefined) return denied('clipboardUnjudged', []);
  const { findings } = verdict;
  if (verdict.action === 'block' || verdict.clip.size === 0) return denied('clipboardContent', findings);
  const redacted = !sameClip(held.clip, verdict.clip);
  if (plain === null) {
    const payload = buildExtendedClipboard(packProvide(verdict.clip));
    return { action: 'pass', bytes: cutText(sender, payload, { extended: true }), redacted, findings };
  }
  if (!redacted) return { action: 'pass', bytes: plain, redacted, findings };
  const text = verdict.clip.get('text') ?? Buffer.alloc(0);
  return { action: 'pass', bytes: cutText(sender, latin1OfUtf8(text), { extended: false }), redacted, findings };
}

/**
 * A program in the desktop that pastes waits for the provide that was asked for. Told that the clipboard is gone, it goes on
 * at once. A browser waits for nothing.
 */
export function insteadOf(sender: CutTextSender): { readonly instead?: Buffer } {
  if (sender === 'server') return {};
  const gone = buildExtendedClipboard({ action: 'notify', formats: new Set() });
  return { instead: cutText(sender, gone, { extended: true }) };
}

function sameClip(one: Clip, other: Clip): boolean {
  return one.size === other.size && [...one].every(([format, bytes]) => other.get(format)?.equals(bytes) === true);
}

export function deny(denial: Denial): Denied {
  return { action: 'deny', denial };
}
