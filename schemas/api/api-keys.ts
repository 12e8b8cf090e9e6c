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

/** A key is told of when it has less than each of these left. */
export const EXPIRY_WARNING_DAYS = [7, 1] as const;
const DAY_MS = 24 * 3_600_000;

/** The shortest of {@link EXPIRY_WARNING_DAYS} that a key has no more than; null: longer, or over. */
export function expiresWithin(expiresAt: Date, now: Date): (typeof EXPIRY_WARNING_DAYS)[number] | null {
  const leftMs = expiresAt.getTime() - now.getTime();
  if (leftMs <= 0) return null;
  return EXPIRY_WARNING_DAYS.findLast((days) => leftMs <= days * DAY_MS) ?? null;
}

export const apiKeyRotate = z.object({
  expiresInDays: z
    .int()
    .min(1)
    .max(365)
    .optional()
    .describe('Left out: as long as the old one was made for, or less where a policy says so.'),
  graceHours: z.int().min(0).max(168).default(24).describe('How long the old key goes on: it never gets longer than it had.'),
});
export type ApiKeyRotate = z.output<typeof apiKeyRotate>;

export const apiKeyView = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  createdAt: time,
  expiresAt: time,
  expiresWithinDays: z
    .literal(EXPIRY_WARNING_DAYS)
    .nullable()
    .describe('1 or 7 where it ends within as many days; null: it lasts longer, or has ended.'),
  lastUsedAt: time.nullable(),
  scopes: z.array(apiKeyScope),
  addresses: z.array(z.string()),
  replacedBy: z.string().nullable().describe('The id of the key that took its place.'),
});
export type ApiKeyView = z.infer<typeof apiKeyView>;

/** The key itself, shown once. */
export const apiKeyCreated = apiKeyView.extend({ key: z.string() });
export const apiKeyRotated = apiKeyCreated.extend({ oldExpiresAt: time.describe('When the old key ends.') });
export type ApiKeyRotated = z.infer<typeof apiKeyRotated>;
