// What rules about health read of an object. Pure.
import { at, isJsonObject, type JsonObject, type JsonValue, textAt } from '../render/yaml/json.ts';

export interface Health {
  /** `Unknown`: a rule of the GitSync for this kind cannot be used. */
  readonly state: 'Current' | 'InProgress' | 'Failed' | 'Terminating' | 'NotFound' | 'Unknown';
  /** Why it is not `Current`; empty when it is. */
  readonly message: string;
}

export type HealthRule = (object: JsonObject) => Health;

export const CURRENT: Health = { state: 'Current', message: '' };
export const progress = (message: string): Health => ({ state: 'InProgress', message });
export const failed = (message: string): Health => ({ state: 'Failed', message });

export interface ConditionView {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** What a condition says of an older generation of the object, it no longer says (Gateway API). */
export function condition(object: JsonObject, type: string): ConditionView | undefined {
  const list = at(object, 'status', 'conditions');
  if (!Array.isArray(list)) return undefined;
  const found = (list as readonly JsonValue[]).find((each) => isJsonObject(each) && each['type'] === type);
  if (found === undefined) return undefined;
  const observed = at(found, 'observedGeneration');
  const generation = at(object, 'metadata', 'generation');
  if (typeof observed === 'number' && generation !== undefined && observed !== generation)
    return { status: 'Unknown', reason: '', message: 'its controller has not seen the change yet' };
  return {
    status: textAt(found, 'status') ?? '',
    reason: textAt(found, 'reason') ?? '',
    message: textAt(found, 'message') ?? '',
  };
}

/** The condition in the words of its controller: its message, else its reason. */
export function wordsOf({ message, reason }: ConditionView, otherwise: string): string {
  return message !== '' ? message : reason !== '' ? reason : otherwise;
}

export function count(object: JsonObject, ...path: readonly string[]): number {
  const value = at(object, ...path);
  return typeof value === 'number' ? value : 0;
}
