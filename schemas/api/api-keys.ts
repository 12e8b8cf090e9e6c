// API keys as the API shows them, and what a key may be narrowed to.
import * as z from 'zod';

const time = z.iso.datetime({ offset: true });

/** What routes are about; each route belongs to one. */
export const API_AREAS = [
  'access',
  'audit',
  'changes',
  'consoles',
  'files',
  'git',
  'me',
  'meta',
  'people',
  'recordings',
  'sessions',
  'sharing',
  'streams',
  'templates',
] as const;
export type ApiArea = (typeof API_AREAS)[number];

/** `write` has `read` in it. */
export type ApiScope = `${ApiArea}:${'read' | 'write'}`;

/** All but what is open to everybody. */
export const API_SCOPES: readonly ApiScope[] = API_AREAS.filter((area) => area !== 'meta').flatMap((area) => [
  `${area}:read` as const,
  `${area}:write` as const,
]);

/** Everything that its owner may. */
export const EVERYTHING = '*';
export const apiKeyScope = z.enum([EVERYTHING, ...API_SCOPES]);
export type ApiKeyScope = z.infer<typeof apiKeyScope>;

/** An address or a range in CIDR notation (RFC 4632, RFC 4291). */
const addressRange = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

export const apiKeyCreate = z.object({
  name: z.string().min(1).max(80),
  expiresInDays: z.int().min(1).max(365).optional().describe('Left out: 90, or less where a policy says so.'),
  scopes: z
    .array(apiKeyScope)
    .min(1)
    .max(API_SCOPES.length)
    .default([EVERYTHING])
    .describe('What the key may do of what its owner may at the time of use; `*` is everything.'),
  addresses: z.array(addressRange).max(20).default([]).describe('From where it may be used; none is from everywhere.'),
});
export type ApiKeyCreate = z.input<typeof apiKeyCreate>;

export const apiKeyView = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  createdAt: time,
  expiresAt: time,
  lastUsedAt: time.nullable(),
  scopes: z.array(apiKeyScope),
  addresses: z.array(z.string()),
});
export type ApiKeyView = z.infer<typeof apiKeyView>;

/** The key itself, shown once. */
export const apiKeyCreated = apiKeyView.extend({ key: z.string() });
