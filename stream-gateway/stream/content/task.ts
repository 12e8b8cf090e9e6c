// One clipboard to be judged in a worker thread, and the answer, as they are copied from one thread to the other.
import type { ClipboardFormat } from '../../../schemas/kinds/policies/dlp-rules.ts';
import type { Clip, ContentVerdict, Direction, Finding } from '../../dlp/clipboard/clip.ts';
import type { Words } from '../../dlp/content/judge.ts';
import type { MergedContentRule } from '../../dlp/content/rules.ts';

type Parts = readonly (readonly [ClipboardFormat, Uint8Array])[];

export interface JudgeTask {
  readonly rules: readonly MergedContentRule[];
  readonly direction: Direction;
  readonly parts: Parts;
  readonly before: Words;
}

/** `parts` of what passes. */
export interface JudgeAnswer {
  readonly parts: Parts | null;
  readonly findings: readonly Finding[];
}

export function partsOf(clip: Clip): Parts {
  return [...clip];
}

export function clipOf(parts: Parts): Clip {
  return new Map(parts.map(([format, bytes]) => [format, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)]));
}

export function answerOf(verdict: ContentVerdict): JudgeAnswer {
  return { parts: verdict.action === 'pass' ? partsOf(verdict.clip) : null, findings: verdict.findings };
}

export function verdictOf({ parts, findings }: JudgeAnswer): ContentVerdict {
  return parts === null ? { action: 'block', findings } : { action: 'pass', clip: clipOf(parts), findings };
}
