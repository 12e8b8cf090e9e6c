// The plan of a pull request as Markdown for its comment. Pure. Whatever comes from a repository or a cluster stands in code, behind a
// fence that nothing in it can end: so it mentions nobody, links nowhere, and is no markup.
import type { FieldRule } from '../../../schemas/kinds/field-rule.ts';
import { differencesBetween } from '../../plan/differences.ts';
import { asMade } from '../../plan/ignored.ts';
import { type Action, type Change, countActions, type FieldDifference, type Plan } from '../../plan/plan.ts';
import { type ObjectId, partsOf } from '../../render/manifest.ts';
import { fieldsOf } from '../../validate/fields.ts';
import type { Identified } from '../../validate/validate.ts';
import { CommentPages } from './comment-pages.ts';
import { cutText, differenceLines } from './difference-lines.ts';

export interface CommentFacts {
  /** `namespace/name` of the GitSync. */
  readonly gitSync: string;
  readonly commit: string;
  readonly into: string;
  readonly base: string;
  /** Sentences about what it touches: running sessions, quotas. Each is one line of ours, without markup from elsewhere. */
  readonly effects: readonly string[];
}

/** What would take more than these tells of the objects that come last their names alone, for there are people who have to read it. */
const MAX_FULL_COMMENTS = 20;
/** Beyond these they are counted. */
const MAX_NAMED_COMMENTS = 23;
export const MAX_COMMENTS = 24;
/** Of one object, so that it leaves room for others. */
const MAX_OBJECT_CHARACTERS = 240_000;
const MAX_BLOCK_CHARACTERS = 20_000;
const MAX_MESSAGE_CHARACTERS = 16_000;
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

/**
 * As many texts as it takes up to `MAX_COMMENTS`; what is lost for good comes first, and what is not shown is counted.
 *
 * @param mask fields whose values are shown to nobody
 */
export function planComment(plan: Plan, facts: CommentFacts, mask: readonly FieldRule[]): readonly string[] {
  const head = headOf(plan, facts);
  const pages = new CommentPages(head.length + MAX_LEFT_OUT_CHARACTERS);
  const leftOut: LeftOut = { named: 0, counted: 0 };
  for (const action of SHOWN) {
    const changes = plan.changes.filter((change) => change.action === action);
    if (changes.length > 0 && pages.count < MAX_NAMED_COMMENTS) pages.add(heading(`${TITLES[action]} (${changes.length})`));
    for (const change of changes) {
      if (pages.count <= MAX_FULL_COMMENTS) addBlock(pages, blockOf(change, mask));
      else if (pages.count < MAX_NAMED_COMMENTS) {
        pages.add(titleOfChange(change));
        leftOut.named += 1;
      } else leftOut.counted += 1;
    }
  }
  if (plan.warnings.length > 0)
    addBlock(pages, { title: heading('Warnings'), language: 'text', lines: plan.warnings.map(cutText) });
  return pages.under(`${head}${leftOutText(leftOut)}`);
}

interface LeftOut {
  named: number;
  counted: number;
}

const MAX_LEFT_OUT_CHARACTERS = 300;

function leftOutText({ named, counted }: LeftOut): string {
  if (named + counted === 0) return '';
  const only = named === 0 ? '' : ` Of ${objects(named)} only the name is shown.`;
  const none = counted === 0 ? '' : ` ${counted === 1 ? '1 object is' : `${counted} objects are`} not shown at all.`;
  return `\n**Not all of it is shown:** it is too long for ${MAX_COMMENTS} comments.${only}${none}\n`;
}

function objects(count: number): string {
  return count === 1 ? '1 object' : `${count} objects`;
}

/** What stands against it instead of a plan: code, place and words as the controller tells them. */
export function failureComment(facts: CommentFacts, failure: { readonly code: string; readonly message: string }): string {
  return `${titleOf('Plan: failed', facts)}\n${fenced('text', `${failure.code}\n${shortMessage(failure.message)}`)}`;
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

function shortMessage(message: string): string {
  if (message.length <= MAX_MESSAGE_CHARACTERS) return message;
  return `${message.slice(0, MAX_MESSAGE_CHARACTERS)}… (${message.length} characters)`;
}

interface Block {
  readonly title: string;
  readonly language: 'diff' | 'text';
  /** Each is short: a value is cut before. */
  readonly lines: Iterable<string>;
  /** Fields that have no line. */
  readonly fieldsLeftOut?: number | undefined;
}

function titleOfChange({ id, position }: Change): string {
  const place =
    position === undefined ? '' : ` ${inline(`${position.file}${position.line === undefined ? '' : `:${position.line}`}`)}`;
  return `${inline(objectText(id))}${place}\n`;
}

function blockOf(change: Change, mask: readonly FieldRule[]): Block {
  const title = `${titleOfChange(change)}${reasonOf(change)}`;
  const none: Block = { title, language: 'text', lines: [] };
  switch (change.action) {
    case 'configure':
      return { title, language: 'diff', lines: linesOf(change.differences), fieldsLeftOut: change.differencesLeftOut };
    // All of it comes, whatever was there before.
    case 'create':
    case 'replace':
      return { title, language: 'diff', ...contentOf(change.wanted, mask) };
    case 'blocked':
      return { ...none, lines: change.reason === undefined ? [] : change.reason.split('\n').map(cutText) };
    case 'delete':
    case 'unchanged':
    case 'skip':
      return none;
  }
}

function contentOf(wanted: Identified, mask: readonly FieldRule[]): Pick<Block, 'lines' | 'fieldsLeftOut'> {
  const { id, manifest } = asMade(wanted);
  const { differences, differencesLeftOut } = differencesBetween({}, manifest.object, { masked: fieldsOf(mask, id) });
  return { lines: linesOf(differences), fieldsLeftOut: differencesLeftOut };
}

/** What is refused has it in a block of its own. */
function reasonOf({ action, reason }: Change): string {
  return reason === undefined || action === 'blocked' ? '' : `${inline(cutText(reason))}\n`;
}

function* linesOf(differences: Iterable<FieldDifference>): Generator<string> {
  for (const difference of differences) yield* differenceLines(difference);
}

function objectText(id: ObjectId): string {
  const { kind, namespace, name } = partsOf(id);
  return namespace === '' ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
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

/** One that is long is cut between its lines, each part with its own fence, and says what is not shown of it. */
function addBlock(pages: CommentPages, { title, language, lines, fieldsLeftOut = 0 }: Block): void {
  let [part, characters, linesLeftOut, isBegun] = ['', 0, 0, false];
  const end = (): void => {
    pages.add(`${title}${fenced(language, part)}`);
    [part, isBegun] = ['', true];
  };
  for (const line of lines) {
    if (linesLeftOut > 0 || characters + line.length > MAX_OBJECT_CHARACTERS || pages.count > MAX_FULL_COMMENTS) {
      linesLeftOut += 1;
      continue;
    }
    if (part !== '' && part.length + line.length > MAX_BLOCK_CHARACTERS) end();
    part += `${part === '' ? '' : '\n'}${line}`;
    characters += line.length;
  }
  if (part !== '') end();
  if (!isBegun) pages.add(title);
  for (const [count, what] of [
    [linesLeftOut, 'line'],
    [fieldsLeftOut, 'field'],
  ] as const)
    if (count > 0) pages.add(`_and ${count} more ${what}${count === 1 ? ' of it is' : 's of it are'} not shown_\n`);
}
