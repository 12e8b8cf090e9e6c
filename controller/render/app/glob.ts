// `import.meta.glob('./x/*.ts', { eager: true })`, as Vite has it: replaced before bundling by imports of what matches.
import path from 'node:path';
import { StreamSpaceError } from '../../../schemas/errors.ts';

/** What follows `import.meta.glob` and its type arguments. */
const ARGUMENTS = /\(\s*(?<patterns>\[[^\]]*\]|'[^'\n]*'|"[^"\n]*"|`[^`$]*`)\s*(?:,\s*(?<options>\{[^}]*\}))?\s*,?\s*\)/y;
const NAME = 'import.meta.glob';

/**
 * The source with each call replaced; lines stay where they are. @param files every path of the snapshot
 * @throws RenderFailed for a pattern that is computed, or a call that is not eager
 */
export function expandGlobs(file: string, source: string, files: readonly string[]): string {
  const imports: string[] = [];
  let expanded = '';
  let done = 0;
  for (let start = source.indexOf(NAME); start !== -1; start = source.indexOf(NAME, start + 1)) {
    if (start < done || isComment(source, start)) continue;
    ARGUMENTS.lastIndex = afterTypeArguments(source, start + NAME.length);
    const call = ARGUMENTS.exec(source);
    if (call === null) fail(file, source, start, 'a pattern of import.meta.glob is a literal, not computed');
    const { patterns = '', options = '' } = call.groups ?? {};
    if (!/\beager\s*:\s*true\b/.test(options)) fail(file, source, start, 'write { eager: true }: rendering loads every module');
    const picked = /\bimport\s*:\s*['"]([^'"]+)['"]/.exec(options)?.[1];
    const members = matching(
      file,
      [...patterns.matchAll(/['"`]([^'"`]*)['"`]/g)].map(([, pattern = '']) => pattern),
      files,
    ).map((found) => {
      const name = `__glob_${imports.length}`;
      imports.push(`import ${picked === undefined ? `* as ${name}` : `{ ${picked} as ${name} }`} from ${JSON.stringify(found)};`);
      return `${JSON.stringify(found)}: ${name}`;
    });
    const lines = source.slice(start, ARGUMENTS.lastIndex).split('\n').length - 1;
    expanded += `${source.slice(done, start)}({${members.join(', ')}})${'\n'.repeat(lines)}`;
    done = ARGUMENTS.lastIndex;
  }
  const whole = expanded + source.slice(done);
  return imports.length === 0 ? whole : `${whole}\n${imports.join(' ')}\n`;
}

/** Behind `<...>`, where there is one; the arrow of a function type closes nothing. */
function afterTypeArguments(source: string, from: number): number {
  if (source[from] !== '<') return from;
  let depth = 0;
  for (let index = from; index < source.length; index += 1) {
    if (source[index] === '<') depth += 1;
    if (source[index] === '>' && source[index - 1] !== '=') depth -= 1;
    if (depth === 0) return index + 1;
  }
  return from;
}

/** Paths relative to the file, such as `./teams/web.ts`, in order; the file itself never matches. */
function matching(file: string, patterns: readonly string[], files: readonly string[]): readonly string[] {
  const folder = path.posix.dirname(file);
  const absolute = (pattern: string): string => path.posix.join('/', folder, pattern);
  const wanted = patterns.filter((pattern) => !pattern.startsWith('!')).map(absolute);
  const unwanted = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => absolute(pattern.slice(1)));
  const found: string[] = [];
  for (const each of files) {
    const here = `/${each}`;
    if (each === file || !wanted.some((pattern) => path.posix.matchesGlob(here, pattern))) continue;
    if (unwanted.some((pattern) => path.posix.matchesGlob(here, pattern))) continue;
    const relative = path.posix.relative(`/${folder === '.' ? '' : folder}`, here);
    found.push(relative.startsWith('.') ? relative : `./${relative}`);
  }
  return found.sort();
}

function isComment(source: string, offset: number): boolean {
  const line = source.slice(source.lastIndexOf('\n', offset) + 1, offset).trimStart();
  return line.startsWith('//') || line.startsWith('*') || line.startsWith('/*');
}

function fail(file: string, source: string, offset: number, message: string): never {
  throw new StreamSpaceError('RenderFailed', message, { position: { file, line: source.slice(0, offset).split('\n').length } });
}
