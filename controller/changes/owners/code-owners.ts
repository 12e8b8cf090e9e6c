// CODEOWNERS as GitHub reads it (docs.github.com, "About code owners"): who owns which files. Pure and total: a line that is not
// understood counts for nothing, as there, and is told by its number.
import { compilePattern, type Effort, matchesPattern, type OwnerPattern } from './owner-pattern.ts';

export interface Owner {
  readonly kind: 'User' | 'Team' | 'Mail';
  /** As it stands in the file. */
  readonly text: string;
  /** Without `@` and the organisation. */
  readonly name: string;
}

interface Rule {
  readonly pattern: OwnerPattern;
  /** None: what it matches belongs to nobody. */
  readonly owners: readonly Owner[];
}

export interface CodeOwners {
  readonly rules: readonly Rule[];
  /** From 1. */
  readonly skippedLines: readonly number[];
}

/** Where the file may be: the first one that is there counts. */
export const CODE_OWNERS_FILES = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS', '.gitea/CODEOWNERS'] as const;
/** GitHub loads no larger one. */
export const MAX_CODE_OWNERS_BYTES = 3 * 1024 ** 2;
/** Of one line; more are left out. */
const MAX_OWNERS = 64;
const MAX_WORD = 1024;
/** About half a second. */
const MAX_EFFORT = 20_000_000;

export function parseCodeOwners(text: string): CodeOwners {
  const rules: Rule[] = [];
  const skippedLines: number[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const [first, ...rest] = wordsOf(line);
    if (first === undefined) continue;
    const pattern = first.length > MAX_WORD ? undefined : compilePattern(first);
    const owners = rest.slice(0, MAX_OWNERS).map(ownerOf);
    if (pattern === undefined || !owners.every((owner) => owner !== undefined)) skippedLines.push(index + 1);
    else rules.push({ pattern, owners });
  }
  return { rules, skippedLines };
}

/** By path, for each that has owners: those of the last rule that matches. @returns undefined where looking would take too long */
export function ownersOf({ rules }: CodeOwners, paths: readonly string[]): ReadonlyMap<string, readonly Owner[]> | undefined {
  const effort: Effort = { left: MAX_EFFORT };
  const owned = new Map<string, readonly Owner[]>();
  for (const path of paths) {
    const parts = path.split('/');
    for (let index = rules.length - 1; index >= 0; index -= 1) {
      const rule = rules[index];
      const matched = rule === undefined ? false : matchesPattern(rule.pattern, parts, effort);
      effort.left -= 1;
      if (matched === undefined || effort.left < 0) return undefined;
      if (!matched) continue;
      if (rule !== undefined && rule.owners.length > 0) owned.set(path, rule.owners);
      break;
    }
  }
  return owned;
}

/** Parted by blanks that no backslash stands before; `#` at the beginning of one makes the rest a comment. */
function wordsOf(line: string): readonly string[] {
  const words: string[] = [];
  for (const word of line.match(/(?:\\.|[^\s\\]|\\$)+/g) ?? []) {
    if (word.startsWith('#')) break;
    words.push(word);
  }
  return words;
}

function ownerOf(text: string): Owner | undefined {
  if (text.length > MAX_WORD) return undefined;
  const team = /^@[^@/]+\/([^@/]+)$/.exec(text)?.[1];
  if (team !== undefined) return { kind: 'Team', text, name: team.toLowerCase() };
  if (/^@[^/]+$/.test(text)) return { kind: 'User', text, name: text.slice(1) };
  return /^[^@/]+@[^@/]+$/.test(text) ? { kind: 'Mail', text, name: text } : undefined;
}
