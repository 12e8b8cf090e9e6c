// What the content of one clipboard comes to under the rules: the strictest action wins, and everything that was found is told.
import { isUtf8 } from 'node:buffer';
import type { ClipboardFormat } from '../../../schemas/kinds/policies/dlp-rules.ts';
import type { Clip, ContentVerdict, Direction, Finding } from '../clipboard/clip.ts';
import type { Detect } from './detectors/all.ts';
import { textOfHtml, textOfRtf } from './markup.ts';
import { appliesTo, type ReadyRule } from './rules.ts';
import { blackedOut, type Span, union } from './span.ts';
import { viewsOf } from './view.ts';

/** What can be read: the others are pictures and lists of files. */
const READABLE = ['text', 'html', 'rtf'] as const satisfies readonly ClipboardFormat[];

/** Words by format. */
export type Words = ReadonlyMap<ClipboardFormat, string>;

/**
 * @param before what was copied the same way shortly before, oldest first; a rule that matches over the seam found something
 *   that was cut in two
 */
export function judgeContent(
  rules: readonly ReadyRule[],
  direction: Direction,
  clip: Clip,
  before: Words = new Map(),
): ContentVerdict {
  const found = new Map<ReadyRule, number>();
  const note = (rule: ReadyRule, count: number): void => void (count > 0 && found.set(rule, (found.get(rule) ?? 0) + count));
  const ours = rules.filter((rule) => appliesTo(rule, direction));
  const texts = readableParts(clip);
  const words = wordsOf(clip);
  let blocked = false;
  for (const rule of ours) {
    if (rule.find === undefined) {
      note(rule, 1);
      blocked = true;
      continue;
    }
    const { find } = rule;
    // One copy of a text in three formats is one.
    const count = Math.max(0, ...[...texts].map(([format, text]) => findIn(find, format, text).length));
    const overSeam = Math.max(0, ...[...words].map(([format, text]) => countOverSeam(find, before.get(format) ?? '', text)));
    note(rule, count + overSeam);
    // One half is with the other side already: to black out the second would leave the first.
    if ((rule.action === 'Block' && count > 0) || (rule.action !== 'Report' && overSeam > 0)) blocked = true;
  }
  const redacts = [...found.keys()].some(({ action }) => action === 'Redact');
  const left = blocked ? undefined : redacts ? redact(clip, texts, ours) : clip;
  const findings: readonly Finding[] = [...found].map(([{ policy, rule, action }, count]) => ({ policy, rule, action, count }));
  return left === undefined ? { action: 'block', findings } : { action: 'pass', clip: left, findings };
}

/** What can be read of a clipboard, markup left out: as the sliding window remembers it. */
export function wordsOf(clip: Clip): Words {
  return new Map([...readableParts(clip)].map(([format, { text }]) => [format, wordsIn(format, text)]));
}

interface Readable {
  readonly text: string;
  /** Of bytes that are no UTF-8: what is left of them when they are taken for it. */
  readonly asUtf8?: string;
}

function readableParts(clip: Clip): ReadonlyMap<ClipboardFormat, Readable> {
  const texts = new Map<ClipboardFormat, Readable>();
  for (const format of READABLE) {
    const bytes = clip.get(format);
    if (bytes === undefined) continue;
    // A program that takes Latin-1 for UTF-8, or one byte that is to make us believe it.
    if (isUtf8(bytes)) texts.set(format, { text: bytes.toString('utf8') });
    else texts.set(format, { text: bytes.toString('latin1'), asUtf8: bytes.toString('utf8') });
  }
  return texts;
}

function wordsIn(format: ClipboardFormat, text: string): string {
  return format === 'html' ? textOfHtml(text) : format === 'rtf' ? textOfRtf(text) : text;
}

/** Where it stands in the part itself, as far as that can be told; else the whole part. */
function findIn(find: Detect, format: ClipboardFormat, { text, asUtf8 }: Readable): readonly Span[] {
  const spans = viewsOf(text).flatMap(({ text: seen, origin }) => find(seen).map(origin));
  if (spans.length > 0) return union(spans);
  const others = [
    ...(asUtf8 === undefined ? [] : [asUtf8, wordsIn(format, asUtf8)]),
    ...(format === 'text' ? [] : [wordsIn(format, text)]),
  ];
  const inOthers = others.some((other) => viewsOf(other).some(({ text: seen }) => find(seen).length > 0));
  return inOthers ? [{ start: 0, end: text.length }] : [];
}

function countOverSeam(find: Detect, before: string, text: string): number {
  if (before === '') return 0;
  const seam = before.length;
  const spans = viewsOf(before + text).flatMap(({ text: seen, origin }) => find(seen).map(origin));
  return union(spans.filter(({ start, end }) => start < seam && end > seam)).length;
}

/** What is blacked out may uncover what it stood beside, so it is looked at again; no honest text needs more than two rounds. */
const ROUNDS = 4;

/**
 * Text is blacked out. Markup with something in it is left out: the text says the same, and to rewrite markup is a risk.
 * `undefined`: nothing would be left, or what has to be stopped came to light, or there is no end of it.
 */
function redact(clip: Clip, texts: ReadonlyMap<ClipboardFormat, Readable>, rules: readonly ReadyRule[]): Clip | undefined {
  const spansOf = (action: ReadyRule['action'], format: ClipboardFormat, text: Readable): readonly Span[] =>
    rules.flatMap((rule) => (rule.action === action && rule.find !== undefined ? findIn(rule.find, format, text) : []));
  const result = new Map<ClipboardFormat, Buffer>();
  for (const [format, bytes] of clip) {
    const text = texts.get(format);
    let spans = text === undefined ? [] : spansOf('Redact', format, text);
    if (text === undefined || spans.length === 0) result.set(format, bytes);
    else if (format === 'text') {
      let black = text.text;
      for (let round = 0; spans.length > 0; round += 1) {
        if (round === ROUNDS) return undefined;
        black = blackedOut(black, spans);
        spans = spansOf('Redact', format, { text: black });
      }
      if (spansOf('Block', format, { text: black }).length > 0) return undefined;
      result.set(format, Buffer.from(black, 'utf8'));
    }
  }
  return result.size === 0 ? undefined : result;
}
