// One YAML (or JSON) file to its documents, each with its lines. Strict where kubectl is strict: UTF-8, keys once.
import { type Document, LineCounter, parseAllDocuments } from 'yaml';
import { type ErrorCode, StreamSpaceError } from '../../schemas/errors.ts';
import type { JsonValue } from './json.ts';
import { goTags, type Offsets, offsetKey, ValueReader, YamlValueError } from './yaml-values.ts';

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
  const documents = parseAllDocuments(text, {
    version: '1.1',
    merge: false, // done by our own reader, within its bounds
    intAsBigInt: true,
    customTags: goTags,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const found: YamlDocument[] = [];
  for (const [index, parsed] of [...documents].entries()) {
    const fail = (code: ErrorCode, message: string, offset: number | undefined): never => {
      const at = offset === undefined ? undefined : lines.linePos(offset);
      const position = { file, document: index + 1, ...(at === undefined ? {} : { line: at.line, column: at.col }) };
      throw new StreamSpaceError(code, message, { position });
    };
    const [error] = parsed.errors;
    if (error !== undefined) fail('YamlInvalid', error.message.split('\n', 1)[0] ?? 'not YAML', error.pos[0]);
    if (parsed.contents === null || isEmpty(parsed)) continue;
    const reader = new ValueReader(parsed);
    try {
      const value = reader.read();
      const line = lines.linePos(parsed.contents.range[0]).line;
      found.push({ document: index + 1, line, value, lineOf: (field) => lineOf(reader.offsets, lines, field) });
    } catch (thrown) {
      if (!(thrown instanceof YamlValueError)) throw thrown;
      fail('YamlInvalid', thrown.message, thrown.offset);
    }
  }
  return found;
}

function isEmpty(document: Document.Parsed): boolean {
  const { contents } = document;
  return contents !== null && 'value' in contents && contents.value === null && contents.range[0] === contents.range[1];
}

function lineOf(offsets: Offsets, lines: LineCounter, field: readonly (string | number)[]): number | undefined {
  for (let length = field.length; length >= 0; length -= 1) {
    const offset = offsets.get(offsetKey(field.slice(0, length)));
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return undefined;
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
