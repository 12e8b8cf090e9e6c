// S-060: takes the values of a Secret out of what an API server, a webhook or a policy says about it. Pure.
import { at, isJsonObject, type JsonObject, type JsonValue, writeJson } from '../render/yaml/json.ts';

/** Shorter ones are in every sentence, and are no secrets. */
const MIN_LENGTH = 3;
const HIDDEN = '(hidden)';

export function withoutSecretValues(message: string, secret: JsonObject): string {
  const texts = ['data', 'stringData'].flatMap((field) => textsIn(at(secret, field)));
  const forms = new Set(texts.flatMap((text) => [text, decoded(text), encoded(text), JSON.stringify(text).slice(1, -1)]));
  // The longest first: one may be a part of another.
  return [...forms]
    .filter((text) => text.length >= MIN_LENGTH)
    .toSorted((a, b) => b.length - a.length)
    .reduce((left, text) => left.replaceAll(text, HIDDEN), message);
}

/** Numbers and lists have no place in a Secret, but are what the API server complains about. */
function textsIn(value: JsonValue | undefined): readonly string[] {
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return (value as readonly JsonValue[]).flatMap(textsIn);
  return isJsonObject(value) ? Object.values(value).flatMap(textsIn) : [writeJson(value)];
}

function decoded(text: string): string {
  return /^[A-Za-z0-9+/=\s]+$/.test(text) ? Buffer.from(text, 'base64').toString('utf8') : '';
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}
