// A plan for people: one line a change with its place, the fields that become others below it, and the sum.
import { type Action, type Change, countActions, type FieldDifference, type Plan } from '../controller/plan/plan.ts';
import { describeId } from '../controller/render/manifest.ts';
import { type JsonValue, writeJson } from '../controller/render/yaml/json.ts';
import { formatPosition } from '../schemas/errors.ts';

const SIGNS: Readonly<Record<Action, string>> = {
  create: '+',
  configure: '~',
  replace: '±',
  unchanged: '=',
  delete: '-',
  skip: '·',
  blocked: '!',
};
const COLOURS: Readonly<Record<Action, number>> = {
  create: 32,
  configure: 33,
  replace: 35,
  unchanged: 90,
  delete: 31,
  skip: 90,
  blocked: 31,
};
const MAX_VALUE = 120;

export interface PlanTextOptions {
  readonly color: boolean;
}

export function describePlan(plan: Plan, options: PlanTextOptions): string {
  const lines = plan.changes.filter(({ action }) => action !== 'unchanged').flatMap((change) => describeChange(change, options));
  const counts = countActions(plan);
  const sum = (Object.entries(counts) as [Action, number][])
    .filter(([, count]) => count > 0)
    .map(([action, count]) => `${count} ${action}`);
  const warnings = plan.warnings.map((text) => `warning: ${text}`);
  return `${[...warnings, ...lines, sum.length === 0 ? 'no objects' : sum.join(', ')].join('\n')}\n`;
}

function describeChange(change: Change, { color }: PlanTextOptions): readonly string[] {
  const { action, id, position, reason } = change;
  const place = position === undefined ? '' : `  ${formatPosition(position)}`;
  const code = change.action === 'blocked' ? ` ${change.code}` : '';
  const line = `${SIGNS[action]} ${action}${code} ${describeId(id)}${place}`;
  const details = [
    ...(reason === undefined ? [] : [`    ${reason}`]),
    ...('conflicts' in change ? change.conflicts.map(({ manager, field }) => `    ${field} is owned by ${manager}`) : []),
    ...('differences' in change ? change.differences.map(describeDifference) : []),
    ...('differencesLeftOut' in change && change.differencesLeftOut > 0
      ? [`    and ${change.differencesLeftOut} more fields`]
      : []),
  ];
  return [color ? `\u001b[${COLOURS[action]}m${line}\u001b[0m` : line, ...details];
}

function describeDifference({ path, before, after }: FieldDifference): string {
  return `    ${path}: ${value(before)} -> ${value(after)}`;
}

function value(json: JsonValue | undefined): string {
  if (json === undefined) return '(none)';
  const text = writeJson(json);
  return text.length <= MAX_VALUE ? text : `${text.slice(0, MAX_VALUE)}...`;
}
