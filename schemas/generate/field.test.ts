import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { KINDS } from '../kinds/all.ts';
import { fieldOf, fieldsBelow } from './field.ts';

describe('fieldOf', () => {
  test('keeps the words of a pattern, and the pattern without needless escapes', () => {
    const schema = z.object({
      url: z
        .string()
        .regex(/^https:\/\/x$/, 'write an https URL')
        .optional(),
    });
    expect(fieldOf(schema, 'spec').properties).toEqual({
      url: { type: 'string', pattern: '^https://x$', patternErrorMessage: 'write an https URL' },
    });
  });

  test.each([
    ['a union', z.object({ port: z.union([z.int(), z.string()]) }), /"anyOf"|one plain type/],
    ['a fraction', z.object({ share: z.number() }), /spec\.share: a field needs one plain type/],
    [
      'a map of anything',
      z.object({ labels: z.record(z.string(), z.string()) }),
      /spec\.labels: "additionalProperties"|propertyNames/,
    ],
    ['a shape below a list', z.object({ items: z.array(z.object({ any: z.unknown() })) }), /spec\.items\[\]\.any/],
  ])('refuses %s, with its path', (_what, schema, words) => {
    expect(() => fieldOf(schema, 'spec')).toThrow(words);
  });
});

describe('the kinds', () => {
  const fields = KINDS.flatMap((kind) =>
    (['spec', 'status'] as const).flatMap((part) =>
      [...fieldsBelow(fieldOf(kind[part], part), part)].map((each) => ({ ...each, name: `${kind.kind} ${each.path}` })),
    ),
  );

  test('every field has a sentence', () => {
    expect(fields.filter(({ field }) => (field.description ?? '') === '').map(({ name }) => name)).toEqual([]);
  });

  // The API server estimates what a rule costs at worst; without a limit that is too much for any rule.
  test('every text that a person writes and every list has a limit', () => {
    const open = fields.filter(({ path, field }) =>
      field.type === 'array'
        ? field.maxItems === undefined
        : field.type === 'string' &&
          path.startsWith('spec') &&
          field.enum === undefined &&
          field.maxLength === undefined &&
          field.pattern === undefined,
    );
    expect(open.map(({ name }) => name)).toEqual([]);
  });

  test('every pattern says what to write instead', () => {
    const mute = fields.filter(({ field }) => field.pattern !== undefined && field.patternErrorMessage === undefined);
    expect(mute.map(({ name }) => name)).toEqual([]);
  });

  // The API server fills defaults from outside in: one that it puts in must be whole.
  test('a default of an object gives every default inside it', () => {
    for (const { name, field } of fields.filter((each) => each.field.type === 'object' && each.field.default !== undefined)) {
      const inner = Object.entries(field.properties ?? {}).filter(([, property]) => property.default !== undefined);
      expect(field.default, name).toMatchObject(Object.fromEntries(inner.map(([key, property]) => [key, property.default])));
    }
  });
});
