// What is wrong with props, each with its field and what to write instead. The rules and their words are the schema's.
import type * as z from 'zod';

function wordsOf(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined) return `is missing: give ${issue.expected === 'object' ? 'an object' : `a ${issue.expected}`}`;
    return issue.expected === 'int' ? 'write a whole number' : `write a value of type ${issue.expected}`;
  }
  if (issue.code === 'invalid_value') return `write one of ${issue.values.map(String).join(', ')}`;
  const unit = 'origin' in issue && (issue.origin === 'string' || issue.origin === 'array');
  const what = unit ? (issue['origin'] === 'string' ? ' characters' : ' items') : '';
  if (issue.code === 'too_small') return `write ${unit ? '' : 'a number of '}at least ${issue.minimum}${what}`;
  if (issue.code === 'too_big') return `write ${unit ? '' : 'a number of '}at most ${issue.maximum}${what}`;
  return undefined; // the schema's own words, such as those of a pattern
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
}

/** Fields that the schema does not know: parsing leaves them out. Types catch them in an editor, but rendering strips types. */
function unknownFields(given: unknown, parsed: unknown, path: readonly PropertyKey[]): readonly string[] {
  if (typeof given !== 'object' || given === null || typeof parsed !== 'object' || parsed === null) return [];
  const known = new Map<string, unknown>(Object.entries(parsed));
  return Object.entries(given).flatMap(([key, value]) => {
    const here = [...path, Array.isArray(given) ? Number(key) : key];
    return known.has(key) ? unknownFields(value, known.get(key), here) : [`${pathText(here)}: no such field: check its spelling`];
  });
}

/** In the order of the schema; empty when all is well. */
export function problemsOf(schema: z.ZodObject, fields: unknown): readonly string[] {
  const result = schema.safeParse(fields, { error: wordsOf });
  if (result.success) return unknownFields(fields, result.data, []);
  return result.error.issues.map(({ path, message }) => `${path.length === 0 ? 'props' : pathText(path)}: ${message}`);
}
