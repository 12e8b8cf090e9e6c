// Fields that become others as lines of a diff. Pure. Nothing is left out without a word: each line that is cut says what of it is shown, and
// of two long values what is shown is where they differ.
import { memberPath } from '../../plan/differences.ts';
import type { FieldDifference } from '../../plan/plan.ts';
import { isJsonObject, type JsonValue, writeJson } from '../../render/yaml/json.ts';

const MAX_VALUE_CHARACTERS = 4_000;
/** Of what is the same before and behind the difference of two long values. */
const AROUND = 100;
const MAX_PATH_CHARACTERS = 300;

/** One line for each field, however deep: what comes or goes as a whole is as many lines as it has fields. */
export function* differenceLines({ path, before, after }: FieldDifference): Generator<string> {
  if (isScalar(before) && isScalar(after)) {
    const [was, is] = apart(textOf(before), textOf(after));
    yield lineOf('-', path, was);
    yield lineOf('+', path, is);
    return;
  }
  for (const [field, value] of fieldsIn(path, before)) yield lineOf('-', field, cutText(textOf(value)));
  for (const [field, value] of fieldsIn(path, after)) yield lineOf('+', field, cutText(textOf(value)));
}

/** What is longer than a value may be says so. */
export function cutText(text: string): string {
  return cut(text, 0, text.length);
}

function lineOf(sign: '-' | '+', path: string, text: string): string {
  return `${sign} ${shortPath(visible(path))}: ${text}`;
}

function isScalar(value: JsonValue | undefined): value is JsonValue {
  return value !== undefined && (typeof value !== 'object' || value === null);
}

function* fieldsIn(path: string, value: JsonValue | undefined): Generator<readonly [path: string, value: JsonValue]> {
  if (value === undefined) return;
  if (Array.isArray(value) && value.length > 0)
    for (const [index, item] of (value as readonly JsonValue[]).entries()) yield* fieldsIn(`${path}[${index}]`, item);
  else if (isJsonObject(value) && Object.keys(value).length > 0)
    for (const [key, member] of Object.entries(value)) yield* fieldsIn(memberPath(path, key), member);
  else yield [path, value];
}

function textOf(value: JsonValue): string {
  return visible(writeJson(value));
}

/** What nobody sees, or what turns a line around or ends it for some, is written as JSON may write it. */
function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (found) =>
    [...Array(found.length).keys()].map((at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
}

function apart(before: string, after: string): readonly [before: string, after: string] {
  const shorter = Math.min(before.length, after.length);
  let first = 0;
  while (first < shorter && before[first] === after[first]) first += 1;
  let same = 0;
  while (same < shorter - first && before[before.length - 1 - same] === after[after.length - 1 - same]) same += 1;
  const shown = (text: string): string => {
    if (text.length <= MAX_VALUE_CHARACTERS) return text;
    return cut(text, Math.max(0, first - AROUND), Math.min(text.length, text.length - same + AROUND));
  };
  return [shown(before), shown(after)];
}

/** @param to behind it there is nothing to tell */
function cut(text: string, from: number, to: number): string {
  const end = Math.min(to, from + MAX_VALUE_CHARACTERS);
  if (from === 0 && end === text.length) return text;
  const rest = end === to ? 'the rest is the same' : `${to - end} more are not shown`;
  return `${text.slice(from, end)} (characters ${from + 1} to ${end} of ${text.length}; ${rest})`;
}

function shortPath(path: string): string {
  if (path.length <= MAX_PATH_CHARACTERS) return path;
  const half = MAX_PATH_CHARACTERS / 2;
  return `${path.slice(0, half)}…${path.slice(-half)} (${path.length} characters)`;
}
