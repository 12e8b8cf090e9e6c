// A kind as CustomResourceDefinition: a structural schema (Kubernetes, "Specifying a structural schema") with CEL rules.
import type { KindDefinition } from '../kinds/kind.ts';
import { API_GROUP, API_VERSION, LABELS } from '../names.ts';
import { type Field, fieldOf } from './field.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * A pattern becomes a CEL rule, because the API server refuses a pattern with the bare expression and a rule with its
 * message. Lengths are limited in the kinds, which keeps the estimated cost of the rule within the limit.
 */
function rulesOf(field: Field): readonly Json[] {
  const rules: readonly Json[] = field['x-kubernetes-validations'] ?? [];
  if (field.pattern === undefined || field.patternErrorMessage === undefined) return rules;
  return [{ rule: `self.matches(${JSON.stringify(field.pattern)})`, message: field.patternErrorMessage }, ...rules];
}

/** The field as the API server wants it: only keys of a structural schema, in one order. */
function structural(field: Field): Json {
  const { properties, items, unit: _unit, patternErrorMessage, pattern, 'x-kubernetes-validations': _rules, ...plain } = field;
  const rules = rulesOf(field);
  return {
    ...plain,
    ...(field.type === 'integer' ? { format: 'int64' } : {}),
    ...(pattern !== undefined && patternErrorMessage === undefined ? { pattern } : {}),
    ...(items === undefined ? {} : { items: structural(items) }),
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, structural(property)])) }),
    ...(rules.length === 0 ? {} : { 'x-kubernetes-validations': rules }),
  };
}

function specOf(kind: KindDefinition): Json {
  const spec = { ...structural(fieldOf(kind.spec, 'spec')), description: 'What is wanted.' };
  return kind.rules.length === 0 ? spec : { ...spec, 'x-kubernetes-validations': kind.rules };
}

export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: Json;
}

export function crdOf(kind: KindDefinition): CustomResourceDefinition {
  const schema = {
    type: 'object',
    description: kind.description,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: `\`${API_GROUP}/${API_VERSION}\`` },
      kind: { type: 'string', description: `\`${kind.kind}\`` },
      // A rule may point at the name only where the schema says that there is one.
      metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 253 } } },
      spec: specOf(kind),
      status: { ...structural(fieldOf(kind.status, 'status')), description: 'What is so; written by the controller.' },
    },
    ...(kind.objectRules === undefined ? {} : { 'x-kubernetes-validations': kind.objectRules }),
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${API_GROUP}`, labels: { [LABELS.managedBy]: 'streamspace' } },
    spec: {
      group: API_GROUP,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.singular,
        categories: ['streamspace'],
        ...(kind.shortNames.length === 0 ? {} : { shortNames: kind.shortNames }),
      },
      scope: kind.scope,
      versions: [
        {
          name: API_VERSION,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: schema },
          subresources: { status: {} },
          additionalPrinterColumns: kind.columns,
        },
      ],
    },
  };
}
