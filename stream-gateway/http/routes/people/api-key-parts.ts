// What routes about API keys have in common, whoever owns the key.
import * as z from 'zod';
import { type ApiKeyView, EVERYTHING, expiresWithin } from '../../../../schemas/api/api-keys.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import { BREAK_GLASS_PREFIX, MACHINE_PREFIX } from '../../../../schemas/names.ts';
import type { Identity } from '../../../auth/identity.ts';
import { apiKeyPrefix } from '../../../auth/keys/api-key.ts';
import type { IssuedKey, RotatedKey } from '../../../auth/keys/issue-keys.ts';
import type { ApiKey } from '../../../store/api-keys.ts';
import type { Answer } from '../../route.ts';

export const keyId = z.string().regex(/^[0-9A-Za-z]{1,64}$/, 'write the id of a key');

export function presentApiKey(key: ApiKey, now: Date): ApiKeyView {
  return {
    id: key.id,
    name: key.name,
    prefix: apiKeyPrefix(key.id),
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt.toISOString(),
    expiresWithinDays: expiresWithin(key.expiresAt, now),
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    scopes: [...key.scopes],
    addresses: [...key.addresses],
    replacedBy: key.replacedBy,
  };
}

/**
 * Who may make keys at all, for himself or for a machine that he looks after.
 * @throws StreamSpaceError `Forbidden`
 */
export function requireIssuer(identity: Identity): void {
  const { name } = identity.person;
  // Or a key could be had for what this one was narrowed from.
  if (identity.via === 'api-key' && (!identity.scopes.includes(EVERYTHING) || identity.addresses.length > 0))
    throw new StreamSpaceError('Forbidden', 'an API key with scopes or addresses makes no other keys');
  // It would outlive the hour for which the account is good.
  if (name.startsWith(BREAK_GLASS_PREFIX)) throw new StreamSpaceError('Forbidden', 'the break-glass account has no API keys');
  // Whoever has got hold of a pipeline would stay after it was repaired.
  if (name.startsWith(MACHINE_PREFIX))
    throw new StreamSpaceError('Forbidden', 'a machine makes no API keys: an admin of its team does');
}

/** A key that is asked for with a key ends with it at the latest: or whoever has found one for a day has one for a year. */
export function endOf(identity: Identity): Date | undefined {
  return identity.via === 'api-key' ? identity.expiresAt : undefined;
}

/** @param onBehalfOf the machine that it is for */
export function issuedAnswer({ view, key }: IssuedKey, now: Date, onBehalfOf?: string): Answer {
  const { id, expiresAt, scopes, addresses } = view;
  const details = { expiresAt: expiresAt.toISOString(), scopes: scopes.join(' '), addresses: addresses.join(' ') };
  return {
    status: 201,
    body: { ...presentApiKey(view, now), key },
    audited: { object: `ApiKey/${id}`, details: { ...details, ...forMachine(onBehalfOf) } },
  };
}

/** The event is about the old key. */
export function rotatedAnswer({ view, key, oldExpiresAt }: RotatedKey, old: string, now: Date, onBehalfOf?: string): Answer {
  const details = { by: view.id, oldExpiresAt: oldExpiresAt.toISOString(), expiresAt: view.expiresAt.toISOString() };
  return {
    status: 201,
    body: { ...presentApiKey(view, now), key, oldExpiresAt: oldExpiresAt.toISOString() },
    audited: { object: `ApiKey/${old}`, details: { ...details, ...forMachine(onBehalfOf) } },
  };
}

export function forMachine(onBehalfOf: string | undefined): { readonly onBehalfOf?: string } {
  return onBehalfOf === undefined ? {} : { onBehalfOf };
}
