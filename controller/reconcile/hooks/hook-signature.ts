// What proves that a push hook comes from the forge that was given the secret. Pure.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export const FORGES = ['github', 'gitea', 'gitlab', 'generic'] as const;
export type Forge = (typeof FORGES)[number];

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

interface Proof {
  readonly header: string;
  /** What the header has to say. */
  readonly expected: (secret: string, body: Uint8Array) => string;
  /** Names one delivery; a forge that sends it again says the same. */
  readonly deliveryHeader: string;
}

const PROOFS: Readonly<Record<Forge, Proof>> = {
  github: {
    header: 'x-hub-signature-256',
    expected: (secret, body) => `sha256=${hmac(secret, body)}`,
    deliveryHeader: 'x-github-delivery',
  },
  gitea: { header: 'x-gitea-signature', expected: hmac, deliveryHeader: 'x-gitea-delivery' },
  // GitLab signs nothing: it sends the secret itself.
  gitlab: { header: 'x-gitlab-token', expected: (secret) => secret, deliveryHeader: 'x-gitlab-event-uuid' },
  generic: {
    header: 'x-signature',
    expected: (secret, body) => `sha256=${hmac(secret, body)}`,
    deliveryHeader: 'x-delivery-id',
  },
};

/** In a time that does not tell how much of it was right. */
export function isSigned(forge: Forge, headers: Headers, secret: string, body: Uint8Array): boolean {
  const given = headers[PROOFS[forge].header];
  if (typeof given !== 'string' || secret === '') return false;
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(PROOFS[forge].expected(secret, body)));
}

export function deliveryOf(forge: Forge, headers: Headers): string | undefined {
  const id = headers[PROOFS[forge].deliveryHeader];
  return typeof id === 'string' && id !== '' ? id.slice(0, 128) : undefined;
}

function hmac(secret: string, body: Uint8Array): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}
