// The smallest piece of a YAML text that has to change for a value to change. What is around it is not touched: comments, order,
// quotes and line ends of everything else stay byte by byte.
import { type Document, isCollection, isMap, isScalar, isSeq, type Node, type Pair, visit } from 'yaml';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { isJsonObject, type JsonValue } from '../../render/yaml/json.ts';
import { columnOf, eolOf, isFirstOnLine, lineEnd, lineStart, type Splice } from './text-lines.ts';
import { type Collection, endOf, type Found, findNode, inFlow, type NodePath, type Step, startOf } from './yaml-nodes.ts';
import { blockLines, flowPair, flowText, scalarText, type TextStyle } from './yaml-text.ts';

export interface Splicing {
  readonly text: string;
  readonly document: Document.Parsed;
  readonly style: TextStyle;
}

export function replaceSplice(given: Splicing, path: NodePath, value: JsonValue): Splice {
  const { style, document } = given;
  const found = findNode(document, path);
  const { node, steps } = found;
  const step = steps.at(-1) ?? notEditable(path);
  const flow = inFlow(steps);
  const [from, to] = node?.range ?? [0, 0];
  if (isScalar(node) && from < to && !isBlockScalar(node.type) && !isStructure(value))
    return { from, to, text: scalarText(value, node, { ...style, flow }) };
  if (flow && node !== null && from < to) return { from, to, text: flowText(value, style) };
  if (flow) return notEditable(path);
  return blockSplice(given, step, value);
}

/** A pair or item of a block collection, as a whole. */
function blockSplice({ text, style }: Splicing, step: Step, value: JsonValue): Splice {
  const from = startOf(step);
  const to = lineEnd(text, endOf(step));
  const { pair } = step;
  if (pair === undefined) return { from, to, text: placed(text, blockLines(undefined, value, style), from, to) };
  const [keyFrom, keyTo] = (pair.key as Node).range ?? [from, from];
  const [first = '', ...more] = blockLines('k', value, style);
  return { from, to, text: placed(text, [text.slice(keyFrom, keyTo) + first.slice(1), ...more], from, to) };
}

export function addSplice(given: Splicing, path: NodePath, key: string | undefined, value: JsonValue, whole: JsonValue): Splice {
  const { text, document, style } = given;
  const found = findNode(document, path);
  const { node } = found;
  if (!isMap(node) && !isSeq(node)) return notEditable(path);
  if (node.items.length === 0) {
    const [from, to] = node.range ?? [0, 0];
    if (inFlow(found.steps) || found.steps.length === 0) return { from, to, text: flowText(whole, style) };
    return replaceSplice(given, path, whole);
  }
  const last = lastOf(node);
  if (node.flow === true)
    return flowAddSplice(given, node, last, key === undefined ? flowText(value, style) : flowPair(key, value, style));
  const at = lineEnd(text, endOf(last));
  const column = columnOf(text, startOf(firstOf(node)));
  const lines = blockLines(key, value, style).map((line) => (line === '' ? line : ' '.repeat(column) + line));
  const eol = eolOf(text);
  const open = at > 0 && text[at - 1] !== '\n';
  return { from: at, to: at, text: open ? eol + lines.join(eol) : lines.join(eol) + eol };
}

function flowAddSplice({ text }: Splicing, node: Collection, last: Step, item: string): Splice {
  const end = endOf(last);
  const close = (node.range?.[1] ?? 1) - 1;
  const between = text.slice(end, close);
  if (between.includes('#')) throw new StreamSpaceError('ChangeNotEditable', 'a comment stands before the closing bracket');
  const comma = between.indexOf(',');
  const newline = between.includes('\n') ? eolOf(text) + ' '.repeat(columnOf(text, startOf(last))) : ' ';
  const at = comma < 0 ? end : end + comma + 1;
  return { from: at, to: at, text: `${comma < 0 ? ',' : ''}${newline}${item}` };
}

export function removeSplice(given: Splicing, path: NodePath): Splice {
  const { text, document } = given;
  const found = findNode(document, path);
  const step = found.steps.at(-1) ?? notEditable(path);
  const { parent, index } = step;
  const above = path.slice(0, -1);
  if (parent.items.length === 1) return emptied(given, found, above, isMap(parent) ? {} : []);
  if (parent.flow === true) {
    const next = stepAt(parent, index + 1);
    if (next !== undefined) return { from: startOf(step), to: startOf(next), text: '' };
    const before = stepAt(parent, index - 1);
    return { from: before === undefined ? startOf(step) : endOf(before), to: endOf(step), text: '' };
  }
  const from = startOf(step);
  const to = lineEnd(text, endOf(step));
  if (isFirstOnLine(text, from)) {
    // The last line of a file without an end: the line before it becomes the last.
    if (to === text.length && !text.endsWith('\n'))
      return { from: Math.max(0, lineStart(text, from) - eolOf(text).length), to, text: '' };
    return { from: lineStart(text, from), to, text: '' };
  }
  // `- user: ada` and the next key below it: that one moves up, where nothing but space is between.
  const next = stepAt(parent, index + 1);
  if (next !== undefined && /^\s*$/.test(text.slice(to, startOf(next)))) return { from, to: startOf(next), text: '' };
  return notEditable(path);
}

function emptied(given: Splicing, { steps }: Found, above: NodePath, value: JsonValue): Splice {
  const parent = steps.at(-1)?.parent;
  if (parent?.flow === true) {
    const [from, to] = parent.range ?? [0, 0];
    return { from, to, text: isJsonObject(value) ? '{}' : '[]' };
  }
  return replaceSplice(given, above, value);
}

function isStructure(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null;
}

function isBlockScalar(type: string | null | undefined): boolean {
  return type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED';
}

function stepAt(parent: Collection, index: number): Step | undefined {
  const item: unknown = parent.items[index];
  if (item === undefined) return undefined;
  return { parent, pair: isMap(parent) ? (item as Pair) : undefined, index };
}

function lastOf(node: Collection): Step {
  return stepAt(node, node.items.length - 1) ?? notEditable([]);
}

function firstOf(node: Collection): Step {
  return stepAt(node, 0) ?? notEditable([]);
}

/** Lines for a place in the middle of a line: those below the first stand under it. */
function placed(text: string, lines: readonly string[], from: number, to: number): string {
  const eol = eolOf(text);
  const indent = ' '.repeat(columnOf(text, from));
  const body = lines.map((line, index) => (index === 0 || line === '' ? line : indent + line)).join(eol);
  return text[to - 1] === '\n' ? body + eol : body;
}

/** As the document does it already. */
export function indentsLists(document: Document.Parsed, text: string): boolean {
  let found: boolean | undefined;
  visit(document, {
    Pair: (_key, { key, value }) => {
      if (found !== undefined || !isSeq(value) || value.flow === true || !isCollection(value)) return undefined;
      const [from] = (key as Node).range ?? [0];
      const [at] = value.range ?? [0];
      if (isFirstOnLine(text, from) && isFirstOnLine(text, at)) found = columnOf(text, at) > columnOf(text, from);
      return undefined;
    },
  });
  return found ?? true;
}

function notEditable(path: NodePath): never {
  throw new StreamSpaceError(
    'ChangeNotEditable',
    `${path.length === 0 ? 'the document' : path.join('.')} is written in a way that cannot be edited`,
  );
}
