// A label selector of an object as the text that a list takes. Pure.
import { at, isJsonObject, type JsonValue, textAt } from '../render/yaml/json.ts';

/** `undefined` for one that selects nothing or everything, or that cannot be said as a text. */
export function selectorText(selector: JsonValue | undefined): string | undefined {
  if (!isJsonObject(selector)) return undefined;
  const labels = at(selector, 'matchLabels');
  const expressions = at(selector, 'matchExpressions');
  const parts = [
    ...(isJsonObject(labels) ? Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`) : []),
    ...(Array.isArray(expressions) ? (expressions as readonly JsonValue[]).map(expressionText) : []),
  ];
  return parts.length === 0 || parts.includes('') ? undefined : parts.join(',');
}

function expressionText(expression: JsonValue): string {
  const key = textAt(expression, 'key') ?? '';
  const values = at(expression, 'values');
  const list = Array.isArray(values) ? values.map(String).join(',') : '';
  switch (textAt(expression, 'operator')) {
    case 'In':
      return `${key} in (${list})`;
    case 'NotIn':
      return `${key} notin (${list})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return '';
  }
}
