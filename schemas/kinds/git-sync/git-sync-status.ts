// What a GitSync tells: what is applied, what was tried, what is wrong, and what it does now.
import * as z from 'zod';
import { gitSyncOperation } from '../../sync-operation.ts';
import { conditions, observedGeneration, time } from '../kind.ts';
import { commitId } from './commit-id.ts';
import { gitSyncVerified } from './git-sync-verify.ts';
import { orphansStatus } from './orphans.ts';

/** Left out where the file has one document alone. */
const documentOf = z.int().min(1).max(10000000).optional().describe('Document of that file, from 1, where it has several.');

/** One line of the plan as it stands in the status; the whole plan is printed by `streamspace plan`. */
export const plannedChange = z.object({
  action: z.enum(['create', 'configure', 'replace', 'unchanged', 'delete', 'skip', 'blocked']).describe('What happens to it.'),
  object: z.string().max(1024).describe('`group/kind/namespace/name`'),
  file: z.string().max(1024).optional().describe('Where it stands in Git.'),
  line: z.int().min(1).max(10000000).optional().describe('Line in that file, from 1.'),
  document: documentOf,
  reason: z.string().max(4096).optional().describe('Why.'),
});

export const gitSyncStatus = z.object({
  observedGeneration: observedGeneration.optional(),
  conditions: conditions.optional(),
  revision: commitId.optional().describe('The commit that is applied.'),
  source: z
    .object({
      url: z.string().max(2048).describe('The repository.'),
      ref: z
        .string()
        .max(300)
        .describe('`branch main`, `tag v1.2.3` or `commit ...`; of a range of versions the tag that it chose.'),
    })
    .optional()
    .describe('Where `revision` came from.'),
  attempted: commitId.optional().describe('The commit of the last attempt, good or not.'),
  commit: z
    .object({
      author: z.string().max(256).describe('Who wrote it.'),
      message: z.string().max(1024).describe('First line.'),
      time: time.describe('When it was committed.'),
    })
    .optional()
    .describe('The commit of `attempted`.'),
  verified: gitSyncVerified.optional().describe('The last revision whose signatures were found good.'),
  health: z.enum(['Healthy', 'Progressing', 'Degraded', 'Unknown']).optional().describe('The worst health of all its objects.'),
  objects: z.int().min(0).max(1000000).optional().describe('How many objects the inventory holds.'),
  inventoryRef: z
    .object({
      name: z.string().max(253).describe('Name of the first.'),
      shards: z.int().min(0).max(1000).describe('How many there are.'),
    })
    .optional()
    .describe('ConfigMaps that hold the inventory, compressed.'),
  units: z
    .array(
      z.object({
        name: z.string().max(63).describe('Its name in `spec.units`.'),
        path: z.string().max(1024).describe('Its folder.'),
        tree: z.string().max(64).optional().describe('The id of the Git tree at its path when it was last looked at.'),
        objects: z.int().min(0).max(1000000).describe('How many objects of the inventory are its own.'),
        revision: z.string().max(40).optional().describe('The commit that it was last applied from.'),
        ready: z.boolean().describe('Rendered and applied as it is at the commit of the last attempt.'),
        problem: z
          .object({
            code: z.string().max(128).describe('A stable code (docs/reference/errors.md).'),
            message: z.string().max(512).describe('What is wrong, for people.'),
            file: z.string().max(1024).optional().describe('Where it stands in Git.'),
            line: z.int().min(1).max(10000000).optional().describe('Line in that file, from 1.'),
            document: documentOf,
          })
          .optional()
          .describe('Why it is not ready.'),
      }),
    )
    .max(500)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .optional()
    .describe('Each of `spec.units`; left out without them.'),
  plan: z
    .object({
      revision: commitId.optional().describe('The commit that was planned.'),
      create: z.int().min(0).max(1000000).describe('To be created.'),
      configure: z.int().min(0).max(1000000).describe('To be changed.'),
      replace: z.int().min(0).max(1000000).describe('To be deleted and created anew.'),
      unchanged: z.int().min(0).max(1000000).describe('As Git says already.'),
      delete: z.int().min(0).max(1000000).describe('To be deleted.'),
      skip: z.int().min(0).max(1000000).describe('Left alone on purpose.'),
      blocked: z.int().min(0).max(1000000).describe('What stops the plan.'),
      changes: z.array(plannedChange).max(100).describe('The first 100 that are not `unchanged`.'),
      warnings: z.array(z.string().max(2048).describe('One warning.')).max(20).describe('What does not stop the plan.'),
    })
    .optional()
    .describe('The last plan.'),
  problems: z
    .array(
      z.object({
        code: z.string().max(128).describe('A stable code (docs/reference/errors.md).'),
        message: z.string().max(4096).describe('What is wrong, for people.'),
        object: z.string().max(1024).optional().describe('`group/kind/namespace/name`'),
        file: z.string().max(1024).optional().describe('Where it stands in Git.'),
        line: z.int().min(1).max(10000000).optional().describe('Line in that file, from 1.'),
        document: documentOf,
      }),
    )
    .max(50)
    .optional()
    .describe('What is wrong now, each with its place.'),
  operation: gitSyncOperation.optional(),
  orphans: orphansStatus.optional().describe('What stands in nobody’s Git; only with `spec.orphans.report`.'),
  lastAttemptAt: time.optional().describe('When the last attempt began.'),
  lastSyncAt: time.optional().describe('When everything was last applied.'),
  handledRequest: z.string().max(128).optional().describe('The last value of the annotation that asks for a sync.'),
});
