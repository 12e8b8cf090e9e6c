// Plain manifests: every .yaml, .yml and .json file of the snapshot, read as kubectl reads them.
import { setImmediate as turn } from 'node:timers/promises';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { Snapshot } from '../../git/snapshot.ts';
import { isList, type Manifest, manifestOf, type Rendered } from '../manifest.ts';
import { at } from './json.ts';
import { parseYamlFile, type YamlDocument } from './yaml-file.ts';

const MANIFEST_FILE = /\.(ya?ml|json)$/i;

/** Parsed files by their bytes: the object database gives the same bytes object for the same blob, so what did not change is not parsed. */
const parsed = new WeakMap<Uint8Array, { readonly file: string; readonly documents: readonly YamlDocument[] }>();

/**
 * @throws StreamSpaceError the first mistake (YamlInvalid, FileEncodingInvalid, ManifestInvalid) with file and line, and the
 *   first of every file in its facts
 */
export async function renderYaml(snapshot: Snapshot, signal: AbortSignal): Promise<Rendered> {
  const manifests: Manifest[] = [];
  const warnings: string[] = [];
  const mistakes: StreamSpaceError[] = [];
  for (const [file, bytes] of snapshot.files) {
    if (!MANIFEST_FILE.test(file)) continue;
    try {
      const found = manifestsIn(file, await documentsOf(file, bytes));
      manifests.push(...found.manifests);
      warnings.push(...found.warnings);
    } catch (error) {
      if (!(error instanceof StreamSpaceError)) throw error;
      mistakes.push(error);
    }
    signal.throwIfAborted();
  }
  refuseMistakes(mistakes);
  return { manifests, warnings };
}

function manifestsIn(file: string, documents: readonly YamlDocument[]): Rendered {
  const manifests: Manifest[] = [];
  const warnings: string[] = [];
  for (const document of documents) {
    for (const each of expand(document)) {
      // The only document of a file need not be counted.
      const position = { file, line: each.line, ...(documents.length > 1 ? { document: document.document } : {}) };
      const manifest = manifestOf(each.value, position, each.lineOf);
      if (manifest === undefined) warnings.push(`${file}:${each.line}: skipped, it has neither apiVersion nor kind`);
      else manifests.push(manifest);
    }
  }
  return { manifests, warnings };
}

function refuseMistakes(mistakes: readonly StreamSpaceError[]): void {
  const [first] = mistakes;
  if (first === undefined) return;
  if (mistakes.length === 1) throw first;
  const problems = mistakes.map(({ code, message, position }) => ({
    code,
    message,
    ...(position === undefined ? {} : { position }),
  }));
  throw new StreamSpaceError(first.code, `${first.message} (and ${mistakes.length - 1} more)`, {
    facts: { problems },
    ...(first.position === undefined ? {} : { position: first.position }),
  });
}

async function documentsOf(file: string, bytes: Uint8Array): Promise<readonly YamlDocument[]> {
  const known = parsed.get(bytes);
  if (known?.file === file) return known.documents;
  await turn(); // a large repository is parsed between other work, file by file
  const documents = parseYamlFile(file, bytes);
  parsed.set(bytes, { file, documents });
  return documents;
}

type Item = Pick<YamlDocument, 'line' | 'value' | 'lineOf'>;

/** S-037: a List gives its items, each with its own place; lists in lists too. */
function expand(item: Item): readonly Item[] {
  if (!isList(item.value)) return [item];
  const items = at(item.value, 'items');
  if (!Array.isArray(items)) return [];
  return items.flatMap((value, index) => {
    const below = ['items', index] as const;
    return expand({
      value,
      line: item.lineOf(below) ?? item.line,
      lineOf: (field) => item.lineOf([...below, ...field]),
    });
  });
}
