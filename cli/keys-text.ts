// API keys as a table for people.
import type { ApiKeyView } from '../schemas/api/api-keys.ts';
import { table, timeText } from './table.ts';

export function keysText(keys: readonly ApiKeyView[], nowMs: number): string {
  return table([
    ['ID', 'NAME', 'MAY', 'FROM', 'LAST USED', 'ENDS', 'STATE'],
    ...keys.map((key) => [
      ...[key.id, key.name, key.scopes.join(','), key.addresses.join(',') || 'everywhere'],
      ...[key.lastUsedAt === null ? 'never' : timeText(key.lastUsedAt), timeText(key.expiresAt), stateOf(key, nowMs)],
    ]),
  ]);
}

function stateOf({ expiresAt, expiresWithinDays, replacedBy }: ApiKeyView, nowMs: number): string {
  if (Date.parse(expiresAt) <= nowMs) return 'ended';
  if (replacedBy !== null) return `replaced by ${replacedBy}`;
  return expiresWithinDays === null ? 'good' : `ends within ${expiresWithinDays === 1 ? 'a day' : `${expiresWithinDays} days`}`;
}
