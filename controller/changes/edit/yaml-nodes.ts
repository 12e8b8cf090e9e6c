// A YAML document with the places of its nodes, for whoever edits its text. Strict as the reader of manifests is.
import {
  Composer,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  Parser,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import { goTags } from '../../render/yaml/yaml-values.ts';

export type NodePath = readonly (string | number)[];
export type Collection = YAMLMap | YAMLSeq;

/** Documents with anything in them, as `parseYamlFile` counts them: the empty ones are there too. */
export function documentsWithTokens(text: string): readonly Document.Parsed[] {
  const composer = new Composer({
    version: '1.1',
    merge: false,
    intAsBigInt: true,
    customTags: goTags,
    prettyErrors: false,
    logLevel: 'silent',
    keepSourceTokens: true,
  });
  return [...composer.compose(new Parser().parse(text))];
}

export interface Step {
  readonly parent: Collection;
  /** Of a map. */
  readonly pair: Pair | undefined;
  readonly index: number;
}

export interface Found {
  readonly node: Node | null;
  /** From the root down; empty for the root. */
  readonly steps: readonly Step[];
}

/** @throws ChangeThroughAlias, ChangeNotEditable */
export function findNode(document: Document.Parsed, path: NodePath): Found {
  let node: Node | null = document.contents;
  const steps: Step[] = [];
  for (const key of path) {
    refuseAlias(node, path);
    const step = stepInto(node, key, path);
    steps.push(step);
    node = (step.pair === undefined ? step.parent.items[step.index] : step.pair.value) as Node | null;
  }
  refuseAlias(node, path);
  refuseShared(document, { node, steps }, path);
  return { node, steps };
}

function stepInto(node: Node | null, key: string | number, path: NodePath): Step {
  if (isSeq(node) && typeof key === 'number' && key < node.items.length) return { parent: node, pair: undefined, index: key };
  if (isMap(node)) {
    const index = node.items.findIndex((pair) => isScalar(pair.key) && String(pair.key.value) === key);
    const pair = node.items[index];
    if (pair !== undefined) return { parent: node, pair, index };
    if (node.items.some(isMerge)) shared(path);
  }
  throw new StreamSpaceError('ChangeNotEditable', `${path.join('.')} cannot be found in the text`);
}

function isMerge({ key }: Pair): boolean {
  return isScalar(key) && key.value === '<<';
}

function refuseAlias(node: unknown, path: NodePath): void {
  if (isAlias(node)) shared(path);
}

/** What has an anchor that an alias refers to is in two places at once, and so is everything in it. */
function refuseShared(document: Document.Parsed, { node, steps }: Found, path: NodePath): void {
  const used = new Set<string>();
  visit(document, { Alias: (_key, alias) => void used.add(alias.source) });
  if (used.size === 0) return;
  const above = steps.map(({ parent }) => parent.anchor);
  const below: (string | undefined)[] = [];
  if (isNode(node))
    visit(node, {
      Node: (_key, each) => {
        if (!isAlias(each)) below.push(each.anchor);
      },
    });
  if ([...above, ...below].some((anchor) => anchor !== undefined && used.has(anchor))) shared(path);
}

function shared(path: NodePath): never {
  const message = `${path.join('.')} is shared with other places of the file by an anchor, an alias or a merge key`;
  throw new StreamSpaceError('ChangeThroughAlias', message);
}

/** Whether it stands between brackets, or anything that it is in does. */
export function inFlow(steps: readonly Step[]): boolean {
  return steps.some(({ parent }) => parent.flow === true);
}

/** Where the text of a pair or item begins: its key, or the `-` of a block sequence. */
export function startOf({ parent, pair, index }: Step): number {
  if (pair !== undefined) return (pair.key as Node).range?.[0] ?? 0;
  if (parent.flow === true) return (parent.items[index] as Node).range?.[0] ?? 0;
  const token = parent.srcToken;
  const start = token?.type === 'block-seq' ? token.items[index]?.start : undefined;
  return start?.find(({ type }) => type === 'seq-item-ind')?.offset ?? 0;
}

/** Where the content of a pair or item ends, without comments behind it. */
export function endOf({ parent, pair, index }: Step): number {
  if (pair === undefined) return Math.max(contentEnd(parent.items[index] as Node | null), startOf({ parent, pair, index }) + 1);
  return Math.max(contentEnd(pair.value as Node | null), colonOf(parent, index) + 1, contentEnd(pair.key as Node | null));
}

function colonOf(parent: Collection, index: number): number {
  const token = parent.srcToken;
  const item = token !== undefined && 'items' in token ? token.items[index] : undefined;
  return item?.sep?.find(({ type }) => type === 'map-value-ind')?.offset ?? -1;
}

function contentEnd(node: Node | null): number {
  if (node === null) return 0;
  if (isCollection(node) && node.flow !== true && node.items.length > 0) {
    const index = node.items.length - 1;
    const pair = isMap(node) ? node.items[index] : undefined;
    return endOf({ parent: node as Collection, pair, index });
  }
  return node.range?.[1] ?? 0;
}
