// Whether and how change requests are written to the repository of a GitSync.
import * as z from 'zod';
import { dnsLabel, duration } from '../kind.ts';

const BRANCH_PREFIX = /^[A-Za-z0-9][\w./-]*\/$/;

export const gitSyncChanges = z.object({
  secretRef: z
    .object({ name: dnsLabel.describe('Name of the Secret.') })
    .describe(
      'A Secret in the same namespace with credentials that may push; its keys are those of `credentialsRef`. Another one than that, so that reading and writing are two rights.',
    ),
  branchPrefix: z
    .string()
    .min(2)
    .max(128)
    .regex(BRANCH_PREFIX, 'write the beginning of a branch name that ends with /')
    .default('streamspace/change/')
    .describe('How the branches of change requests begin. What is below belongs to the controller.'),
  requireApprovals: z
    .int()
    .min(0)
    .max(10)
    .default(1)
    .describe(
      'How many people have to approve, besides whoever asked. 0: what somebody asks for who may approve is merged at once; everybody else needs one approval.',
    ),
  expireAfter: duration.default('720h').describe('After this time a change request that is not merged ends.'),
});
export type GitSyncChanges = z.infer<typeof gitSyncChanges>;
