// The plan of a pull request as Markdown for its comment. Pure. Whatever comes from a repository or a cluster stands in code, behind a
// fence that nothing in it can end: so it mentions nobody, links nowhere, and is no markup.
import { type Action, type Change, countActions, type FieldDifference, type Plan } from '../../plan/plan.ts';
import { type ObjectId, partsOf } from '../../render/manifest.ts';
import { type JsonValue, writeJson } from '../../render/yaml/json.ts';

export interface CommentFacts {
  /** `namespace/name` of the GitSync. */
  readonly gitSync: string;
  readonly commit: string;
  readonly into: string;
  readonly base: string;
  /** Sentences about what it touches: running sessions, quotas. Each is one line of ours, without markup from elsewhere. */
  readonly effects: readonly string[];
}

/** GitHub takes 65,536 characters; a mark of ours stands in front. */
export const MAX_COMMENT_CHARACTERS = 60_000;
const MAX_VALUE_CHARACTERS = 2_000;
const SHOWN = ['blocked', 'delete', 'replace', 'create', 'configure'] as const satisfies readonly Action[];
type Shown = (typeof SHOWN)[number];

const TITLES: Readonly<Record<Shown, string>> = {
  blocked: 'Refused by the cluster',
  delete: 'Deleted',
  replace: 'Deleted and made anew',
  create: 'Created',
  configure: 'Changed',
};
const VERBS: Readonly<Record<Shown, string>> = {
  blocked: 'refused',
  delete: 'to delete',
  replace: 'to replace',
  create: 'to create',
  configure: 'to change',
};

/** As many texts as it takes, complete; what is lost for good comes first. */
export function planComment(plan: Plan, facts: CommentFacts): readonly string[] {
  const blocks = SHOWN.flatMap((action): readonly Block[] => {
    const changes = plan.changes.filter((change) => change.action === action);
    return changes.length === 0 ? [] : [{ title: heading(`${TITLES[action]} (${changes.length})`) }, ...changes.map(blockOf)];
  });
  const warnings: readonly Block[] =
    plan.warnings.length === 0
      ? []
      : [{ title: heading('Warnings'), code: { language: 'text', text: plan.warnings.join('\n') } }];
  return pages(headOf(plan, facts), [...blocks, ...warnings].flatMap(textsOf));
}

/** What stands against it instead of a plan: code, place and words as the controller tells them. */
export function failureComment(facts: CommentFacts, failure: { readonly code: string; readonly message: string }): string {
  return `${titleOf('Plan: failed', facts)}\n${fenced('text', `${failure.code}\n${failure.message}`)}`;
}

function headOf(plan: Plan, facts: CommentFacts): string {
  const counts = countActions(plan);
  const told = SHOWN.filter((action) => counts[action] > 0).map((action) => `${counts[action]} ${VERBS[action]}`);
  const effects = facts.effects.map((effect) => `- ${effect}\n`).join('');
  return `${titleOf(`Plan: ${told.length === 0 ? 'nothing to do' : told.join(', ')}`, facts)}${effects === '' ? '' : `\n${effects}`}`;
}

function titleOf(title: string, { gitSync, commit, into, base }: CommentFacts): string {
  const [at, on] = [commit, base].map((sha) => inline(sha.slice(0, 12)));
  return `### ${title}\n\n${inline(gitSync)}: commit ${at ?? ''} on ${inline(into)} at ${on ?? ''}\n`;
}

function heading(title: string): string {
  return `#### ${title}\n`;
}

interface Block {
  readonly title: string;
  readonly code?: { readonly language: 'diff' | 'text'; readonly text: string };
}

function blockOf(change: Change): Block {
  const { action, id, reason, position } = change;
  const place =
    position === undefined ? '' : ` ${inline(`${position.file}${position.line === undefined ? '' : `:${position.line}`}`)}`;
  const title = `${inline(objectText(id))}${place}\n`;
  if (action === 'configure' || action === 'replace')
    return { title, code: { language: 'diff', text: change.differences.map(differenceText).join('\n') } };
  return reason === undefined ? { title } : { title, code: { language: 'text', text: reason } };
}

function objectText(id: ObjectId): string {
  const { kind, namespace, name } = partsOf(id);
  return namespace === '' ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}

function differenceText({ path, before, after }: FieldDifference): string {
  const line = (sign: string, value: JsonValue | undefined): readonly string[] =>
    value === undefined ? [] : [`${sign} ${path}: ${short(writeJson(value))}`];
  return [...line('-', before), ...line('+', after)].join('\n');
}

function short(text: string): string {
  return text.length <= MAX_VALUE_CHARACTERS ? text : `${text.slice(0, MAX_VALUE_CHARACTERS)}… (${text.length} characters)`;
}

/** A code span: its backticks are more than any run of them inside, and it is one line (CommonMark 0.31, 6.1). */
export function inline(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ');
  const ticks = '`'.repeat(longestRun(line) + 1);
  const padded = /^[` ]|[` ]$/.test(line) || line === '' ? ` ${line} ` : line;
  return `${ticks}${padded}${ticks}`;
}

/** A fenced block (CommonMark 0.31, 4.5). Characters that would end a line for some reader and not for others are shown as spaces. */
export function fenced(language: 'diff' | 'text', text: string): string {
  const lines = text.replaceAll(/\r\n?|[\u2028\u2029\u0085]/g, '\n').replaceAll(/[^\P{Cc}\n\t]/gu, ' ');
  const fence = '`'.repeat(Math.max(3, longestRun(lines) + 1));
  return `${fence}${language}\n${lines}\n${fence}\n`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

function pages(head: string, blocks: readonly string[]): readonly string[] {
  const texts: string[] = [];
  let text = `${head}\n`;
  for (const block of blocks) {
    if (text.length + block.length + 1 > MAX_COMMENT_CHARACTERS) {
      texts.push(text);
      text = '';
    }
    text += `${block}\n`;
  }
  texts.push(text);
  if (texts.length === 1) return texts;
  return texts.map((each, index) => `${each}\n_${index + 1} of ${texts.length}_\n`);
}

const MAX_BLOCK_CHARACTERS = 20_000;

/** One that is long is cut between its lines, each part with its own fence. */
function textsOf({ title, code }: Block): readonly string[] {
  if (code === undefined) return [title];
  const found: string[] = [];
  let part = '';
  for (const line of code.text.split('\n')) {
    if (part !== '' && part.length + line.length > MAX_BLOCK_CHARACTERS) {
      found.push(`${title}${fenced(code.language, part)}`);
      part = '';
    }
    part += `${part === '' ? '' : '\n'}${line}`;
  }
  return [...found, `${title}${fenced(code.language, part)}`];
}
