// What a key may do, in words and in choices.
import { API_SCOPES, type ApiKeyScope, type ApiKeyView, EVERYTHING } from '../../../../../schemas/api/api-keys.ts';
import { text } from '../../text/text.ts';

export const READ_ONLY: readonly ApiKeyScope[] = API_SCOPES.filter((scope) => scope.endsWith(':read'));

export type Area = keyof typeof text.account.areas;
export const AREAS = Object.keys(text.account.areas) as Area[];
/** Of one area; `write` has `read` in it. */
export type AreaChoice = 'none' | 'read' | 'write';
export type Chosen = Readonly<Partial<Record<Area, AreaChoice>>>;

export function scopesOf(chosen: Chosen): ApiKeyScope[] {
  return AREAS.flatMap((area) => {
    const choice = chosen[area] ?? 'none';
    return choice === 'none' ? [] : [`${area}:${choice}` as const];
  });
}

/** For the list of keys. */
export function mayOf({ scopes, addresses }: Pick<ApiKeyView, 'scopes' | 'addresses'>): string {
  const { account } = text;
  const isReadOnly = scopes.length === READ_ONLY.length && READ_ONLY.every((scope) => scopes.includes(scope));
  const what = scopes.includes(EVERYTHING) ? account.mayAll : isReadOnly ? account.mayRead : scopes.map(inWords).join(', ');
  return addresses.length === 0 ? what : `${what}; ${account.mayFrom(addresses.join(', '))}`;
}

function inWords(scope: ApiKeyScope): string {
  const [name = '', verb] = scope.split(':');
  const area = AREAS.find((known) => known === name);
  if (area === undefined) return scope;
  const { areas, keyRead, keyWrite } = text.account;
  return `${areas[area]} (${verb === 'write' ? keyWrite : keyRead})`;
}
