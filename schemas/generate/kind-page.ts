// The docs page of one kind: fields, rules, columns, conditions, and an example that a test applies.
import type { KindDefinition } from '../kinds/kind.ts';
import { API_GROUP, API_GROUP_VERSION } from '../names.ts';
import { type Field, fieldOf, fieldsBelow } from './field.ts';
import { code, table } from './markdown.ts';

function typeWords(field: Field): string {
  if (field.enum !== undefined) return field.enum.map(code).join(', ');
  if (field.type === 'array') return `list of ${field.items?.type ?? 'string'}s`;
  if (field.unit === 'duration') return 'duration';
  if (field.unit === 'bytes') return 'quantity of bytes';
  return field.format === 'date-time' ? 'time' : field.type;
}

/** What a value must be, in words; the message of a pattern says it better than the pattern. */
function limits(field: Field): readonly string[] {
  const range = (what: string, low: number | undefined, high: number | undefined): readonly string[] => {
    if (low === undefined && high === undefined) return [];
    if (high === undefined || high === Number.MAX_SAFE_INTEGER) return [`${what}from ${low ?? 0}`];
    return [low === undefined || low === 0 ? `${what}up to ${high}` : `${what}${low} to ${high}`];
  };
  return [
    ...range('', field.minimum, field.maximum),
    ...range('length ', field.minLength, field.maxLength),
    ...range('items ', field.minItems, field.maxItems),
    ...(field.patternErrorMessage === undefined ? [] : [field.patternErrorMessage]),
    ...(field['x-kubernetes-validations'] ?? []).map(({ message }) => message),
    ...(field['x-kubernetes-list-map-keys'] ?? []).map((key) => `each ${key} once`),
  ];
}

function fieldRows(root: Field, path: string): readonly (readonly string[])[] {
  return [...fieldsBelow(root, path)].map(({ path: name, field, required }) => [
    code(name),
    typeWords(field),
    required ? 'required' : field.default === undefined ? '' : code(JSON.stringify(field.default)),
    [...limits(field), ...(field.items?.properties === undefined && field.items !== undefined ? limits(field.items) : [])].join(
      '; ',
    ),
    [
      field.description ?? '',
      ...(field.items?.['x-kubernetes-validations'] ?? []).map(({ message }) => `Of each: ${message}.`),
    ].join(' '),
  ]);
}

function conditionRows(kind: KindDefinition): readonly (readonly string[])[] {
  return Object.entries(kind.conditions).flatMap(([type, reasons]) =>
    Object.entries(reasons).map(([reason, meaning]) => [code(type), reason.includes(' ') ? reason : code(reason), meaning]),
  );
}

export interface Example {
  /** Where it stands in the repository. */
  readonly path: string;
  readonly text: string;
}

export function kindPage(kind: KindDefinition, example: Example): readonly string[] {
  const names = [kind.plural, kind.singular, ...kind.shortNames].map(code).join(', ');
  const scope = kind.scope === 'Cluster' ? 'for the whole cluster' : 'in a namespace';
  const rules = [...(kind.objectRules ?? []), ...kind.rules].map(({ message }) => `- ${message}`);
  return [
    `# ${kind.kind}`,
    '',
    `${kind.description}`,
    '',
    `${code(API_GROUP_VERSION)}, ${scope}. kubectl knows it as ${names} and, with all our kinds, as ${code('streamspace')}`,
    `(${code(`kubectl explain ${kind.plural}.${API_GROUP}`)}).`,
    '',
    '## Example',
    '',
    `From ${code(example.path)}:`,
    '',
    '```yaml',
    example.text.trim(),
    '```',
    '',
    '## Fields',
    '',
    ...table(['field', 'type', 'default', 'must be', 'meaning'], fieldRows(fieldOf(kind.spec, 'spec'), 'spec')),
    ...(rules.length === 0 ? [] : ['', 'Of the whole object:', '', ...rules]),
    '',
    '## Status',
    '',
    ...table(
      ['field', 'type', 'meaning'],
      fieldRows(fieldOf(kind.status, 'status'), 'status').map(([name = '', type = '', , , meaning = '']) => [
        name,
        type,
        meaning,
      ]),
    ),
    '',
    '## Conditions',
    '',
    ...table(['condition', 'reason', 'meaning'], conditionRows(kind)),
    '',
    '## Columns',
    '',
    ...table(
      ['column', 'shows', 'when'],
      kind.columns.map((column) => [column.name, code(column.jsonPath), column.priority === 1 ? '`-o wide`' : 'always']),
    ),
  ];
}
