// One attempt as the history keeps it. Pure; bounded, so that a row is never larger than a few hundred kilobytes.
import type { SyncChange, SyncProblem, SyncResult, SyncTrigger } from '../../../schemas/sync-history.ts';
import type { CommitFacts } from '../../git/commit-sha.ts';
import { type Action, type Change, countActions, type FieldDifference, type Plan } from '../../plan/plan.ts';
import { type JsonValue, writeJson } from '../../render/yaml/json.ts';
import type { Problem } from '../../validate/validate.ts';
import type { Asked } from './trigger.ts';

export interface SyncRecord {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly revision?: string | undefined;
  readonly previousRevision?: string | undefined;
  readonly commit?: CommitFacts | undefined;
  readonly trigger: SyncTrigger;
  readonly asked?: Asked | undefined;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly result: SyncResult;
  readonly code?: string | undefined;
  /** The words of the failure. */
  readonly reason?: string | undefined;
  readonly counts: Readonly<Partial<Record<Action, number>>>;
  readonly written: number;
  readonly deleted: number;
  readonly changes: readonly SyncChange[];
  readonly changesLeftOut: number;
  readonly problems: readonly SyncProblem[];
  readonly controller: string;
}

const MAX_CHANGES = 200;
const MAX_FIELDS = 20;
const MAX_VALUE = 200;
const MAX_PROBLEMS = 50;
const MAX_TEXT = 2_000;

export function changesOf(plan: Plan | undefined): Pick<SyncRecord, 'counts' | 'changes' | 'changesLeftOut'> {
  if (plan === undefined) return { counts: {}, changes: [], changesLeftOut: 0 };
  const told = plan.changes.filter(isTold);
  return {
    counts: countActions(plan),
    changes: told.slice(0, MAX_CHANGES).map(presentChange),
    changesLeftOut: Math.max(0, told.length - MAX_CHANGES),
  };
}

type Told = Exclude<Change, { action: 'unchanged' }>;

function isTold(change: Change): change is Told {
  return change.action !== 'unchanged';
}

function presentChange(change: Told): SyncChange {
  const { action, id, position, reason } = change;
  const { differences = [], differencesLeftOut = 0 } = 'differences' in change ? change : {};
  const fields = differences.slice(0, MAX_FIELDS).map(presentField);
  const fieldsLeftOut = differences.length - fields.length + differencesLeftOut;
  return {
    action,
    object: id.slice(0, 1024),
    ...(position === undefined ? {} : { file: position.file }),
    ...(position?.line === undefined ? {} : { line: position.line }),
    ...(reason === undefined ? {} : { reason: reason.slice(0, MAX_TEXT) }),
    ...(fields.length === 0 ? {} : { fields }),
    ...(fieldsLeftOut === 0 ? {} : { fieldsLeftOut }),
  };
}

/** The plan has hidden the values of Secrets already (plan/differences.ts). */
function presentField({ path, before, after }: FieldDifference): NonNullable<SyncChange['fields']>[number] {
  return {
    path: path.slice(0, 512),
    ...(before === undefined ? {} : { before: valueText(before) }),
    ...(after === undefined ? {} : { after: valueText(after) }),
  };
}

function valueText(value: JsonValue): string {
  const text = writeJson(value);
  return text.length <= MAX_VALUE ? text : `${text.slice(0, MAX_VALUE)}...`;
}

export function presentProblems(problems: readonly Problem[]): readonly SyncProblem[] {
  return problems.slice(0, MAX_PROBLEMS).map(({ code, message, object, position }) => ({
    code,
    message: message.slice(0, MAX_TEXT),
    ...(object === undefined ? {} : { object: object.slice(0, 1024) }),
    ...(position === undefined ? {} : { file: position.file }),
    ...(position?.line === undefined ? {} : { line: position.line }),
  }));
}

/** Whether the history keeps it: it changed something, moved to another revision, failed, or somebody asked for it. */
export function isWorthKeeping(
  record: Pick<SyncRecord, 'result' | 'written' | 'deleted' | 'trigger' | 'revision' | 'previousRevision'>,
): boolean {
  if (record.written + record.deleted > 0 || record.result === 'failed') return true;
  if (record.trigger === 'request' || record.trigger === 'confirm') return true;
  if (record.result === 'synced' && record.trigger === 'resume') return true;
  return record.revision !== undefined && record.revision !== record.previousRevision;
}
