// What the content of one clipboard comes to under the rules: the strictest action wins, and everything that was found is told.
import { isUtf8 } from 'node:buffer';
import type { ClipboardFormat } from '../../../schemas/kinds/dlp-rules.ts';
import type { Clip, ContentVerdict, Direction, Finding } from '../clipboard/clip.ts';
import { textOfHtml, textOfRtf } from './markup.ts';
import { appliesTo, type ReadyRule } from './rules.ts';
import { blackedOut, type Span, union } from './span.ts';
import { viewsOf } from './view.ts';

/** What can be read: the others are pictures and lists of files. */
const READABLE = ['text', 'html', 'rtf'] as const satisfies readonly ClipboardFormat[];

/**
 * @param before what was copied the same way shortly before, oldest first; a rule that matches over the seam found something
 *   that was cut in two
 */
export function judgeContent(rules: readonly ReadyRule[], direction: Direction, clip: Clip, before = ''): ContentVerdict {
  const found = new Map<ReadyRule, number>();
  const note = (rule: ReadyRule, count: number): void => void (count > 0 && found.set(rule, (found.get(rule) ?? 0) + count));
  const ours = rules.filter((rule) => appliesTo(rule, direction));
  const texts = readableParts(clip);
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
    const overSeam = before === '' ? 0 : countOverSeam(find, before, texts.get('text') ?? '');
    note(rule, count + overSeam);
    // One half is with the other side already: to black out the second would leave the first.
    if ((rule.action === 'Block' && count > 0) || (rule.action !== 'Report' && overSeam > 0)) blocked = true;
  }
  const redacts = [...found.keys()].some(({ action }) => action === 'Redact');
  const left = blocked ? undefined : redacts ? redact(clip, texts, ours) : clip;
  const findings: readonly Finding[] = [...found].map(([{ policy, rule, action }, count]) => ({ policy, rule, action, count }));
  return left === undefined ? { action: 'block', findings } : { action: 'pass', clip: left, findings };
}

/** The text of a clipboard as the sliding window remembers it. */
export function textOf(clip: Clip): string {
  return readableParts(clip).get('text') ?? '';
}

function readableParts(clip: Clip): ReadonlyMap<ClipboardFormat, string> {
  const texts = new Map<ClipboardFormat, string>();
  for (const format of READABLE) {
    const bytes = clip.get(format);
    // What is no UTF-8 was written by a program that takes Latin-1 for it.
    if (bytes !== undefined) texts.set(format, bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1'));
  }
  return texts;
}

/** Where it stands in the part itself, as far as that can be told; in markup the whole part where only its words have it. */
function findIn(find: (text: string) => readonly Span[], format: ClipboardFormat, text: string): readonly Span[] {
  const spans = viewsOf(text).flatMap(({ text: seen, origin }) => find(seen).map(origin));
  if (spans.length > 0 || format === 'text') return union(spans);
  const words = format === 'html' ? textOfHtml(text) : textOfRtf(text);
  const inWords = viewsOf(words).some(({ text: seen }) => find(seen).length > 0);
  return inWords ? [{ start: 0, end: text.length }] : [];
}

function countOverSeam(find: (text: string) => readonly Span[], before: string, text: string): number {
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
function redact(clip: Clip, texts: ReadonlyMap<ClipboardFormat, string>, rules: readonly ReadyRule[]): Clip | undefined {
  const spansOf = (action: ReadyRule['action'], format: ClipboardFormat, text: string): readonly Span[] =>
    rules.flatMap((rule) => (rule.action === action && rule.find !== undefined ? findIn(rule.find, format, text) : []));
  const result = new Map<ClipboardFormat, Buffer>();
  for (const [format, bytes] of clip) {
    const text = texts.get(format);
    let spans = text === undefined ? [] : spansOf('Redact', format, text);
    if (text === undefined || spans.length === 0) result.set(format, bytes);
    else if (format === 'text') {
      let black = text;
      for (let round = 0; spans.length > 0; round += 1) {
        if (round === ROUNDS) return undefined;
        black = blackedOut(black, spans);
        spans = spansOf('Redact', format, black);
      }
      if (spansOf('Block', format, black).length > 0) return undefined;
      result.set(format, Buffer.from(black, 'utf8'));
    }
  }
  return result.size === 0 ? undefined : result;
}
