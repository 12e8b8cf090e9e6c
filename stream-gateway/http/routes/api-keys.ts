// The person's own API keys.
import * as z from 'zod';
import type { Queryable } from '../../../runtime/db/database.ts';
import { type ApiKeyView, apiKeyCreate, apiKeyCreated, apiKeyView, EVERYTHING } from '../../../schemas/api/api-keys.ts';
import { StreamSpaceError } from '../../../schemas/errors.ts';
import type { SignInDecision } from '../../../schemas/kinds/sign-in-rules.ts';
import { BREAK_GLASS_PREFIX } from '../../../schemas/names.ts';
import { apiKeyPrefix } from '../../auth/api-key.ts';
import type { SignInPolicies } from '../../auth/sign-in-policies.ts';
import { type ApiKey, countApiKeys, createApiKey, deleteApiKey, listApiKeys, MAX_API_KEYS } from '../../store/api-keys.ts';
import { requestInvalid } from '../problem.ts';
import { type Route, route } from '../route.ts';

export interface ApiKeyPorts {
  readonly db: Queryable;
  readonly now: () => Date;
  readonly policies: Pick<SignInPolicies, 'decide'>;
}

const DEFAULT_DAYS = 90;
const DAY_MS = 24 * 3_600_000;

export function apiKeyRoutes({ db, now, policies }: ApiKeyPorts): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/me/api-keys',
      operationId: 'listApiKeys',
      summary: "The person's API keys, newest first, without the keys themselves.",
      tag: 'Me',
      responses: { 200: { name: 'ApiKeyList', schema: z.object({ items: z.array(apiKeyView) }) } },
      async handle({ person }) {
        const keys = await listApiKeys(db, person.name);
        return { status: 200, body: { items: keys.map(presentApiKey) } };
      },
    }),
    route({
      method: 'post',
      path: '/me/api-keys',
      operationId: 'createApiKey',
      summary: 'Makes an API key. The answer shows it for the only time.',
      tag: 'Me',
      body: { name: 'ApiKeyCreate', schema: apiKeyCreate },
      responses: { 201: { name: 'ApiKeyCreated', schema: apiKeyCreated } },
      audit: 'apikey.created',
      async handle({ person, identity, body: { name, expiresInDays, scopes, addresses }, sourceAddress }) {
        // Or a key could be had for what this one was narrowed from.
        if (identity.via === 'api-key' && !identity.scopes.includes(EVERYTHING))
          throw new StreamSpaceError('Forbidden', 'an API key with scopes makes no other keys');
        // It would outlive the hour for which the account is good.
        if (person.name.startsWith(BREAK_GLASS_PREFIX))
          throw new StreamSpaceError('Forbidden', 'the break-glass account has no API keys');
        if ((await countApiKeys(db, person.name)) >= MAX_API_KEYS)
          throw new StreamSpaceError('RateLimited', `${person.name} has ${MAX_API_KEYS} API keys; revoke one first`);
        const days = daysOf(policies.decide(person, sourceAddress), expiresInDays);
        const expiresAt = new Date(now().getTime() + days * DAY_MS);
        const { id, key, createdAt } = await createApiKey(db, { owner: person.name, name, expiresAt, scopes, addresses });
        const view = presentApiKey({ id, name, createdAt, expiresAt, lastUsedAt: null, scopes, addresses });
        return {
          status: 201,
          body: { ...view, key },
          audited: {
            object: `ApiKey/${id}`,
            details: { expiresAt: view.expiresAt, scopes: scopes.join(' '), addresses: addresses.join(' ') },
          },
        };
      },
    }),
    route({
      method: 'delete',
      path: '/me/api-keys/{id}',
      operationId: 'revokeApiKey',
      summary: 'Revokes a key at once.',
      tag: 'Me',
      params: z.object({ id: z.string().regex(/^[0-9A-Za-z]{1,64}$/, 'write the id of a key') }),
      responses: { 204: null },
      audit: 'apikey.revoked',
      object: ({ id }) => `ApiKey/${id}`,
      async handle({ person, params: { id } }) {
        if (!(await deleteApiKey(db, person.name, id))) throw new StreamSpaceError('NotFound', `${person.name} has no key ${id}`);
        return { status: 204 };
      },
    }),
  ];
}

/** @throws RequestInvalid for what the policies do not allow */
function daysOf({ keyMaxDays, keyRequireExpiry }: SignInDecision, wished: number | undefined): number {
  if (wished === undefined && keyRequireExpiry) throw refused('the policy wants to be told when a key ends');
  const days = wished ?? Math.min(DEFAULT_DAYS, keyMaxDays ?? DEFAULT_DAYS);
  if (keyMaxDays !== undefined && days > keyMaxDays) throw refused(`the policy lets keys last ${keyMaxDays} days at most`);
  return days;
}

function refused(message: string): StreamSpaceError {
  return requestInvalid(message, [{ path: 'expiresInDays', message }]);
}

export function presentApiKey(key: ApiKey): ApiKeyView {
  return {
    id: key.id,
    name: key.name,
    prefix: apiKeyPrefix(key.id),
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt.toISOString(),
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    scopes: [...key.scopes],
    addresses: [...key.addresses],
  };
}
