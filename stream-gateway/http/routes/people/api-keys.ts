// The person's own API keys.
import * as z from 'zod';
import { apiKeyCreate, apiKeyCreated, apiKeyRotate, apiKeyRotated, apiKeyView } from '../../../../schemas/api/api-keys.ts';
import { StreamSpaceError } from '../../../../schemas/errors.ts';
import type { Identity } from '../../../auth/identity.ts';
import { KeyIssuer, type KeyIssuerPorts } from '../../../auth/keys/issue-keys.ts';
import { deleteApiKey, listApiKeys } from '../../../store/api-keys.ts';
import { type Route, route } from '../../route.ts';
import { endOf, issuedAnswer, keyId, presentApiKey, requireIssuer, rotatedAnswer } from './api-key-parts.ts';

export type ApiKeyPorts = KeyIssuerPorts;

const byId = z.object({ id: keyId });

export function apiKeyRoutes(ports: ApiKeyPorts): readonly Route[] {
  const { db, now } = ports;
  const issuer = new KeyIssuer(ports);
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
        return { status: 200, body: { items: keys.map((key) => presentApiKey(key, now())) } };
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
      async handle({ person, identity, body, sourceAddress }) {
        requireIssuer(identity);
        const order = { owner: person, by: person, address: sourceAddress, until: endOf(identity) };
        return issuedAnswer(await issuer.create(order, body), now());
      },
    }),
    route({
      method: 'post',
      path: '/me/api-keys/{id}/rotate',
      operationId: 'rotateApiKey',
      summary:
        'Replaces a key by one with the same name and rights; the old one goes on for the grace time. Shown for the only time.',
      tag: 'Me',
      params: byId,
      body: { name: 'ApiKeyRotate', schema: apiKeyRotate },
      responses: { 201: { name: 'ApiKeyRotated', schema: apiKeyRotated } },
      audit: 'apikey.rotated',
      object: ({ id }) => `ApiKey/${id}`,
      async handle({ person, identity, params: { id }, body, sourceAddress }) {
        // A key may replace itself by one that lasts as long as it did: it comes to no right that it had not.
        const itself = isItself(identity, id);
        if (!itself) requireIssuer(identity);
        const order = { owner: person, by: person, address: sourceAddress, until: itself ? undefined : endOf(identity), itself };
        const rotated = await issuer.rotate(order, id, body);
        return rotatedAnswer(rotated, id, now());
      },
    }),
    route({
      method: 'delete',
      path: '/me/api-keys/{id}',
      operationId: 'revokeApiKey',
      summary: 'Revokes a key at once.',
      tag: 'Me',
      params: byId,
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

function isItself(identity: Identity, id: string): boolean {
  return identity.via === 'api-key' && identity.credential === `api-key:${id}`;
}
