import fc from 'fast-check';
import { expect, test } from 'vitest';
import { manifestOf } from '../render/manifest.ts';
import { type JsonObject, type JsonValue, parseJson } from '../render/yaml/json.ts';
import { safePattern } from './safe-pattern.ts';
import type { Scopes } from './scopes.ts';
import { structuralProblems } from './structural.ts';
import { validateManifests } from './validate.ts';

const SPEC: JsonObject = {
  type: 'object',
  required: ['size', 'mode'],
  'x-kubernetes-validations': [
    { rule: "self.mode != 'Big' || self.size > 10", message: 'a big one has more than 10', fieldPath: '.size' },
    { rule: 'self.names.all(n, n.startsWith(self.prefix))', message: 'each name begins with the prefix' },
    { rule: "quantity(self.mode).isGreaterThan(quantity('1'))", message: 'never judged here: a function of Kubernetes' },
    { rule: 'self.size >= oldSelf.size', message: 'never judged here: the old object' },
    { rule: 'self.when < timestamp("2000-01-01T00:00:00Z")', message: 'never judged here: a time' },
  ],
  properties: {
    size: { type: 'integer', format: 'int64', minimum: 1 },
    mode: { type: 'string', enum: ['Small', 'Big'] },
    prefix: { type: 'string', default: 'a', pattern: '^[a-z]*$', maxLength: 3 },
    names: { type: 'array', default: [], items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    port: { 'x-kubernetes-int-or-string': true },
    when: { type: 'string', format: 'date-time', nullable: true },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    pod: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: { type: 'object' } } },
    choice: {
      type: 'object',
      properties: { a: { type: 'integer' }, b: { type: 'integer' } },
      oneOf: [{ required: ['a'] }, { required: ['b'] }],
    },
  },
};
const DEFINITION: JsonObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.example.com' },
  spec: {
    group: 'example.com',
    names: { kind: 'Thing' },
    scope: 'Namespaced',
    versions: [
      { name: 'v1', schema: { openAPIV3Schema: { type: 'object', properties: { spec: SPEC, status: { type: 'object' } } } } },
    ],
  },
};
const GOOD: JsonObject = { size: 5, mode: 'Small' };

function problemsOf(spec: JsonObject, apiVersion = 'example.com/v1', served: Scopes = new Map()): readonly string[] {
  const manifests = [DEFINITION, { apiVersion, kind: 'Thing', metadata: { name: 't' }, spec }].flatMap(
    (object, index) => manifestOf(object, { file: 'a.yaml', line: index + 1 }, () => undefined) ?? [],
  );
  return validateManifests(manifests, { defaultNamespace: 'n', served }).problems.map(({ code, message }) => {
    expect(code).toBe('ManifestInvalid');
    return message.replace('Thing n/t: ', '');
  });
}

test.each<readonly [JsonObject, string | undefined]>([
  [{}, undefined],
  [{ size: 9007199254740993n }, undefined],
  [{ size: 2n ** 63n }, 'spec.size: it does not fit in 64 bits'],
  [{ size: 0 }, 'spec.size: write at least 1'],
  [{ size: 1.5 }, 'spec.size: write a whole number'],
  [{ size: '5' }, 'spec.size: write a whole number'],
  [{ mode: 'Huge' }, 'spec.mode: write one of Small, Big'],
  [{ mode: null }, 'spec.mode: is missing'],
  [{ prefix: 'A' }, 'spec.prefix: it does not match ^[a-z]*$'],
  [{ prefix: 'aaaa' }, 'spec.prefix: it has 4 characters, at most 3 are allowed'],
  [{ prefix: null }, undefined],
  [{ names: ['a', 'a'] }, 'spec.names: "a" stands in it twice'],
  [{ names: ['a', 'b'] }, 'spec: each name begins with the prefix'],
  [{ mode: 'Big' }, 'spec.size: a big one has more than 10'],
  [{ mode: 'Big', size: 11 }, undefined],
  [{ port: 'http' }, undefined],
  [{ port: true }, 'spec.port: write a whole number or a text'],
  [{ when: null }, undefined],
  [{ when: 'soon' }, 'spec.when: write a date-time as in RFC 3339'],
  [{ labels: { a: 'b' } }, undefined],
  [{ labels: { a: 1 } }, 'spec.labels.a: write a text; 1 needs quotes'],
  [{ free: { any: [1] } }, undefined],
  [{ pod: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: {} } }, undefined],
  [{ pod: { stuff: 1 } }, 'spec.pod.stuff: no such field: check its spelling'],
  [{ siez: 1 }, 'spec.siez: no such field: check its spelling'],
  [{ choice: { a: 1 } }, undefined],
  [{ choice: { a: 1, b: 2 } }, 'spec.choice: it fulfils 2 parts of oneOf, not one'],
])('a custom resource is judged by the definition of the same set (%#)', (change, problem) => {
  expect(problemsOf({ ...GOOD, ...change })).toEqual(problem === undefined ? [] : [problem]);
});

test('of a kind that is served already, what may come from the live object is not asked for', () => {
  const served = new Map([['example.com/Thing', 'Namespaced' as const]]);
  expect(problemsOf({ mode: 'Big' }, 'example.com/v1', served)).toEqual([]);
  expect(problemsOf({ mode: 'Bigg', x: 1 }, 'example.com/v1', served)).toHaveLength(2);
});

test('a version that the definition does not have is a mistake', () => {
  expect(problemsOf(GOOD, 'example.com/v2')).toEqual(['apiVersion: its definition has no version v2, only v1']);
});

test('any value and any schema give a list of problems, and nothing is thrown', () => {
  const json = fc.jsonValue({ maxDepth: 3 }).map((value) => parseJson(JSON.stringify(value)));
  const pieces = fc.constantFrom<JsonValue>('object', 'array', 'string', 'integer', -1, 'x', true, null, ['a'], '(((', {
    type: 'string',
  });
  const keys = fc.constantFrom(
    ...[
      'type',
      'properties',
      'items',
      'required',
      'enum',
      'pattern',
      'minimum',
      'multipleOf',
      'maxLength',
      'oneOf',
      'not',
      'default',
    ],
    ...['additionalProperties', 'x-kubernetes-list-type', 'x-kubernetes-list-map-keys', 'x-kubernetes-validations', 'format'],
  );
  fc.assert(
    fc.property(json, fc.dictionary(keys, fc.oneof(pieces, json)), (value, schema) => {
      expect(Array.isArray(structuralProblems(value, schema, { whole: true }))).toBe(true);
    }),
  );
});

test('patterns that could hold up the controller, or read otherwise in RE2, are left to the API server', () => {
  for (const each of ['^(a+)+$', '(a|a)*', 'a*a*a*$', '(?i)a', '\\pL', '[[:alpha:]]', '(?=a)', '\\Aa', '('])
    expect(safePattern(each, 'a')).toBeUndefined();
  for (const each of ['^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', '^(a|b)$', '^\\d{1,3}$'])
    expect(safePattern(each, 'a')).toBeInstanceOf(RegExp);
  expect(safePattern('a', 'x'.repeat(2000))).toBeUndefined();
});
