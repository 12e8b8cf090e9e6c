// YAML nodes to JSON values as kubectl reads them: YAML 1.1 scalars (Go's set of them), merge keys, aliases bounded and
// never cyclic, keys as text.
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type ParsedNode, type Tags } from 'yaml';
import type { JsonObject, JsonValue } from './json.ts';

/** Scalars that Go's YAML has and `yaml`'s 1.1 does not, or the other way round: no times, no base 60. */
const NOT_IN_GO = ['tag:yaml.org,2002:timestamp'];
/** Ours: the reader below merges within its bounds. */
const MERGE = 'tag:yaml.org,2002:merge';

/** `yaml`'s numbers need no digit before their exponent or at their dot: `path: .`, `commit: e5`. Go's do. */
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9][0-9_]*\.[0-9_]*)$/;
const EXPONENT = /^[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)[eE][-+]?[0-9]+$/;

export function goTags(tags: Tags): Tags {
  return tags
    .filter(
      (tag) =>
        typeof tag === 'string' ||
        !(NOT_IN_GO.includes(tag.tag) || tag.tag === MERGE || ('format' in tag && tag.format === 'TIME')),
    )
    .map((tag) => {
      if (typeof tag === 'string' || tag.collection !== undefined) return tag;
      if (tag.test?.test('.') === true) return { ...tag, test: FLOAT };
      return tag.test?.test('1e5') === true ? { ...tag, test: EXPONENT } : tag;
    });
}

export class YamlValueError extends Error {
  override readonly name = 'YamlValueError';
  readonly offset: number | undefined;
  constructor(message: string, offset: number | undefined) {
    super(message);
    this.offset = offset;
  }
}

/** What aliases may add to a document: more is taken for an attack (S-028). */
const MAX_ALIASED_NODES = 25_000;

export class ValueReader {
  readonly #document: Document.Parsed;
  readonly #open = new Set<Node>();
  /** By name, the last one before the alias; looking it up in the document would be linear, each time. */
  readonly #anchors = new Map<string, Node>();
  #aliased = 0;
  #insideAlias = 0;

  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  /** @throws YamlValueError */
  read(): JsonValue {
    return this.#value(this.#document.contents);
  }

  #value(node: ParsedNode | Node | null): JsonValue {
    if (node === null) return null;
    const offset = node.range?.[0];
    if (this.#insideAlias > 0) {
      this.#aliased += 1;
      if (this.#aliased > MAX_ALIASED_NODES) throw new YamlValueError('aliases expand to too many values', offset);
    }
    if (isAlias(node)) return this.#alias(node);
    if (this.#insideAlias === 0 && 'anchor' in node && typeof node.anchor === 'string') this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return scalar(node.value, offset);
    if (this.#open.has(node)) throw new YamlValueError('an alias that contains itself', offset);
    this.#open.add(node);
    try {
      if (isSeq(node)) return node.items.map((item) => this.#value(item as Node));
      if (isMap(node)) return this.#map(node.items as Pair[]);
    } finally {
      this.#open.delete(node);
    }
    throw new YamlValueError('a value that JSON does not have', offset);
  }

  #alias(node: Node): JsonValue {
    const target = isAlias(node) ? this.#anchors.get(node.source) : undefined;
    if (target === undefined) throw new YamlValueError('an alias without its anchor', node.range?.[0]);
    this.#insideAlias += 1;
    try {
      return this.#value(target);
    } finally {
      this.#insideAlias -= 1;
    }
  }

  #map(pairs: readonly Pair[]): JsonObject {
    const own: [string, JsonValue][] = [];
    const merged: [string, JsonValue][] = [];
    for (const pair of pairs) {
      const key = this.#key(pair.key as Node | null);
      const value = this.#value(pair.value as Node | null);
      const isMerge = key === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN';
      if (isMerge) merged.push(...mergeEntries(value, (pair.key as Node).range?.[0]));
      else own.push([key, value]);
    }
    if (merged.length === 0) return Object.fromEntries(own);
    // Own keys win over merged ones, an earlier merged map over a later one (yaml.org/type/merge).
    const entries = new Map(own);
    for (const [key, value] of merged) if (!entries.has(key)) entries.set(key, value);
    return Object.fromEntries(entries);
  }

  #key(node: Node | null): string {
    const value = isAlias(node) ? this.#value(node) : isScalar(node) ? scalar(node.value, node.range?.[0]) : undefined;
    if (value === undefined || typeof value === 'object') throw new YamlValueError('a key that is no text', node?.range?.[0]);
    return String(value);
  }
}

function scalar(value: unknown, offset: number | undefined): JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint')
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  throw new YamlValueError('a number that JSON does not have', offset);
}

function mergeEntries(value: JsonValue, offset: number | undefined): [string, JsonValue][] {
  const maps = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
  return maps.flatMap((map) => {
    if (typeof map !== 'object' || map === null || Array.isArray(map)) throw new YamlValueError('<< takes a mapping', offset);
    return Object.entries(map);
  });
}
