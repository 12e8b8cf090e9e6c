import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { KINDS } from '../kinds/all.ts';
import { combinedEditorSchema, editorSchema } from './editor-schema.ts';
import { EXAMPLES } from './outputs.ts';

const ajv = new Ajv({
  allErrors: true,
  strict: true,
  keywords: ['patternErrorMessage'],
  validateFormats: false,
  strictTypes: false,
  strictRequired: false,
});
const combined = ajv.compile(combinedEditorSchema(KINDS));

function example(kind: string): Record<string, unknown> {
  const path = EXAMPLES[kind] ?? '';
  return parse(readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')) as Record<string, unknown>;
}

describe.each(KINDS.map((kind) => [kind.kind, kind] as const))('%s', (name, kind) => {
  const validate = ajv.compile(editorSchema(kind));

  test('accepts the example, alone and combined', () => {
    expect(validate(example(name)), ajv.errorsText(validate.errors)).toBe(true);
    expect(combined(example(name)), ajv.errorsText(combined.errors)).toBe(true);
  });

  test('marks an unknown field, a missing spec and a status', () => {
    const { spec, ...rest } = example(name);
    for (const wrong of [{ ...rest, spec: { ...(spec as object), colour: 'red' } }, rest, { ...rest, spec, status: {} }]) {
      expect(validate(wrong)).toBe(false);
      expect(combined(wrong)).toBe(false);
    }
  });
});

test('of one folder: other groups pass, a kind that our group does not have does not', () => {
  expect(combined({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: {} })).toBe(true);
  expect(combined({ apiVersion: 'example.com/v1', kind: 'Template', metadata: { name: 'a' } })).toBe(true);
  expect(combined({ apiVersion: 'streamspace.io/v1alpha1', kind: 'Tempalte', metadata: { name: 'a' }, spec: {} })).toBe(false);
});
