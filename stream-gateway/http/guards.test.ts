import { expect, test } from 'vitest';
import { createGuards, passGuards } from './guards.ts';
import type { RequestFacts } from './request-facts.ts';

const guards = createGuards({
  publicOrigins: ['https://desktops.example.com'],
  draining: () => false,
  limit: () => undefined,
});

async function outcome(more: Partial<RequestFacts>, origin: string | undefined = 'https://idp.example'): Promise<unknown> {
  const facts = {
    kind: 'request',
    method: 'POST',
    path: '/',
    sourceAddress: '127.0.0.1',
    requestId: 'a',
    headers: { origin },
  } as const;
  return await passGuards(guards, { ...facts, ...more }).then(
    () => 'passes',
    (error: { readonly code?: unknown }) => error.code,
  );
}

test.each([
  ['/auth/saml/partners/acs', 'passes'],
  ['/auth/saml/partners/logout', 'passes'],
  ['/auth/saml/partners/finish', 'OriginForbidden'],
  ['/auth/saml/partners/acs/', 'OriginForbidden'],
  ['/auth/saml/a/b/acs', 'OriginForbidden'],
  ['/auth/saml/acs', 'OriginForbidden'],
  ['/auth/sign-out', 'OriginForbidden'],
  ['/auth/password', 'OriginForbidden'],
  ['/api/v1/auth/saml/partners/acs', 'OriginForbidden'],
])('a form that a page of another site sends to %s: %s', async (path, expected) => {
  expect(await outcome({ path })).toBe(expected);
  // A page that keeps its origin to itself.
  expect(await outcome({ path }, 'null')).toBe(expected);
});

test('the addresses that take forms of other sites take nothing else from there', async () => {
  const path = '/auth/saml/partners/acs';
  expect(await outcome({ path, method: 'PUT' })).toBe('OriginForbidden');
  expect(await outcome({ path, kind: 'upgrade', method: 'GET' })).toBe('OriginForbidden');
});
