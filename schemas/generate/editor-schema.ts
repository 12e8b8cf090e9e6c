// JSON Schemas for editors: completion, hover and mistakes as one types (`# yaml-language-server: $schema=…`).
import type { KindDefinition } from '../kinds/kind.ts';
import { API_GROUP_VERSION } from '../names.ts';
import { type Field, fieldOf } from './field.ts';

type Json = Readonly<Record<string, unknown>>;
const DRAFT = 'http://json-schema.org/draft-07/schema#';

/** Unknown fields are mistakes, as in the strict validation of the API server. */
function editable(field: Field): Json {
  const {
    properties,
    items,
    unit: _unit,
    'x-kubernetes-validations': _rules,
    'x-kubernetes-list-type': _listType,
    'x-kubernetes-list-map-keys': _keys,
    'x-kubernetes-map-type': _mapType,
    ...plain
  } = field;
  return {
    ...plain,
    ...(items === undefined ? {} : { items: editable(items) }),
    ...(properties === undefined
      ? {}
      : {
          additionalProperties: false,
          properties: Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, editable(property)])),
        }),
  };
}

function metadataOf(kind: KindDefinition): Json {
  const texts = { type: 'object', additionalProperties: { type: 'string' } };
  return {
    type: 'object',
    description: 'Name and place of the object.',
    required: ['name'],
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 253, description: 'Its name, in lower-case letters, digits and -.' },
      ...(kind.scope === 'Cluster' ? {} : { namespace: { type: 'string', maxLength: 63, description: 'Its namespace.' } }),
      labels: { ...texts, description: 'Words to select it by.' },
      annotations: { ...texts, description: 'Further facts; `streamspace.io/…` steer a sync.' },
    },
  };
}

function objectSchema(kind: KindDefinition): Json {
  return {
    title: kind.kind,
    description: kind.description,
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    additionalProperties: false,
    properties: {
      apiVersion: { const: API_GROUP_VERSION, description: 'Group and version.' },
      kind: { const: kind.kind, description: 'The kind.' },
      metadata: metadataOf(kind),
      spec: { ...editable(fieldOf(kind.spec, 'spec')), description: 'What is wanted.' },
    },
  };
}

export function editorSchema(kind: KindDefinition): Json {
  return { $schema: DRAFT, ...objectSchema(kind) };
}

/** One schema for a folder of manifests: our kinds are checked, objects of other groups pass. */
export function combinedEditorSchema(kinds: readonly KindDefinition[]): Json {
  const ours = { apiVersion: { const: API_GROUP_VERSION } };
  return {
    $schema: DRAFT,
    title: 'StreamSpace',
    type: 'object',
    required: ['apiVersion', 'kind'],
    properties: {
      apiVersion: { type: 'string', anyOf: [{ enum: [API_GROUP_VERSION] }, { type: 'string' }] },
      kind: { type: 'string', anyOf: [{ enum: kinds.map(({ kind }) => kind) }, { type: 'string' }] },
    },
    allOf: [
      {
        if: { required: ['apiVersion', 'kind'], properties: ours },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: { properties: { kind: { enum: kinds.map(({ kind }) => kind) } } },
      },
      ...kinds.map(({ kind }) => ({
        if: { required: ['apiVersion', 'kind'], properties: { ...ours, kind: { const: kind } } },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: { $ref: `#/definitions/${kind}` },
      })),
    ],
    definitions: Object.fromEntries(kinds.map((kind) => [kind.kind, objectSchema(kind)])),
  };
}
