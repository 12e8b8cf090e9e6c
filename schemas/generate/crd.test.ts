import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { KINDS } from '../kinds/all.ts';
import { cel, type KindDefinition } from '../kinds/kind.ts';
import { crdOf } from './crd.ts';

const KIND: KindDefinition = {
  kind: 'Lamp',
  plural: 'lamps',
  singular: 'lamp',
  shortNames: ['l'],
  scope: 'Namespaced',
  description: 'A light.',
  spec: z.object({
    name: z
      .string()
      .max(9)
      .regex(/^a"b$/, 'write a"b')
      .meta(cel({ rule: 'self == oldSelf', message: 'it stays' })),
    watts: z.int().min(1).max(100).default(40).describe('Power.'),
    size: z.string().max(9).meta({ unit: 'bytes' }).optional(),
  }),
  status: z.object({ on: z.boolean().optional() }),
  rules: [{ rule: 'self.watts < 90', message: 'too bright', fieldPath: '.watts' }],
  columns: [{ name: 'Watts', type: 'integer', jsonPath: '.spec.watts' }],
  conditions: {},
};

test('a kind becomes a structural schema with its rules, columns and names', () => {
  expect(crdOf(KIND)).toEqual({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'lamps.streamspace.io', labels: { 'app.kubernetes.io/managed-by': 'streamspace' } },
    spec: {
      group: 'streamspace.io',
      scope: 'Namespaced',
      names: {
        kind: 'Lamp',
        listKind: 'LampList',
        plural: 'lamps',
        singular: 'lamp',
        shortNames: ['l'],
        categories: ['streamspace'],
      },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [{ name: 'Watts', type: 'integer', jsonPath: '.spec.watts' }],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: 'A light.',
              required: ['spec'],
              properties: {
                apiVersion: { type: 'string', description: '`streamspace.io/v1alpha1`' },
                kind: { type: 'string', description: '`Lamp`' },
                metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 253 } } },
                spec: {
                  type: 'object',
                  description: 'What is wanted.',
                  required: ['name'],
                  properties: {
                    name: {
                      type: 'string',
                      maxLength: 9,
                      // The pattern comes as a rule, so that its words are what the API server answers with.
                      'x-kubernetes-validations': [
                        { rule: 'self.matches("^a\\"b$")', message: 'write a"b' },
                        { rule: 'self == oldSelf', message: 'it stays' },
                      ],
                    },
                    watts: { type: 'integer', format: 'int64', minimum: 1, maximum: 100, default: 40, description: 'Power.' },
                    size: { type: 'string', maxLength: 9 },
                  },
                  'x-kubernetes-validations': [{ rule: 'self.watts < 90', message: 'too bright', fieldPath: '.watts' }],
                },
                status: {
                  type: 'object',
                  description: 'What is so; written by the controller.',
                  properties: { on: { type: 'boolean' } },
                },
              },
            },
          },
        },
      ],
    },
  });
});

describe.each(KINDS.map((kind) => [kind.kind, kind] as const))('%s', (_name, kind) => {
  test('shows Ready or a phase, and its age last', () => {
    expect(kind.columns.at(-1)).toMatchObject({ name: 'Age', type: 'date' });
  });
  test('has names that no other kind has', () => {
    const names = [kind.plural, kind.singular, ...kind.shortNames];
    const others = KINDS.filter((other) => other !== kind).flatMap((other) => [
      other.plural,
      other.singular,
      ...other.shortNames,
    ]);
    expect(names.filter((name) => others.includes(name))).toEqual([]);
  });
});
