// Bundles a cdk8s app from its snapshot and nothing else: its own files by relative imports, the toolkit by name.
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { build, type Loader, type Message, type PartialMessage, type Plugin } from 'esbuild';
import { type ErrorCode, type SourcePosition, StreamSpaceError } from '../../../schemas/errors.ts';
import type { Snapshot } from '../../git/snapshot.ts';
import { expandGlobs } from './glob.ts';
import { SAFE_BUILTINS } from './toolkit-bundle.ts';

export interface AppBundle {
  readonly code: string;
  /** Source map (JSON) whose sources are paths of the snapshot, each with {@link SOURCE_PREFIX}. */
  readonly map: string;
}

export const SOURCE_PREFIX = 'app:';
const TOOLKIT = ['streamspace/cdk8s', 'cdk8s', 'constructs', 'cdk8s-plus-27'];
const EXTENSIONS = ['', '.ts', '.mts', '.js', '.mjs', '.json', '/index.ts', '/index.js'];
const LOADERS: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.js': 'js',
  '.mjs': 'js',
  '.json': 'json',
  '.txt': 'text',
  '.yaml': 'text',
  '.yml': 'text',
};

/** A file of the repository outside the folder that is rendered. */
export type ReadOutside = (path: string) => Promise<Uint8Array | undefined>;

/** @throws StreamSpaceError `RenderFailed` or `RenderDenied`, with file and line */
export async function bundleApp(snapshot: Snapshot, entry: string, outside: ReadOutside = nothing): Promise<AppBundle> {
  try {
    const { outputFiles } = await build({
      entryPoints: [`./${entry}`],
      bundle: true,
      write: false,
      outfile: 'app.mjs',
      format: 'esm',
      platform: 'neutral',
      target: 'es2024',
      sourcemap: 'external',
      sourcesContent: false,
      logLevel: 'silent',
      plugins: [snapshotOnly(snapshot, outside)],
    });
    const find = (suffix: string): string => outputFiles.find(({ path: file }) => file.endsWith(suffix))?.text ?? '';
    return { code: find('app.mjs'), map: find('app.mjs.map') };
  } catch (error) {
    throw bundleError(error, entry);
  }
}

async function nothing(): Promise<undefined> {
  return undefined;
}

function snapshotOnly({ path: folder, files }: Snapshot, readOutside: ReadOutside): Plugin {
  const shared = new Map<string, Uint8Array>();
  const isOutside = (file: string): boolean => folder !== '' && !file.startsWith(`${folder}/`);
  const find = async (file: string): Promise<boolean> => {
    if (!isOutside(file)) return files.has(file);
    const bytes = shared.get(file) ?? (await readOutside(file));
    if (bytes !== undefined) shared.set(file, bytes);
    return bytes !== undefined;
  };
  return {
    name: 'snapshot',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /.*/ }, ({ path: name, importer, namespace, kind }) => {
        if (namespace === 'toolkit') return undefined;
        if (kind === 'entry-point') return { path: name.slice(2), namespace: 'app' };
        if (TOOLKIT.includes(name)) return { path: name, namespace: 'toolkit' };
        if (/^\.{1,2}(\/|$)/.test(name)) return resolveOwn(find, importer, name);
        return resolveOther(name);
      });
      // CommonJS, so that each name that is imported is looked up when it is used.
      onLoad({ filter: /.*/, namespace: 'toolkit' }, ({ path: name }) => ({
        contents: `module.exports = globalThis.__streamspaceToolkit(${JSON.stringify(name)});`,
      }));
      onLoad({ filter: /.*/, namespace: 'app' }, ({ path: file }) => {
        const loader = LOADERS[path.posix.extname(file)];
        const text = new TextDecoder('utf-8', { fatal: true }).decode(files.get(file) ?? shared.get(file));
        if (loader === undefined) return { errors: [refusal('RenderFailed', `${file} is of a kind that cannot be imported`)] };
        return { contents: loader === 'ts' || loader === 'js' ? expandGlobs(file, text, [...files.keys()]) : text, loader };
      });
    },
  };
}

async function resolveOwn(find: (file: string) => Promise<boolean>, importer: string, name: string) {
  const wanted = path.posix.join(path.posix.dirname(importer), name);
  if (wanted.startsWith('..')) return { errors: [refusal('RenderDenied', `"${name}" leaves the repository`)] };
  // TypeScript lets an import say `.js` for a file that is `.ts`.
  const candidates = [...EXTENSIONS.map((extension) => wanted + extension), wanted.replace(/\.(m?)js$/, '.$1ts')];
  for (const path of candidates) if (await find(path)) return { path, namespace: 'app' };
  return { errors: [refusal('RenderFailed', `there is no "${name}" in the repository`)] };
}

function resolveOther(name: string) {
  const bare = name.replace(/^node:/, '');
  if (isBuiltin(name) && SAFE_BUILTINS.includes(bare)) return { path: `node:${bare}`, external: true };
  if (isBuiltin(name))
    return { errors: [refusal('RenderDenied', `"${name}" is not available while a configuration is rendered`)] };
  if (/^[a-z][a-z0-9+.-]*:|^\//.test(name))
    return { errors: [refusal('RenderDenied', `"${name}" is no file of the repository`)] };
  const text = `"${name}" is not available: a configuration imports its own files and ${TOOLKIT.join(', ')}`;
  return { errors: [refusal('RenderFailed', text)] };
}

function refusal(code: ErrorCode, text: string): PartialMessage {
  return { text, detail: { code } };
}

function bundleError(error: unknown, entry: string): unknown {
  const [first] = (error as { readonly errors?: readonly Message[] }).errors ?? [];
  if (first === undefined) return error;
  // What a plugin throws comes back as the detail of a message.
  if (first.detail instanceof StreamSpaceError) return first.detail;
  const code = (first.detail as { readonly code?: ErrorCode } | undefined)?.code ?? 'RenderFailed';
  const position: SourcePosition =
    first.location === null
      ? { file: entry }
      : { file: first.location.file.replace(/^app:/, ''), line: first.location.line, column: first.location.column + 1 };
  return new StreamSpaceError(code, first.text, { position });
}
