// The fields of a kind as plain JSON Schema: what CRD, editor schema, props and docs page are all made from.
import * as z from 'zod';

/** One field. Only what the kinds use; anything else in a zod schema fails the generator by name. */
export interface Field {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  /** What to write instead, in the words of the zod schema. Editors know this key. */
  readonly patternErrorMessage?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Field;
  readonly properties?: Readonly<Record<string, Field>>;
  readonly required?: readonly string[];
  /** `bytes` or `duration`: the toolkit takes a `Size` or `Duration` too. */
  readonly unit?: 'bytes' | 'duration';
  readonly 'x-kubernetes-validations'?: readonly {
    readonly rule: string;
    readonly message: string;
    readonly fieldPath?: string;
  }[];
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic';
}

const KNOWN_KEYS: ReadonlySet<string> = new Set<keyof Field>([
  'type',
  'description',
  'default',
  'enum',
  'format',
  'pattern',
  'patternErrorMessage',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'items',
  'properties',
  'required',
  'unit',
  'x-kubernetes-validations',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
]);
const TYPES: readonly unknown[] = ['object', 'array', 'string', 'integer', 'boolean'] satisfies readonly Field['type'][];

/** The words that stand at a `.regex(…, 'words')`. */
function patternMessage(schema: z.core.$ZodType): string | undefined {
  for (const check of schema._zod.def.checks ?? []) {
    const def = check._zod.def;
    if (def.check !== 'string_format' || !('format' in def) || def.format !== 'regex') continue;
    const describe = def.error as ((issue: object) => string | { readonly message: string } | null | undefined) | undefined;
    const message = describe?.({ code: 'invalid_format', format: 'regex', input: '', path: [] });
    return typeof message === 'string' ? message : message?.message;
  }
  return undefined;
}

function checked(value: unknown, path: string): Field {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${path}: not a schema`);
  for (const key of Object.keys(value)) {
    if (!KNOWN_KEYS.has(key)) throw new TypeError(`${path}: "${key}" has no counterpart in a CRD`);
  }
  const field = value as Field;
  if (!TYPES.includes(field.type)) throw new TypeError(`${path}: a field needs one plain type`);
  for (const [name, property] of Object.entries(field.properties ?? {})) checked(property, `${path}.${name}`);
  if (field.items !== undefined) checked(field.items, `${path}[]`);
  return field;
}

/**
 * The schema of what a person writes (defaults are optional).
 * @throws TypeError for a zod schema that no structural schema can say, with the field's path
 */
export function fieldOf(schema: z.ZodType, path: string): Field {
  const json: unknown = z.toJSONSchema(schema, {
    io: 'input',
    target: 'openapi-3.0',
    override: ({ zodSchema, jsonSchema }) => {
      if (jsonSchema.pattern === undefined) return;
      jsonSchema.pattern = jsonSchema.pattern.replaceAll('\\/', '/');
      const message = patternMessage(zodSchema);
      if (message !== undefined) jsonSchema['patternErrorMessage'] = message;
    },
  });
  return checked(json, path);
}

/** Every field below, parents first, as `spec.members[].role`. */
export function* fieldsBelow(
  field: Field,
  path: string,
): Generator<{ readonly path: string; readonly field: Field; readonly required: boolean }> {
  for (const [name, property] of Object.entries(field.properties ?? {})) {
    const here = `${path}.${name}`;
    yield { path: here, field: property, required: field.required?.includes(name) ?? false };
    yield* fieldsBelow(property, here);
    if (property.items !== undefined) yield* fieldsBelow(property.items, `${here}[]`);
  }
}
