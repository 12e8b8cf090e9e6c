// The schemas of GitHub's description (OpenAPI 3.0) as JSON Schema for ajv: turned over one by one, when first asked for.
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { at, isRecord } from './json.ts';

/**
 * `closed` refuses fields that the description does not name: a client must not get used to a field that only the double has.
 * Parts of an `allOf` describe one object together, so each of them stays open.
 */
export type Strictness = 'closed' | 'open';

/** Words that say nothing about validity, or that ajv takes for something else. */
const IGNORED = new Set(['description', 'title', 'example', 'examples', 'default', 'discriminator', 'nullable', 'deprecated']);
const LISTS = new Set(['allOf', 'anyOf', 'oneOf']);
const INNER = new Set(['items', 'additionalProperties', 'not']);
const PREFIX = '#/components/schemas/';

export class Schemas {
  readonly #document: unknown;
  readonly #ajv = new Ajv({ strict: false, allErrors: true, logger: false, discriminator: false });
  readonly #compiled = new Map<string, ValidateFunction>();
  readonly #known = new Set<string>();

  constructor(document: unknown) {
    this.#document = document;
    addFormats.default(this.#ajv);
  }

  /** What is wrong with the value, each with its path; `name` is where the schema was found, and decides whether it is known. */
  problems(name: string, schema: unknown, strictness: Strictness, value: unknown): readonly string[] {
    const key = `${strictness}:${name}`;
    const validate = this.#compiled.get(key) ?? this.#ajv.compile(this.#keyword(schema, strictness));
    this.#compiled.set(key, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath || '/'} ${message ?? 'is wrong'} ${JSON.stringify(params)}`,
    );
  }

  #keyword(schema: unknown, strictness: Strictness): Record<string, unknown> {
    const turned = this.#turned(schema, strictness);
    return isRecord(turned) ? turned : {};
  }

  #turned(schema: unknown, strictness: Strictness): unknown {
    if (!isRecord(schema)) return schema;
    const { $ref } = schema;
    if (typeof $ref === 'string') return { $ref: this.#named($ref, strictness) };
    const result: Record<string, unknown> = {};
    for (const [word, value] of Object.entries(schema)) {
      if (IGNORED.has(word)) continue;
      if (word === 'properties' && isRecord(value)) {
        result[word] = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, this.#turned(inner, strictness)]));
      } else if (LISTS.has(word) && Array.isArray(value)) {
        const inner = word === 'allOf' || schema['properties'] !== undefined ? 'open' : strictness;
        result[word] = value.map((each) => this.#turned(each, inner));
      } else result[word] = INNER.has(word) ? this.#turned(value, strictness) : value;
    }
    const whole =
      schema['properties'] !== undefined && schema['additionalProperties'] === undefined && schema['allOf'] === undefined;
    if (strictness === 'closed' && whole) result['additionalProperties'] = false;
    return schema['nullable'] === true ? { anyOf: [{ type: 'null' }, result] } : result;
  }

  #named(ref: string, strictness: Strictness): string {
    const name = ref.slice(PREFIX.length);
    const id = `https://description.invalid/${strictness}/${name}`;
    if (!this.#known.has(id)) {
      this.#known.add(id); // before its inner ones: some refer to themselves
      this.#ajv.addSchema({ ...this.#keyword(at(this.#document, 'components', 'schemas', name), strictness), $id: id });
    }
    return id;
  }
}
