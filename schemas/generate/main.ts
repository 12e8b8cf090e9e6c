// `npm run generate` writes what is generated; `--check` names what is stale and the command that mends it.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { COMMAND, staleOf } from './output.ts';
import { EXAMPLES, outputsOf } from './outputs.ts';
import type { SourceFile } from './scenarios-page.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', 'dist', 'artifacts', 'fixtures']);
const scenario = z.object({ id: z.string(), group: z.string(), title: z.string() });

function read(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function mustRead(path: string): string {
  const text = read(path);
  if (text === undefined) throw new Error(`${path} is missing`);
  return text;
}

/** Sorted, so that the page does not depend on the order of a directory. */
function testFiles(folder = ''): readonly SourceFile[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return entry.name.startsWith('.') || SKIPPED.has(entry.name) ? [] : testFiles(path);
      return /\.test\.tsx?$/.test(entry.name) ? [{ path, text: mustRead(path) }] : [];
    });
}

const outputs = outputsOf({
  examples: new Map(Object.values(EXAMPLES).map((path) => [path, mustRead(path)])),
  scenarios: z.array(scenario).parse(JSON.parse(mustRead('schemas/generate/scenarios.json'))),
  tests: testFiles(),
});
const stale = staleOf(outputs, read);

if (process.argv.includes('--check')) {
  for (const path of stale) process.stderr.write(`stale: ${path}\n`);
  if (stale.length > 0) {
    process.stderr.write(
      `error: generated files are not as their sources say\n  remedy: run \`${COMMAND}\` and commit the result\n`,
    );
    process.exitCode = 1;
  }
} else {
  for (const { path, text } of outputs.filter((output) => stale.includes(output.path))) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
    process.stdout.write(`wrote ${path}\n`);
  }
  if (stale.length === 0) process.stdout.write(`all ${outputs.length} generated files are up to date\n`);
}
