// `import.meta.glob('./x/*.ts', { eager: true })`, as Vite has it: replaced before bundling by imports of what matches.
import path from 'node:path';
import { StreamSpaceError } from '../../schemas/errors.ts';

const CALL =
  /import\.meta\.glob(?:<[^()]*>)?\(\s*(?<patterns>\[[^\]]*\]|'[^'\n]*'|"[^"\n]*"|`[^`$]*`)\s*(?:,\s*(?<options>\{[^}]*\}))?\s*,?\s*\)/g;

/**
 * The source with each call replaced; lines stay where they are. @param files every path of the snapshot
 * @throws RenderFailed for a pattern that is computed, or a call that is not eager
 */
export function expandGlobs(file: string, source: string, files: readonly string[]): string {
  if (!source.includes('import.meta.glob')) return source;
  const imports: string[] = [];
  const expanded = source.replaceAll(CALL, (call: string, ...rest: readonly unknown[]) => {
    const groups = rest.at(-1) as { readonly patterns: string; readonly options?: string };
    const offset = rest.at(-3) as number;
    if (isComment(source, offset)) return call;
    const options = groups.options ?? '';
    if (!/\beager\s*:\s*true\b/.test(options)) fail(file, source, offset, 'write { eager: true }: rendering loads every module');
    const picked = /\bimport\s*:\s*['"]([^'"]+)['"]/.exec(options)?.[1];
    const patterns = [...groups.patterns.matchAll(/['"`]([^'"`]*)['"`]/g)].map(([, pattern = '']) => pattern);
    const members = matching(file, patterns, files).map((found) => {
      const name = `__glob_${imports.length}`;
      imports.push(`import ${picked === undefined ? `* as ${name}` : `{ ${picked} as ${name} }`} from ${JSON.stringify(found)};`);
      return `${JSON.stringify(found)}: ${name}`;
    });
    return `({${members.join(', ')}})${'\n'.repeat(call.split('\n').length - 1)}`;
  });
  for (const { index } of expanded.matchAll(/import\.meta\.glob\b/g))
    if (!isComment(expanded, index)) fail(file, expanded, index, 'a pattern of import.meta.glob is a literal, not computed');
  return imports.length === 0 ? expanded : `${expanded}\n${imports.join(' ')}\n`;
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
