// The way of a browser through a SAML provider, one step after another: a test may stop, or go another way, at each of them.
import { formIn, type SamlIdp } from './saml-idp.ts';
import type { Visitor } from './visitor.ts';

export interface SamlForm {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

const JSON_WANTED = { accept: 'application/json' };

/** Begins a sign-in. @param query more of the address @returns the form that the provider's page sends by itself */
export async function formOfProvider(visitor: Visitor, provider: string, query = ''): Promise<SamlForm> {
  const begun = await visitor.open(`/auth/sign-in?provider=${provider}&returnTo=/catalog${query}`, { headers: JSON_WANTED });
  const away = begun.headers.get('location');
  if (away === null) throw new Error(`the sign-in answered ${begun.status}: ${await begun.text()}`);
  return formIn(await (await fetch(away)).text());
}

/** As a page of the provider does: without any cookie of ours, from another origin. */
export async function sendForm({ action, fields }: SamlForm, origin = 'http://localhost'): Promise<Response> {
  const body = new URLSearchParams(fields);
  return await fetch(action, { method: 'POST', body, redirect: 'manual', headers: { origin, ...JSON_WANTED } });
}

/** The whole way. @returns our last answer */
export async function signInBySaml(visitor: Visitor, provider: string, query = ''): Promise<Response> {
  const sent = await sendForm(await formOfProvider(visitor, provider, query));
  const location = sent.headers.get('location');
  return location === null ? sent : await visitor.open(location, { headers: JSON_WANTED });
}

/** Of type SAML. */
export function samlSpec({ entityId, ssoUrl, sloUrl, certificate }: SamlIdp, saml: object = {}, more: object = {}): unknown {
  const claimMappings = {
    displayName: 'urn:mace:dir:attribute-def:displayName',
    email: 'urn:mace:dir:attribute-def:mail',
  };
  const own = { entityId, ssoUrl, sloUrl, certificates: [certificate], ...saml };
  return { type: 'SAML', displayName: 'Partners', saml: own, claimMappings, ...more };
}
