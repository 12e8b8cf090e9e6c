// CODEOWNERS: who must have approved a change of which files. The last line that matches a path counts.
import type { BareRepository } from './git.ts';

const PLACES = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'];

interface Rule {
  readonly pattern: RegExp;
  /** In lower case, without `@`. */
  readonly owners: readonly string[];
}

/** For each path that has owners, who they are. `base` is the commit whose CODEOWNERS counts. */
export async function ownersOf(
  git: BareRepository,
  base: string,
  paths: readonly string[],
): Promise<readonly (readonly string[])[]> {
  const rules = await rulesAt(git, base);
  return paths
    .map((path) => rules.findLast(({ pattern }) => pattern.test(path))?.owners ?? [])
    .filter((owners) => owners.length > 0);
}

async function rulesAt(git: BareRepository, commit: string): Promise<readonly Rule[]> {
  for (const place of PLACES) {
    const text = await git.raw('show', `${commit}:${place}`).catch(() => undefined);
    if (text !== undefined) return text.split('\n').flatMap(ruleOf);
  }
  return [];
}

function ruleOf(line: string): readonly Rule[] {
  const [pattern = '', ...owners] = line.replace(/#.*/, '').trim().split(/\s+/);
  if (pattern === '') return [];
  return [{ pattern: patternOf(pattern), owners: owners.map((owner) => owner.replace(/^@/, '').toLowerCase()) }];
}

/** As in .gitignore: a slash before the end ties it to the root, a folder means all in it. */
function patternOf(text: string): RegExp {
  const rooted = text.replace(/\/$/, '').includes('/');
  const body = text
    .replace(/^\/|\/$/g, '')
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll(/\*\*\/?|\*|\?/g, (glob) => (glob.startsWith('**') ? '.*' : glob === '*' ? '[^/]*' : '[^/]'));
  const end = text.endsWith('/') ? '/.*' : text.endsWith('*') ? '' : '(/.*)?';
  return new RegExp(`${rooted ? '^' : '^(.*/)?'}${body}${end}$`);
}
