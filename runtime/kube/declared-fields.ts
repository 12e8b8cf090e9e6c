// What one field manager has set of an object, without the defaults that the API server filled in. Pure.
// The sets are FieldsV1 of `metadata.managedFields` (Kubernetes: Server-Side Apply, structured-merge-diff).
import { isDeepStrictEqual } from 'node:util';
import type { ObjectMeta } from '../../schemas/kinds/kind.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * The field `name` at the top of the object, such as `spec`, as the manager applied it.
 * @returns undefined where the manager has applied nothing of it
 */
export function declaredFields(
  object: { readonly metadata: Pick<ObjectMeta, 'managedFields'> },
  name: string,
  manager: string,
): unknown {
  const entry = (object.metadata.managedFields ?? [])
    .filter(isRecord)
    .find((each) => each['manager'] === manager && each['operation'] === 'Apply' && each['subresource'] === undefined);
  const fields = isRecord(entry?.['fieldsV1']) ? entry['fieldsV1'][`f:${name}`] : undefined;
  return fields === undefined ? undefined : within((object as unknown as Json)[name], fields);
}

/** A set that ends owns everything below: a text, an atomic list or mapping. */
function within(value: unknown, fields: unknown): unknown {
  if (!isRecord(fields)) return value;
  const keys = Object.keys(fields).filter((key) => key !== '.');
  if (keys.length === 0) return Object.hasOwn(fields, '.') ? emptyLike(value) : value;
  if (Array.isArray(value))
    return value.flatMap((item: unknown) => {
      const key = keys.find((each) => isItem(each, item));
      return key === undefined ? [] : [within(item, fields[key])];
    });
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => Object.hasOwn(fields, `f:${key}`))
      .map(([key, below]) => [key, within(below, fields[`f:${key}`])]),
  );
}

function emptyLike(value: unknown): unknown {
  if (Array.isArray(value)) return [];
  return isRecord(value) ? {} : value;
}

/** `k:{"name":"web"}` is the item with these keys, `v:"text"` the item itself. */
function isItem(key: string, item: unknown): boolean {
  const wanted: unknown = key.startsWith('k:') || key.startsWith('v:') ? parsed(key.slice(2)) : undefined;
  if (key.startsWith('v:')) return isDeepStrictEqual(wanted, item);
  return isRecord(wanted) && isRecord(item) && Object.entries(wanted).every(([name, text]) => item[name] === text);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
