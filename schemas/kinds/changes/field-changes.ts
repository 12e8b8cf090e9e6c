// The field changes that make one value of another, as few and as small as a person would make them. Pure.
import { sameValue } from '../../same-value.ts';
import type { FieldChange } from './change-edit.ts';
import { formatChangePath, type PathSegment } from './change-path.ts';

type Json = Readonly<Record<string, unknown>>;

/** Items of a list that have one of these, each a text of its own, are told apart by it. */
const ITEM_KEYS: readonly (readonly string[])[] = [
  ['name'],
  ['user'],
  ['group'],
  ['id'],
  ['subject', 'team'],
  ['subject', 'user'],
];

/**
 * Each says what it was, so that what somebody else changed meanwhile is a conflict and not overwritten.
 * @param at where both stand, such as `spec`
 */
export function fieldChanges(before: unknown, after: unknown, at: readonly PathSegment[]): readonly FieldChange[] {
  if (sameValue(before, after)) return [];
  if (isRecord(before) && isRecord(after)) return fieldsOf(before, after, at);
  if (Array.isArray(before) && Array.isArray(after)) {
    const items = itemsOf(before, after, at);
    if (items !== undefined) return items;
  }
  return [set(at, after, before)];
}

function fieldsOf(before: Json, after: Json, at: readonly PathSegment[]): readonly FieldChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    const path = [...at, { kind: 'field', name } as const];
    const was = own(before, name);
    const is = own(after, name);
    if (is === undefined) return was === undefined ? [] : [removal(path, was)];
    return was === undefined ? [set(path, is, null)] : fieldChanges(was, is, path);
  });
}

/** Undefined: the items cannot be told apart, or their order has changed; then the list is set as a whole. */
function itemsOf(
  before: readonly unknown[],
  after: readonly unknown[],
  at: readonly PathSegment[],
): readonly FieldChange[] | undefined {
  const key = ITEM_KEYS.find((each) => before.length > 0 && [before, after].every((list) => tellsApart(list, each)));
  if (key === undefined) return undefined;
  const [olds, news] = [before, after].map((list) => list.map((item) => textBelow(item, key) ?? '')) as [string[], string[]];
  const kept = olds.filter((name) => news.includes(name));
  // What stays, stays in its order; what is new is behind it.
  const added = news.slice(kept.length);
  if (!sameValue(kept, news.slice(0, kept.length)) || added.some((name) => olds.includes(name))) return undefined;
  const pathOf = (value: string): readonly PathSegment[] => [...at, { kind: 'item', key, value }];
  const itemIn = (list: readonly unknown[], names: readonly string[], name: string): unknown => list[names.indexOf(name)];
  return [
    ...kept.flatMap((name) => fieldChanges(itemIn(before, olds, name), itemIn(after, news, name), pathOf(name))),
    ...olds.filter((name) => !kept.includes(name)).map((name) => removal(pathOf(name), itemIn(before, olds, name))),
    ...added.map((name) => set([...at, { kind: 'append' }], itemIn(after, news, name))),
  ];
}

function tellsApart(list: readonly unknown[], key: readonly string[]): boolean {
  const names = list.map((item) => textBelow(item, key));
  return names.every((name) => name !== undefined && name !== '' && !name.includes('\n')) && new Set(names).size === list.length;
}

function textBelow(value: unknown, key: readonly string[]): string | undefined {
  let found: unknown = value;
  for (const name of key) found = isRecord(found) ? own(found, name) : undefined;
  return typeof found === 'string' ? found : undefined;
}

function set(at: readonly PathSegment[], value: unknown, was?: unknown): FieldChange {
  return {
    ...{ op: 'Set', path: formatChangePath(at), value: JSON.stringify(value) },
    ...(was === undefined ? {} : { was: JSON.stringify(was) }),
  };
}

function removal(at: readonly PathSegment[], was: unknown): FieldChange {
  return { op: 'Remove', path: formatChangePath(at), was: JSON.stringify(was) };
}

function own(value: Json, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
