// Manifests of our own kinds against their zod schemas: every mistake with its field, unknown fields too.
import type * as z from 'zod';
import { KINDS } from '../../schemas/kinds/all.ts';
import type { KindDefinition } from '../../schemas/kinds/kind.ts';
import { dlpPolicyKind } from '../../schemas/kinds/policies/dlp-policy.ts';
import { recordingPolicyKind } from '../../schemas/kinds/policies/recording-policy.ts';
import { sessionPolicyKind } from '../../schemas/kinds/policies/session-policy.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import { TargetExpressions } from '../policies/target-expressions.ts';
import type { Manifest } from '../render/manifest.ts';
import { textAt } from '../render/yaml/json.ts';

export interface FieldProblem {
  readonly field: readonly (string | number)[];
  readonly message: string;
}

const NO_SUCH_FIELD = 'no such field: check its spelling';

const POLICIES = new Set([dlpPolicyKind.kind, recordingPolicyKind.kind, sessionPolicyKind.kind]);

const TOP_LEVEL = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status']);

export function kindOf(manifest: Manifest): KindDefinition | undefined {
  if (manifest.apiVersion !== API_GROUP_VERSION) return undefined;
  return KINDS.find(({ kind }) => kind === manifest.kind);
}

/** Empty for a manifest of another kind, and for a good one. In the order of the schema. */
export function fieldProblems(manifest: Manifest): readonly FieldProblem[] {
  const definition = kindOf(manifest);
  if (definition === undefined) return [];
  const unknown: FieldProblem[] = Object.keys(manifest.object)
    .filter((key) => !TOP_LEVEL.has(key))
    .map((key) => ({ field: [key], message: NO_SUCH_FIELD }));
  const spec: unknown = manifest.object['spec'] ?? {};
  unknown.push(...unknownFields(spec, definition.spec, ['spec']), ...targetProblems(definition, manifest));
  const result = definition.spec.safeParse(spec, { error: wordsOf });
  if (result.success) return unknown;
  const wrong = result.error.issues.map(({ path, message }) => ({
    field: ['spec', ...path.map((key) => (typeof key === 'number' ? key : String(key)))],
    message,
  }));
  return [...unknown, ...wrong];
}

/** The API server cannot ask CEL whether a text is CEL. */
function targetProblems({ kind }: KindDefinition, { object }: Manifest): readonly FieldProblem[] {
  const text = POLICIES.has(kind) ? textAt(object, 'spec', 'targets', 'cel') : undefined;
  const message = text === undefined ? undefined : new TargetExpressions().problem(text);
  return message === undefined ? [] : [{ field: ['spec', 'targets', 'cel'], message }];
}

function wordsOf(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined) return `is missing: give ${issue.expected === 'object' ? 'an object' : `a ${issue.expected}`}`;
    return issue.expected === 'int' ? 'write a whole number' : `write a value of type ${issue.expected}`;
  }
  if (issue.code === 'invalid_value') return `write one of ${issue.values.map(String).join(', ')}`;
  return undefined; // the schema's own words
}

/** By the schema and not by what parsing left out: a misspelt field is named beside the one that is missing for it. */
function unknownFields(given: unknown, schema: z.core.$ZodType, field: readonly (string | number)[]): readonly FieldProblem[] {
  if (typeof given !== 'object' || given === null) return [];
  const { def } = schema._zod as z.core.$ZodTypes['_zod'];
  switch (def.type) {
    case 'object': {
      const known = new Map(Object.entries(def.shape));
      return Object.entries(given).flatMap(([key, value]) => {
        const inner = known.get(key);
        if (inner !== undefined) return unknownFields(value, inner, [...field, key]);
        return def.catchall === undefined ? [{ field: [...field, key], message: NO_SUCH_FIELD }] : [];
      });
    }
    case 'array':
      return Array.isArray(given) ? given.flatMap((value, index) => unknownFields(value, def.element, [...field, index])) : [];
    case 'record':
      return Object.entries(given).flatMap(([key, value]) => unknownFields(value, def.valueType, [...field, key]));
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
      return unknownFields(given, def.innerType, field);
    case 'pipe':
      return unknownFields(given, def.in, field);
    default:
      return [];
  }
}

/** `spec.members[0].role` */
export function fieldText(field: readonly (string | number)[]): string {
  return field.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  );
}
