// What a sync is doing now, as it stands in the status while it goes on.
import * as z from 'zod';

export const SYNC_PHASES = [
  'Resolving',
  'Fetching',
  'Rendering',
  'Validating',
  'Planning',
  'Applying',
  'WaitingForHealth',
  'Pruning',
] as const;
export type SyncPhase = (typeof SYNC_PHASES)[number];

export const gitSyncOperation = z
  .object({
    phase: z.enum(SYNC_PHASES).describe('The stage it is in.'),
    revision: z
      .string()
      .regex(/^[0-9a-f]{40}$/, 'write a full commit id of 40 hexadecimal digits')
      .optional()
      .describe('The commit it works on; left out until the ref is resolved.'),
    startedAt: z.string().meta({ format: 'date-time' }).describe('When the attempt began.'),
    done: z.int().min(0).max(1000000).optional().describe('Objects of this stage that are done.'),
    total: z.int().min(0).max(1000000).optional().describe('Objects of this stage.'),
    waitingFor: z
      .array(z.string().max(1024).describe('`group/kind/namespace/name`'))
      .max(5)
      .optional()
      .describe('Up to five of the objects it waits for.'),
  })
  .describe('What a sync that takes longer than a moment is doing now; gone when it ends.');
export type GitSyncOperation = z.infer<typeof gitSyncOperation>;
