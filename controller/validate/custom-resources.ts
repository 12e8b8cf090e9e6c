// A custom resource against the CustomResourceDefinition of the same set.

import type { Manifest } from '../render/manifest.ts';
import { isJsonObject } from '../render/yaml/json.ts';
import { withDefaults } from './crd-defaults.ts';
import { ruleProblems } from './crd-rules.ts';
import { type DefinedKind, keyOf } from './crd-schemas.ts';
import type { FieldProblem } from './our-kinds.ts';
import { type CheckOptions, structuralProblems } from './structural.ts';

const MAX_PROBLEMS = 20;

/** Empty for a kind that the set does not define. Rules are judged only for what fits the schema. */
export function definedProblems(
  manifest: Manifest,
  defined: ReadonlyMap<string, DefinedKind>,
  options: CheckOptions,
): readonly FieldProblem[] {
  const kind = defined.get(keyOf(manifest));
  if (kind === undefined) return [];
  const version = manifest.apiVersion.split('/')[1] ?? '';
  if (!kind.versions.has(version))
    return [
      {
        field: ['apiVersion'],
        message: `its definition has no version ${version}, only ${[...kind.versions.keys()].join(', ')}`,
      },
    ];
  const schema = kind.versions.get(version);
  if (schema === undefined) return [];
  const object = withDefaults(manifest.object, schema);
  const problems = structuralProblems(object, schema, options);
  if (problems.length > 0) return problems.slice(0, MAX_PROBLEMS);
  return options.whole && isJsonObject(object) ? ruleProblems(object, schema).slice(0, MAX_PROBLEMS) : [];
}
