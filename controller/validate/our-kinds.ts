// Manifests of our own kinds against their zod schemas: every mistake with its field, unknown fields too.
import type * as z from 'zod';
import { KINDS } from '../../schemas/kinds/all.ts';
import type { KindDefinition } from '../../schemas/kinds/kind.ts';
import { API_GROUP_VERSION } from '../../schemas/names.ts';
import type { Manifest } from '../render/manifest.ts';

export interface FieldProblem {
  readonly field: readonly (string | number)[];
  readonly message: string;
}

const TOP_LEVEL = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status']);

export function kindOf(manifest: Manifest): KindDefinition | undefined {
  if (manifest.apiVersion !== API_GROUP_VERSION) return undefined;
  return KINDS.find(({ kind }) => kind === manifest.kind);
}

/** Empty for a manifest of another kind, and for a good one. In the order of the schema. */
export function fieldProblems(manifest: Manifest): readonly FieldProblem[] {
  const definition = kindOf(manifest);
  if (definition === undefined) return [];
  const unknown = Object.keys(manifest.object)
    .filter((key) => !TOP_LEVEL.has(key))
    .map((key) => ({ field: [key], message: 'no such field: check its spelling' }));
  const spec: unknown = manifest.object['spec'] ?? {};
  const result = definition.spec.safeParse(spec, { error: wordsOf });
  if (!result.success)
    return [
      ...unknown,
      ...result.error.issues.map(({ path, message }) => ({
        field: ['spec', ...path.map((key) => (typeof key === 'number' ? key : String(key)))],
        message,
      })),
    ];
  return [...unknown, ...unknownFields(spec, result.data, ['spec'])];
}

function wordsOf(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined) return `is missing: give ${issue.expected === 'object' ? 'an object' : `a ${issue.expected}`}`;
    return issue.expected === 'int' ? 'write a whole number' : `write a value of type ${issue.expected}`;
  }
  if (issue.code === 'invalid_value') return `write one of ${issue.values.map(String).join(', ')}`;
  return undefined; // the schema's own words
}

/** Parsing leaves out what the schema does not know; the difference is what was misspelt. */
function unknownFields(given: unknown, parsed: unknown, field: readonly (string | number)[]): readonly FieldProblem[] {
  if (typeof given !== 'object' || given === null || typeof parsed !== 'object' || parsed === null) return [];
  const known = new Map<string, unknown>(Object.entries(parsed));
  return Object.entries(given).flatMap(([key, value]) => {
    const here = [...field, Array.isArray(given) ? Number(key) : key];
    return known.has(key)
      ? unknownFields(value, known.get(key), here)
      : [{ field: here, message: 'no such field: check its spelling' }];
  });
}

/** `spec.members[0].role` */
export function fieldText(field: readonly (string | number)[]): string {
  return field.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  );
}
