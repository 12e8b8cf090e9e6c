// Bundles the toolkit for the sandbox, once a version: cdk8s, constructs, cdk8s-plus and our own constructs in one file.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { StreamSpaceError } from '../../schemas/errors.ts';

const sandbox = fileURLToPath(new URL('sandbox/', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

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

/** Writes it into `directory` unless it is there. */
export async function bundleToolkit(directory: string): Promise<ToolkitBundle> {
  try {
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
    const text = outputFiles[0]?.text ?? '';
    const version = createHash('sha256').update(text).digest('hex').slice(0, 16);
    const file = path.join(directory, `toolkit-${version}.mjs`);
    if (!existsSync(file)) {
      await mkdir(directory, { recursive: true });
      await writeFile(`${file}.${process.pid}`, text);
      await rename(`${file}.${process.pid}`, file); // whole or not at all
    }
    return { file, version };
  } catch (cause) {
    throw new StreamSpaceError('Internal', 'the toolkit could not be bundled', { cause });
  }
}
