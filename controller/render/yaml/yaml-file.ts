// One YAML (or JSON) file to its documents, each with its lines. Strict where kubectl is strict: UTF-8, keys once.
import { Composer, type Document, LineCounter, Parser } from 'yaml';
import { type ErrorCode, StreamSpaceError } from '../../../schemas/errors.ts';
import type { JsonValue } from './json.ts';
import { FieldPlaces } from './yaml-places.ts';
import { goTags, ValueReader, YamlValueError } from './yaml-values.ts';

export interface YamlDocument {
  /** Counts from 1, empty documents included. */
  readonly document: number;
  /** Of the first value. */
  readonly line: number;
  readonly value: JsonValue;
  readonly lineOf: (field: readonly (string | number)[]) => number | undefined;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Documents that hold anything; what is empty or only a comment is left out. @throws FileEncodingInvalid, YamlInvalid */
export function parseYamlFile(file: string, bytes: Uint8Array): readonly YamlDocument[] {
  const text = decodeText(file, bytes);
  const lines = new LineCounter();
  const places = new FieldPlaces((counter) => documentsIn(text, counter));
  const found: YamlDocument[] = [];
  let document = 0;
  for (const parsed of documentsIn(text, lines)) {
    document += 1;
    const each = readDocument(file, document, parsed, lines);
    if (each !== undefined) found.push({ ...each, lineOf: lineOf(places, document) });
  }
  return found;
}

function readDocument(
  file: string,
  document: number,
  parsed: Document.Parsed,
  lines: LineCounter,
): Omit<YamlDocument, 'lineOf'> | undefined {
  const fail = (code: ErrorCode, message: string, offset: number | undefined): never => {
    const at = offset === undefined ? undefined : lines.linePos(offset);
    const position = { file, document, ...(at === undefined ? {} : { line: at.line, column: at.col }) };
    throw new StreamSpaceError(code, message, { position });
  };
  const [error] = parsed.errors;
  if (error !== undefined) fail('YamlInvalid', error.message.split('\n', 1)[0] ?? 'not YAML', error.pos[0]);
  if (parsed.contents === null || isEmpty(parsed)) return undefined;
  try {
    return { document, line: lines.linePos(parsed.contents.range[0]).line, value: new ValueReader(parsed).read() };
  } catch (thrown) {
    if (!(thrown instanceof YamlValueError)) throw thrown;
    return fail('YamlInvalid', thrown.message, thrown.offset);
  }
}

/** In a function of its own, so that it holds nothing else: it is kept as long as its manifest. */
function lineOf(places: FieldPlaces, document: number): YamlDocument['lineOf'] {
  return (field) => places.lineOf(document, field);
}

/** One at a time: the nodes of a document take many times its text, and a file may have thousands of documents. */
function* documentsIn(text: string, lineCounter: LineCounter): Generator<Document.Parsed> {
  const composer = new Composer({
    version: '1.1',
    merge: false, // done by our own reader, within its bounds
    intAsBigInt: true,
    customTags: goTags,
    prettyErrors: false,
    logLevel: 'silent',
  });
  yield* composer.compose(new Parser(lineCounter.addNewLine).parse(text));
}

function isEmpty(document: Document.Parsed): boolean {
  const { contents } = document;
  return contents !== null && 'value' in contents && contents.value === null && contents.range[0] === contents.range[1];
}

/** S-027: a byte order mark is taken off; anything but UTF-8 is an error, never replacement characters. */
function decodeText(file: string, bytes: Uint8Array): string {
  const nul = bytes.indexOf(0);
  if (nul !== -1)
    throw new StreamSpaceError('FileEncodingInvalid', `a NUL at byte ${nul}; is it UTF-16 or no text?`, { position: { file } });
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new StreamSpaceError('FileEncodingInvalid', 'not UTF-8', { position: { file }, cause });
  }
}
