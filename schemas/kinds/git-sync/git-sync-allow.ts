// What a GitSync may touch, narrower than the rights of its service account.
import * as z from 'zod';

const pattern = z.string().min(1).max(253);

export const gitSyncAllow = z.object({
  kinds: z
    .array(pattern.describe('`Kind` in any group, or `group/Kind` (`core` for the core group); `*` stands for any text.'))
    .max(128)
    .optional()
    .describe('The kinds, such as `ConfigMap`, `apps/Deployment`, `*.example.com/*`. Left out: every kind.'),
  namespaces: z
    .array(pattern.describe('A namespace; `*` stands for any text.'))
    .max(128)
    .optional()
    .describe('The namespaces. Left out: every namespace.'),
  clusterScoped: z.boolean().default(false).describe('Whether objects without a namespace are let through.'),
});

export type GitSyncAllow = z.infer<typeof gitSyncAllow>;
