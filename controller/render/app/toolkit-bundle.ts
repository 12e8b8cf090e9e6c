// Bundles the toolkit for the sandbox, once a version: cdk8s, constructs, cdk8s-plus and our own constructs in one file.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { StreamSpaceError } from '../../../schemas/errors.ts';

const sandbox = fileURLToPath(new URL('../sandbox/', import.meta.url));
const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Builtins that need no permission and say nothing of the machine. */
export const SAFE_BUILTINS = [
  'assert',
  'buffer',
  'crypto',
  'events',
  'path',
  'querystring',
  'stream',
  'string_decoder',
  'url',
  'util',
];

const SHIMS: Readonly<Record<string, string>> = { fs: 'fs.ts', child_process: 'child-process.ts', os: 'os.ts' };

const builtins: Plugin = {
  name: 'builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^streamspace\/cdk8s$/ }, () => ({ path: path.join(root, 'cdk8s/index.ts') }));
    onResolve({ filter: /^(node:)?[a-z_]+(\/[a-z]+)?$/ }, ({ path: name, namespace }) => {
      const bare = name.replace(/^node:/, '');
      if (!isBuiltin(bare)) return undefined;
      if (namespace === 'builtin') return { path: `node:${bare}`, external: true };
      const shim = SHIMS[bare];
      if (shim !== undefined) return { path: path.join(sandbox, shim) };
      return { path: bare, namespace: SAFE_BUILTINS.includes(bare) ? 'builtin' : 'nothing' };
    });
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path: name }) => ({
      contents: `export * from 'node:${name}'; export { default } from 'node:${name}';`,
    }));
    onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'module.exports = {};' }));
  },
};

export interface ToolkitBundle {
  readonly file: string;
  /** Changes with every byte of the toolkit. */
  readonly version: string;
}

/** What the bundle is made of, besides the packages. */
const OWN_SOURCES = ['cdk8s', 'schemas', 'controller/render/sandbox'];

/** Makes it in `directory` unless it is there. Old versions stay: a render may be reading one. */
export async function bundleToolkit(directory: string): Promise<ToolkitBundle> {
  try {
    const version = await sourceVersion();
    const file = path.join(directory, `toolkit-${version}.mjs`);
    if (existsSync(file)) return { file, version };
    const text = await bundle();
    await mkdir(directory, { recursive: true });
    await writeFile(`${file}.${process.pid}`, text);
    await rename(`${file}.${process.pid}`, file); // whole or not at all
    return { file, version };
  } catch (cause) {
    throw new StreamSpaceError('Internal', 'the toolkit could not be bundled', { cause });
  }
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(sandbox, 'toolkit.ts')],
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['source'],
    define: { __dirname: '"/"' },
    target: 'es2023',
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [builtins],
  });
  return outputFiles[0]?.text ?? '';
}

async function sourceVersion(): Promise<string> {
  const hash = createHash('sha256');
  const read = async (file: string): Promise<void> => void hash.update(`${file}\0`).update(await readFile(path.join(root, file)));
  for (const folder of OWN_SOURCES) {
    const names = await readdir(path.join(root, folder), { recursive: true });
    for (const name of names.filter((each) => each.endsWith('.ts') && !each.endsWith('.test.ts')).sort())
      await read(path.join(folder, name));
  }
  await read('package.json');
  for (const name of ['cdk8s', 'constructs', 'cdk8s-plus-27', 'zod', 're2js', 'yaml'])
    await read(`node_modules/${name}/package.json`);
  return hash.digest('hex').slice(0, 16);
}
