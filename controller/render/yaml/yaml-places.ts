// Where the fields of a YAML file stand. It is asked for only when something is wrong, or a List is taken apart, so the file is
// read again then: to keep the offsets takes several times the text, for every object that there is.
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node } from 'yaml';

export type ReadDocuments = (lines: LineCounter) => Iterable<Document.Parsed>;

/** Line numbers by path; what an alias brought has the place of the alias. */
type Lines = ReadonlyMap<string, number>;

export class FieldPlaces {
  readonly #documents: ReadDocuments;
  /** Lives until the work at hand is done, so that all the mistakes of a file cost one reading. */
  #read: WeakRef<readonly Lines[]> | undefined;

  constructor(documents: ReadDocuments) {
    this.#documents = documents;
  }

  /** The line of a field such as `['spec', 'replicas']`, or of the nearest one above it. @param document counts from 1 */
  lineOf(document: number, field: readonly (string | number)[]): number | undefined {
    const lines = this.#lines()[document - 1];
    for (let length = field.length; length >= 0; length -= 1) {
      const line = lines?.get(keyOf(field.slice(0, length)));
      if (line !== undefined) return line;
    }
    return undefined;
  }

  #lines(): readonly Lines[] {
    const known = this.#read?.deref();
    if (known !== undefined) return known;
    const counter = new LineCounter();
    const read = Array.from(this.#documents(counter), ({ contents }) => linesIn(contents, counter));
    this.#read = new WeakRef(read);
    return read;
  }
}

function linesIn(contents: Node | null, counter: LineCounter): Lines {
  const lines = new Map<string, number>();
  const visit = (node: unknown, path: readonly (string | number)[]): void => {
    const offset = (node as Node | null)?.range?.[0];
    if (offset === undefined) return;
    lines.set(keyOf(path), counter.linePos(offset).line);
    if (isSeq(node)) for (const [index, item] of node.items.entries()) visit(item, [...path, index]);
    if (isMap(node)) for (const { key, value } of node.items) if (isScalar(key)) visit(value, [...path, String(key.value)]);
  };
  visit(contents, []);
  return lines;
}

function keyOf(path: readonly (string | number)[]): string {
  return path.join('\0');
}
